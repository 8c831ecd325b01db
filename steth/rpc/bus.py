# SPDX-License-Identifier: Apache-2.0
"""The message bus, as agent and controller both set it up.

oslo.messaging waits without end for a broker that is away, in a call as in
the start of a server, whatever time-out it is given. So whoever is about to
use the bus asks :func:`look` first.
"""

from collections.abc import Iterator
import contextlib
import os
import ssl
import time
from typing import Any
import warnings

import amqp
from amqp import exceptions as amqp_exceptions
import msgspec
from oslo_config import cfg
from oslo_utils import netutils

from steth.rpc import contract


@contextlib.contextmanager
def _muted_eventlet() -> Iterator[None]:
    """Keep down what oslo.messaging imports and Steth does not use.

    Eventlet's advice not to use it is none for the operator, and loading its
    resolver would double the time that the client takes to start.
    """
    switch = "EVENTLET_NO_GREENDNS"
    before = os.environ.get(switch)
    os.environ[switch] = "yes"
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings(
                "ignore", message=r"\s*Eventlet is deprecated"
            )
            yield
    finally:
        if before is None:
            del os.environ[switch]
        else:
            os.environ[switch] = before


with _muted_eventlet():
    import oslo_messaging
    from oslo_messaging import opts as messaging_opts

_RABBIT = "oslo_messaging_rabbit"
#: Defaults that differ from oslo.messaging's own: what nobody uses any more
#: leaves the broker, a call to an agent that ended fails at once, and an agent
#: is back soon after the broker is. Queues and exchanges have to be declared
#: alike by everybody, so they stand here.
_DEFAULTS = {
    "amqp_auto_delete": True,
    "rabbit_interval_max": 5,
    "rabbit_transient_queues_ttl": 60,
    "kombu_missing_consumer_retry_timeout": 5,
}
_AMQP_PORT = 5672


class BusState(msgspec.Struct, frozen=True, kw_only=True):
    """What :func:`look` found.

    ``problem`` says why the bus can't be used, ``None`` if it can; ``agents``
    is how many agents are on it; ``refused`` tells that it is the
    credentials, which waiting does not mend. ``broker`` is the "host:port"
    that answered.
    """

    problem: str | None = None
    refused: bool = False
    agents: int = 0
    broker: str | None = None


def options() -> list[tuple[Any, list[Any]]]:
    """Return the options of oslo.messaging by group."""
    return list(messaging_opts.list_opts())


def list_opts() -> list[tuple[Any, list[Any]]]:
    """Return the same with Steth's defaults, for the sample generator."""
    ours = {**_DEFAULTS, "control_exchange": contract.EXCHANGE}
    listed = options()
    for _, group in listed:
        for option in group:
            option.default = ours.get(option.name, option.default)
    return listed


def register(conf: cfg.ConfigOpts) -> None:
    """Register the options of oslo.messaging with Steth's defaults.

    To be called before a transport is made of ``conf``.
    """
    oslo_messaging.set_transport_defaults(contract.EXCHANGE)
    for group, listed in options():
        conf.register_opts(listed, group=group)
    for name, value in _DEFAULTS.items():
        conf.set_default(name, value, group=_RABBIT)


def is_configured(conf: cfg.ConfigOpts) -> bool:
    """Tell whether the operator gave a ``[DEFAULT] transport_url``."""
    where = conf.get_location("transport_url")
    return where is None or where.location.is_user_controlled


def get_transport(
    conf: cfg.ConfigOpts, broker: str | None = None
) -> oslo_messaging.Transport:
    """Return the RPC transport.

    :param conf: has to be the global ``cfg.CONF``: oslo.messaging looks
        there for some of its options
    :param broker: the only one of ``transport_url`` to use, as
        :func:`look` names it
    :raises ValueError: if ``transport_url`` is not one
    """
    try:
        url = oslo_messaging.TransportURL.parse(conf)
        if broker is not None:
            url.hosts = [one for one in url.hosts if _name(one) == broker]
        return oslo_messaging.get_rpc_transport(conf, url=url)
    except (
        oslo_messaging.InvalidTransportURL,
        oslo_messaging.DriverLoadFailure,
    ):
        # Its message would carry the password.
        raise ValueError(
            "[DEFAULT] transport_url can't be used: it has to be of the form "
            "rabbit://user:password@host:port/"
        ) from None


def server_target(topic: str, server: str) -> oslo_messaging.Target:
    """Return the target that a server listens on."""
    return oslo_messaging.Target(topic=topic, server=server)


def endpoint_target(namespace: str) -> oslo_messaging.Target:
    """Return the ``target`` attribute of an endpoint object."""
    return oslo_messaging.Target(namespace=namespace, version=contract.VERSION)


def get_client(
    transport: oslo_messaging.Transport,
    topic: str,
    namespace: str,
) -> oslo_messaging.RPCClient:
    """Return a client of one topic and namespace, to ``prepare()`` further.

    It does not retry: ``kombu.exceptions.OperationalError`` says that the
    broker is gone, ``oslo_messaging.MessageUndeliverable`` that nobody
    listens there. Neither is a ``MessagingException``.
    """
    target = oslo_messaging.Target(
        topic=topic, namespace=namespace, version=contract.VERSION
    )
    return oslo_messaging.get_rpc_client(
        transport,
        target,
        retry=0,
        transport_options=oslo_messaging.TransportOptions(at_least_once=True),
    )


