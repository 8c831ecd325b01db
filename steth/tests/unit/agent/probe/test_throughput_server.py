# SPDX-License-Identifier: Apache-2.0

import contextlib
import socket
import subprocess
import sys
import time
from typing import Any
import unittest
from unittest import mock

from steth.agent import programs
from steth.agent import tasks
from steth.agent.probe import throughput_server
from steth.rpc import errors
from steth.rpc import requests

# Listens as iperf3 does, and ends when somebody has come.
_SERVER = """
import socket, sys
port = int(sys.argv[sys.argv.index("--port") + 1])
one = socket.socket()
one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
try:
    one.bind(("127.0.0.1", port))
except OSError as error:
    sys.exit(f"iperf3: error - unable to start listener: {error.strerror}")
one.listen()
print("-----------\\nServer listening on", port, flush=True)
one.accept()
"""
_TIMEOUT = 10.0


def taken() -> socket.socket:
    one = socket.socket()
    one.bind(("127.0.0.1", 0))
    one.listen()
    return one


class ServerTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.registry = tasks.Registry()
        self.addCleanup(self.registry.close)
        self.started: list[subprocess.Popen[bytes]] = []
        self.script = _SERVER
        for where, name, fake in (
            (programs, "find", lambda name: sys.executable),
            (programs, "start", self._start),
        ):
            patcher = mock.patch.object(where, name, fake)
            patcher.start()
            self.addCleanup(patcher.stop)

    def _start(self, program: str, *argv: str, merge_errors: bool) -> Any:
        one = subprocess.Popen(
            [program, "-c", self.script, *argv],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.started.append(one)
        return one

    def start(self, lease: float = 60.0) -> Any:
        return throughput_server.start(
            requests.ThroughputServer(address="127.0.0.1", lease=lease),
            self.registry,
        )

    def with_ports(
        self, *ports: int
    ) -> contextlib.AbstractContextManager[Any]:
        return mock.patch.object(throughput_server, "PORTS", _Ports(ports))

    def ids(self) -> tuple[str, ...]:
        return tuple(one.id for one in self.registry.list().tasks)

    def assert_gone(self) -> None:
        for one in self.started:
            one.wait(_TIMEOUT)
        deadline = time.monotonic() + _TIMEOUT
        while self.ids() and time.monotonic() < deadline:
            time.sleep(0.005)
        self.assertEqual((), self.ids())

    def test_stopped(self) -> None:
        told = self.start()
        self.assertIn(told.port, throughput_server.PORTS)
        self.assertEqual((told.task.id,), self.ids())
        self.registry.stop(requests.TaskStop(id=told.task.id))
        self.assert_gone()

    def test_ends_after_one_test(self) -> None:
        told = self.start()
        socket.create_connection(("127.0.0.1", told.port)).close()
        self.assert_gone()

    def test_lease_ends(self) -> None:
        self.start(lease=0.5)
        self.assert_gone()

    def test_taken_port(self) -> None:
        with taken() as other, taken() as place:
            free = place.getsockname()[1]
            place.close()
            with self.with_ports(other.getsockname()[1], free):
                self.assertEqual(free, self.start().port)

    def test_port_taken_in_between(self) -> None:
        with taken() as other, taken() as place:
            free = place.getsockname()[1]
            place.close()
            with (
                self.with_ports(other.getsockname()[1], free),
                mock.patch("random.shuffle", autospec=True),
                mock.patch.object(
                    throughput_server._Server,
                    "_is_free",
                    autospec=True,
                    return_value=True,
                ),
            ):
                self.assertEqual(free, self.start().port)
        self.assertEqual(2, len(self.started))

    def test_all_ports_taken(self) -> None:
        with (
            taken() as other,
            self.with_ports(other.getsockname()[1]),
            self.assertRaises(errors.OperationError) as caught,
        ):
            self.start()
        self.assertEqual(errors.ErrorCode.FAILED, caught.exception.code)
        self.assertEqual((), self.registry.list().tasks)

    def test_strange_address(self) -> None:
        with self.assertRaises(errors.OperationError) as caught:
            throughput_server.start(
                requests.ThroughputServer(address="192.0.2.77"), self.registry
            )
        self.assertEqual("address", caught.exception.argument)

    def test_does_not_listen(self) -> None:
        self.script = "print('iperf3: cannot')"
        with self.assertRaisesRegex(errors.OperationError, "iperf3: cannot$"):
            self.start()
        self.assert_gone()

    def test_hangs(self) -> None:
        self.script = "import time\ntime.sleep(60)"
        with (
            mock.patch.object(throughput_server, "_TIMEOUT", 0.05),
            self.assertRaisesRegex(errors.OperationError, "says nothing$"),
        ):
            self.start()
        self.assert_gone()


class _Ports(tuple[int, ...]):
    """Ports as a range has them."""

    __slots__ = ()

    @property
    def start(self) -> int:
        return self[0]

    @property
    def stop(self) -> int:
        return self[-1] + 1
