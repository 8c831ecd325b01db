# SPDX-License-Identifier: Apache-2.0
"""The direct listener: where it listens, and how it starts and stops."""

import errno
import ipaddress
import socket
import threading
from typing import Any

from cheroot import wsgi
from oslo_config import cfg
from oslo_log import log

from steth.agent import operations
from steth.agent.direct import app
from steth.agent.direct import auth
from steth.agent.direct import connection
from steth.agent.direct import tls

LOG = log.getLogger(__name__)

#: Open connections, with those that wait for a thread or for their next
#: request; further ones are closed at once. One peer may not have them all.
_MAX_CONNECTIONS = 200
_MAX_CONNECTIONS_OF_PEER = 100
_MAX_HEADER_BYTES = 16384
_STOP_TIMEOUT = 2
_NO_IPV6 = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)


class ListenError(ValueError):
    """The listener can't start; says why and what to do."""


class Server(wsgi.Server):
    """Cheroot's server, with connections that can't hold it up."""

    ConnectionClass = connection.Connection
    max_request_header_size = _MAX_HEADER_BYTES

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._open: set[connection.Connection] = set()
        self._was_full = False
        self.bind_error = OSError()

    def bind(self, *arguments: Any) -> socket.socket:
        """Bind the listening socket; keeps the error, for it has the code."""
        try:
            bound: socket.socket = super().bind(*arguments)
        except OSError as error:
            self.bind_error = error
            raise
        return bound

    def process_conn(self, conn: connection.Connection) -> None:
        """Give a connection to a thread, as soon as it says something."""
        if conn.has_waited:
            super().process_conn(conn)
            return
        conn.has_waited = True
        if self._is_full_for(conn):
            if not self._was_full:
                LOG.warning("%s: refused: too many connections", conn.peer)
            self._was_full = True
            conn.close()
            return
        self._was_full = False
        self._open.add(conn)
        self.put_conn(conn)

    def _is_full_for(self, conn: connection.Connection) -> bool:
        others = [one.remote_addr for one in self._open.copy()]
        return (
            len(others) >= _MAX_CONNECTIONS
            or others.count(conn.remote_addr) >= _MAX_CONNECTIONS_OF_PEER
        )

    def forget(self, conn: connection.Connection) -> None:
        """Count a connection no longer: it is closed."""
        self._open.discard(conn)

    def error_log(
        self, msg: str = "", level: int = 20, traceback: bool = False
    ) -> None:
        """Log what cheroot has to say."""
        LOG.log(level, "%s", msg, exc_info=traceback)


class Listener:
    """Listens, on one or two addresses, and serves calls."""

    def __init__(
        self, conf: cfg.ConfigOpts, performer: operations.Operations
    ) -> None:
        self._conf = conf
        self._performer = performer
        self._adapter: tls.Adapter | None = None
        self._servers: list[Server] = []

    def start(self) -> None:
        """Listen.

        :raises ListenError: if it can't be as configured
        """
        options = self._conf.direct
        if not options.enabled:
            LOG.info("[direct] enabled is off: no direct listener")
            return
        try:
            application = self._prepare()
        except (tls.TlsError, auth.PasswordFileError) as error:
            raise ListenError(str(error)) from None
        protected = bool(options.client_ca_file or options.htpasswd_file)
        try:
            for address in _addresses(options.bind_host, protected):
                self._listen(address, application)
            if not self._servers:
                raise ListenError("this host has no loopback address")
        except ListenError:
            self.stop()
            raise
        self._tell(protected)

    def stop(self) -> None:
        """Close the listener, after a moment for answers under way."""
        stopping = [
            threading.Thread(target=server.stop, daemon=True)
            for server in self._servers
        ]
        for one in stopping:
            one.start()
        for one in stopping:
            one.join()
        self._servers.clear()

    def reload(self) -> None:
        """Read the certificates anew; keep the old ones if they are bad."""
        if self._adapter is None:
            return
        problem = None
        try:
            self._adapter.context = tls.make_context(self._conf)
        except tls.TlsError as error:
            problem = str(error)
        # Not above: oslo.log adds the error that is being handled.
        if problem is None:
            LOG.info("Read the certificates anew")
        else:
            LOG.error("Kept the old certificates: %s", problem)

    def _prepare(self) -> app.Application:
        options = self._conf.direct
        application: app.Application = app.JsonRpc(
            self._performer, self._conf.host, options.max_request_bytes
        )
        if tls.is_configured(self._conf):
            self._adapter = tls.Adapter(tls.make_context(self._conf))
        if options.htpasswd_file:
            application = auth.BasicAuthentication(
                application, auth.Passwords(options.htpasswd_file)
            )
        return application

    def _listen(self, address: str, application: app.Application) -> None:
        server = self._server(address, application)
        try:
            server.prepare()
        except OSError:
            code = server.bind_error.errno
            if address == "::" and code in _NO_IPV6:
                LOG.info("This host has no IPv6: listening on IPv4 only")
                # Every address, as was asked for.
                every = str(ipaddress.IPv4Address(0))
                self._listen(every, application)
                return
            if address == "::1" and code in _NO_IPV6 and self._servers:
                return
            raise ListenError(
                _explanation(address, self._conf.direct.port, server)
            ) from None
        self._servers.append(server)
        threading.Thread(
            target=server.serve, name=f"direct {address}", daemon=True
        ).start()

    def _server(self, address: str, application: app.Application) -> Server:
        options = self._conf.direct
        server = Server(
            (address, options.port),
            application,
            numthreads=options.threads,
            max=options.threads,
            server_name="steth-agent",
            timeout=options.timeout,
            shutdown_timeout=_STOP_TIMEOUT,
            request_queue_size=128,
            accepted_queue_size=_MAX_CONNECTIONS,
            accepted_queue_timeout=0,
        )
        server.max_request_body_size = options.max_request_bytes
        server.ssl_adapter = self._adapter
        return server

    def _tell(self, protected: bool) -> None:
        where = ", ".join(
            f"{server.bind_addr[0]} port {server.bind_addr[1]}"
            for server in self._servers
        )
        LOG.info(
            "Listening on %s, %s",
            where,
            "with TLS" if self._adapter else "without TLS",
        )
        if not protected:
            LOG.warning(
                "Nobody is asked who he is, so the direct listener is on "
                "loopback only. Give [direct] client_ca_file or "
                "htpasswd_file to have it on %s",
                self._conf.direct.bind_host,
            )
        elif self._adapter is None:
            LOG.warning(
                "Passwords for the direct listener cross the network in "
                "the clear. Give [direct] certificate_file and key_file"
            )


def _explanation(address: str, port: int, server: Server) -> str:
    code = server.bind_error.errno
    if code == errno.EADDRINUSE:
        return (
            f"port {port} on {address} is in use: end what uses it (see "
            f"'ss -ltnp sport = :{port}'), or give another [direct] port"
        )
    if code == errno.EADDRNOTAVAIL:
        return f"[direct] bind_host {address} is no address of this host"
    return (
        f"[direct] bind_host {address}, port {port}: "
        f"{server.bind_error.strerror or server.bind_error}"
    )


def _addresses(bind_host: str, protected: bool) -> list[str]:
    """Return the addresses to listen on.

    Who may call anybody listens on loopback only: on both where every
    address was asked for.
    """
    try:
        address = ipaddress.ip_address(bind_host)
    except ValueError:
        return [bind_host] if protected else ["127.0.0.1", "::1"]
    if protected or address.is_loopback:
        return [bind_host]
    if address.version == 4:
        return ["127.0.0.1"]
    return ["127.0.0.1", "::1"] if address.is_unspecified else ["::1"]
