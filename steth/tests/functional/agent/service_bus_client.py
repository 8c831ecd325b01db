# SPDX-License-Identifier: Apache-2.0
"""What a controller does on the bus, well and badly, for the tests.

``python -m … CONFIG COMMAND ARGUMENT…`` prints JSON.
"""

import json
import sys
import threading
import time
from typing import Any
import uuid

import amqp
from oslo_config import cfg

from steth.conf import load
from steth.rpc import bus
from steth.rpc import contract

# isort: split
# Not before steth.rpc.bus, which keeps down what comes with it.
import oslo_messaging


class Ear:
    """Hears agents announce themselves."""

    target = bus.endpoint_target(contract.DISCOVERY_NAMESPACE)

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.first = threading.Event()

    def announced(self, _context: object, agent: Any) -> None:
        self.heard.append(agent)
        self.first.set()


def discover(conf: cfg.ConfigOpts, times: str) -> Any:
    """Search for agents, so many times."""
    transport = bus.get_transport(conf)
    topic = contract.CONTROLLER_TOPIC_PREFIX + uuid.uuid4().hex
    ear = Ear()
    server = oslo_messaging.get_rpc_server(
        transport, bus.server_target(topic, "test"), [ear]
    )
    server.start()
    for _ in range(int(times)):
        _cast(transport, topic)
    ear.first.wait(10)
    if int(times) > 1:
        time.sleep(2)
    return ear.heard


def announce(conf: cfg.ConfigOpts, topic: str) -> Any:
    """Search for agents with a topic of one's choice."""
    _cast(bus.get_transport(conf), topic)
    return None


def _cast(transport: oslo_messaging.Transport, topic: str) -> None:
    bus.get_client(
        transport, contract.TOPIC, contract.DISCOVERY_NAMESPACE
    ).prepare(fanout=True).cast({}, "announce", topic=topic)


def call(
    conf: cfg.ConfigOpts,
    operation: str,
    arguments: str,
    version: str = contract.VERSION,
) -> Any:
    """Call an operation of agent h1; tell what came or was raised."""
    namespace, _, method = operation.partition(".")
    client = bus.get_client(
        bus.get_transport(conf), contract.TOPIC, namespace
    ).prepare(server="h1", version=version, timeout=20)
    try:
        return client.call({}, method, **json.loads(arguments))
    except oslo_messaging.RemoteError as error:
        return {"raised": error.exc_type}
    except oslo_messaging.MessageUndeliverable:
        return {"raised": "MessageUndeliverable"}


def look(conf: cfg.ConfigOpts) -> Any:
    """Look at the bus."""
    state = bus.look(conf, 2.0)
    return {"problem": state.problem, "agents": state.agents}


def garbage(conf: cfg.ConfigOpts) -> Any:
    """Send what is no message, or one made to hurt."""
    host = oslo_messaging.TransportURL.parse(conf).hosts[0]
    deep = json.dumps({"oslo.version": "2.0", "oslo.message": "X"})
    with amqp.Connection(
        f"{host.hostname}:{host.port}", host.username, host.password
    ) as connection:
        for body in (
            "",
            "{",
            "[]",
            "null",
            deep.replace('"X"', json.dumps("[" * 200_000)),
            deep.replace('"X"', "[" * 200_000),
            json.dumps({"oslo.version": "2.0", "oslo.message": "{}"}),
        ):
            connection.channel().basic_publish(
                amqp.Message(
                    body,
                    content_type="application/json",
                    content_encoding="utf-8",
                ),
                exchange="steth",
                routing_key="steth-agent.h1",
            )
    return None


def main(config: str, command: str, *arguments: str) -> int:
    """Do one thing; return the exit code."""
    bus.register(cfg.CONF)
    conf = load.load([config], libraries=bus.options())
    done: Any = globals()[command](conf, *arguments)
    print(json.dumps(done), flush=True)  # noqa: T201 - the test reads it
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