def look(conf: cfg.ConfigOpts, timeout: float) -> BusState:
    """Tell whether a broker serves us, and how many agents are on it.

    The brokers are those of ``transport_url``; the first that serves counts.

    :param timeout: seconds, over all the brokers of the URL
    """
    try:
        url = oslo_messaging.TransportURL.parse(conf)
    except (oslo_messaging.InvalidTransportURL, ValueError):
        return BusState(problem="[DEFAULT] transport_url is not a URL")
    if url.transport != "rabbit":
        # Nothing to knock at (kombu+memory), or not ours to know how.
        return BusState()
    hosts = _hosts(url)
    deadline = time.monotonic() + timeout
    problems = []
    for left, host in zip(range(len(hosts), 0, -1), hosts, strict=True):
        share = max(0.1, (deadline - time.monotonic()) / left)
        state = _look_at(conf, url, host, share)
        if state.problem is None:
            return state
        problems.append(state)
    return BusState(
        problem="; ".join(str(one.problem) for one in problems),
        refused=all(one.refused for one in problems),
    )


def connect(
    conf: cfg.ConfigOpts, broker: str, timeout: float
) -> amqp.Connection:
    """Return a plain connection to one broker of ``transport_url``.

    :param broker: which one, as :func:`look` names it
    :param timeout: seconds that the broker may take for each answer
    :raises OSError: if it does not answer
    :raises amqp.exceptions.AMQPError: if it refuses
    """
    url = oslo_messaging.TransportURL.parse(conf)
    host = next(one for one in _hosts(url) if _name(one) == broker)
    connection = _connection(conf, url, host, timeout)
    connection.connect()
    return connection


def _hosts(
    url: oslo_messaging.TransportURL,
) -> list[oslo_messaging.TransportHost]:
    return url.hosts or [oslo_messaging.TransportHost("localhost")]


def _name(host: oslo_messaging.TransportHost) -> str:
    name = netutils.escape_ipv6(host.hostname)
    return f"{name}:{host.port or _AMQP_PORT}"


def _look_at(
    conf: cfg.ConfigOpts,
    url: oslo_messaging.TransportURL,
    host: oslo_messaging.TransportHost,
    timeout: float,
) -> BusState:
    broker = _name(host)
    # A broker that accepts and says nothing is met by the read time-out.
    connection = _connection(conf, url, host, timeout / 2)
    try:
        connection.connect()
        agents = _count_agents(connection)
        # Without it the broker would log a client that vanished.
        connection.close()
        return BusState(agents=agents, broker=broker)
    except amqp_exceptions.AccessRefused:
        return BusState(
            problem=f"{broker} refuses user {host.username or 'guest'}: "
            "wrong name or password in [DEFAULT] transport_url",
            refused=True,
        )
    except amqp_exceptions.NotAllowed:
        return BusState(
            problem=f"{broker} refuses user {host.username or 'guest'} the "
            f"virtual host '{url.virtual_host or '/'}' of transport_url",
            refused=True,
        )
    except (OSError, amqp_exceptions.AMQPError) as error:
        return BusState(problem=f"{broker}: {_reason(error)}")
    finally:
        connection.collect()


def _connection(
    conf: cfg.ConfigOpts,
    url: oslo_messaging.TransportURL,
    host: oslo_messaging.TransportHost,
    timeout: float,
) -> amqp.Connection:
    return amqp.Connection(
        host=_name(host),
        userid=host.username or "guest",
        password=host.password or "guest",
        virtual_host=url.virtual_host or "/",
        login_method=conf[_RABBIT].rabbit_login_method,
        ssl=_tls(conf, host),
        connect_timeout=timeout,
        read_timeout=timeout,
        write_timeout=timeout,
    )


def _count_agents(connection: amqp.Connection) -> int:
    """Return how many agents consume the topic's common queue."""
    with connection.channel() as channel:
        try:
            _, _, consumers = channel.queue_declare(
                contract.TOPIC, passive=True
            )
        except amqp_exceptions.NotFound:
            return 0
    return int(consumers)


def _tls(
    conf: cfg.ConfigOpts, host: oslo_messaging.TransportHost
) -> dict[str, Any] | bool:
    """Return TLS parameters as oslo.messaging's driver makes them."""
    section = conf[_RABBIT]
    if not section.ssl:
        return False
    given = {
        "keyfile": section.ssl_key_file,
        "certfile": section.ssl_cert_file,
        "ca_certs": section.ssl_ca_file,
    }
    parameters = {name: value for name, value in given.items() if value}
    if section.ssl_ca_file:
        parameters["cert_reqs"] = ssl.CERT_REQUIRED
        parameters["server_hostname"] = host.hostname
    return parameters or True


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        said = (error.reason or str(error)).replace("_", " ").lower()
        return f"no TLS connection: {said}"
    if isinstance(error, OSError) and error.strerror:
        # The file is one of [oslo_messaging_rabbit].
        file = f"{error.filename}: " if error.filename else ""
        return file + error.strerror
    return str(error) or type(error).__name__
