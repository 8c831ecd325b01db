# SPDX-License-Identifier: Apache-2.0
"""Runs an operation as the agent does, in a process of its own.

Called with NAME REQUEST [WAY [COPIES]] it prints the replies, one a line.
REQUEST is the JSON of the arguments. WAY is how the privileged processes
start: ``fork`` as in an agent that is root, ``restart`` as well, but they are
killed first; anything else is the helper program of an agent that is not root.
SIGTERM ends it as it ends an agent.
"""

from concurrent import futures
import importlib
import json
import os
import signal
import sys
import threading
import time
from typing import Any

from oslo_config import cfg
import psutil

from steth.rpc import contract
from steth.rpc import errors

_DEADLINE = 10.0


def main(
    name: str, arguments: str, way: str = "fork", copies: str = "1"
) -> int:
    """Run the operation; return the exit code."""
    cfg.CONF([], project="steth-test", default_config_files=[])
    privileged = importlib.import_module("steth.agent.privileged")
    if way in {"fork", "restart"}:
        privileged.start()
    else:
        helper = os.path.join(os.path.dirname(sys.executable), way)
        for context in privileged.contexts.ALL:
            cfg.CONF.set_override(
                "helper_command", helper, group=context.cfg_section
            )
    if way == "restart":
        _kill(privileged)
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    operation = contract.OPERATIONS[name]
    request = contract.decode_request(operation, json.loads(arguments))
    print("began", flush=True)  # noqa: T201 - tells the test
    with futures.ThreadPoolExecutor(int(copies)) as pool:
        asked = [
            pool.submit(_reply, name, request, stopping)
            for _ in range(int(copies))
        ]
        for one in asked:
            print(json.dumps(one.result()), flush=True)  # noqa: T201
    return 0


def _kill(privileged: Any) -> None:
    for child in psutil.Process().children():
        child.kill()
    end = time.monotonic() + _DEADLINE
    for context in privileged.contexts.ALL:
        while context.channel.running and time.monotonic() < end:
            time.sleep(0.01)


def _reply(name: str, request: Any, stopping: threading.Event) -> Any:
    try:
        if name == contract.PROBE_ICMP.name:
            icmp = importlib.import_module("steth.agent.probe.icmp")
            found = icmp.probe(request, 1000, stopping)
        elif name == contract.INSPECT_INTERFACE.name:
            interface = importlib.import_module(
                "steth.agent.inspect.interface"
            )
            found = interface.describe(request)
        else:
            host = importlib.import_module("steth.agent.inspect.host")
            found = host.snapshot(request, "test-host")
    except errors.OperationError as error:
        return contract.encode_error(error)
    return contract.encode_data(found)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
