# SPDX-License-Identifier: Apache-2.0
"""The cloud's APIs, from outside of its hosts.

A socket belongs to the network namespace that it was made in. Those of a
connection are made in the controller's, by a thread that is there for no
longer than that; so nothing has to listen outside, and no process to enter.
"""

from collections.abc import Iterator
import contextlib
import os
import socket
import threading
import typing

from keystoneauth1 import session
from keystoneauth1.identity import v3
import openstack
from openstack import connection
import pyroute2.netns
import requests.adapters
import urllib3

from steth.lab import processes
from steth.lab.cloud import configuration

#: Seconds that a request may take: an API that just started is slow.
_TIMEOUT = 120.0


@contextlib.contextmanager
def _inside(pid: int) -> Iterator[None]:
    """Be in a process's network namespace, with this thread only."""
    own = os.open(
        f"/proc/self/task/{threading.get_native_id()}/ns/net", os.O_RDONLY
    )
    try:
        other = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
        try:
            pyroute2.netns.setns(other)
        finally:
            os.close(other)
        try:
            yield
        finally:
            pyroute2.netns.setns(own)
    finally:
        os.close(own)


def _connect(pid: int, address: tuple[str, int]) -> socket.socket:
    """Return a TCP connection from a process's network namespace."""
    with _inside(pid):
        made = socket.socket()
    try:
        made.settimeout(_TIMEOUT)
        made.connect(address)
    except OSError:
        made.close()
        raise
    return made


class _Adapter(requests.adapters.HTTPAdapter):
    """Sends requests from a process's network namespace."""

    def __init__(self, pid: int) -> None:
        class Connection(urllib3.connection.HTTPConnection):
            def _new_conn(self) -> socket.socket:
                try:
                    return _connect(pid, (self.host, int(self.port or 80)))
                except OSError as error:
                    raise urllib3.exceptions.NewConnectionError(
                        self, str(error)
                    ) from error

        class Pool(urllib3.HTTPConnectionPool):
            ConnectionCls = Connection

        self._pool = Pool
        super().__init__()

    def init_poolmanager(
        self, *args: typing.Any, **kwargs: typing.Any
    ) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": self._pool}


def connect(
    controller: processes.Process, secrets: configuration.Secrets
) -> connection.Connection:
    """Return a connection to the cloud, as its administrator.

    :param controller: the first process of the host with the APIs
    """
    carrier = requests.Session()
    # A proxy of the machine's does not lead into the controller.
    carrier.trust_env = False
    carrier.mount("http://", _Adapter(controller.pid))
    auth = v3.Password(
        auth_url=configuration.keystone_url(),
        username=configuration.ADMIN,
        password=secrets.admin,
        project_name=configuration.ADMIN,
        user_domain_id="default",
        project_domain_id="default",
    )
    return openstack.connection.Connection(
        session=session.Session(auth, session=carrier, timeout=_TIMEOUT),
        region_name=configuration.REGION,
        network_api_version="2",
        identity_api_version="3",
    )
