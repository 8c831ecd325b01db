# SPDX-License-Identifier: Apache-2.0

import json
import pathlib
import socket
import subprocess
import tempfile
import threading
from typing import Any
import unittest
from unittest import mock

from steth.agent.inspect import lldp
from steth.model import lldp as lldp_model


def _interface(name: str, **more: Any) -> dict[str, Any]:
    """Return what lldpcli 1.0.16 prints of a device with json0."""
    return {
        "name": name,
        "via": "LLDP",
        "rid": "1",
        "age": "0 day, 00:00:02",
        "chassis": [
            {
                "id": [{"type": "mac", "value": "00:00:5e:00:53:01"}],
                "name": [{"value": "leaf2"}],
                "mgmt-ip": [{"value": "192.0.2.1"}],
                **more.get("chassis", {}),
            }
        ],
        "port": [
            {
                "id": [{"type": "ifname", "value": "Ethernet7"}],
                "descr": [{"value": "compute7"}],
                "ttl": [{"value": "120"}],
                **more.get("port", {}),
            }
        ],
    }


def _parsed(*interfaces: dict[str, Any]) -> list[tuple[str, str, str]]:
    told = {"lldp": [{"interface": list(interfaces)}]}
    return [
        (one.device, one.system, one.port)
        for one in lldp.parse(json.dumps(told).encode())
    ]


class ParseTestCase(unittest.TestCase):
    def test_by_name(self) -> None:
        self.assertEqual(
            [("eth1", "leaf2", "Ethernet7")], _parsed(_interface("eth1"))
        )

    def test_a_port_that_has_a_number_or_an_address(self) -> None:
        for kind, value in (("local", "527"), ("mac", "00:00:5e:00:53:07")):
            given = {
                "id": [{"type": kind, "value": value}],
                "descr": [{"value": "ge-0/0/7"}],
            }
            self.assertEqual(
                [("eth1", "leaf2", "ge-0/0/7")],
                _parsed(_interface("eth1", port=given)),
            )
            self.assertEqual(
                [("eth1", "leaf2", value)],
                _parsed(_interface("eth1", port=given | {"descr": []})),
            )

    def test_a_switch_without_a_name(self) -> None:
        nameless: dict[str, Any] = {"name": []}
        self.assertEqual(
            [("eth1", "192.0.2.1", "Ethernet7")],
            _parsed(_interface("eth1", chassis=nameless)),
        )
        nameless["mgmt-ip"] = []
        self.assertEqual(
            [("eth1", "00:00:5e:00:53:01", "Ethernet7")],
            _parsed(_interface("eth1", chassis=nameless)),
        )

    def test_nobody(self) -> None:
        self.assertEqual((), lldp.parse(b'{"lldp": [{}]}'))

    def test_nonsense(self) -> None:
        for out in (b"", b"[]", b'{"lldp": [{"interface": [{}]}]}', b"\xff"):
            with self.assertRaises(lldp.UnavailableError):
                lldp.parse(out)


class ReadTestCase(unittest.TestCase):
    def setUp(self) -> None:
        end = mock.patch("steth.agent.programs.end", autospec=True)
        end.start()
        self.addCleanup(end.stop)
        which = mock.patch(
            "shutil.which", autospec=True, return_value="/usr/sbin/lldpcli"
        )
        self.which = which.start()
        self.addCleanup(which.stop)
        directory = tempfile.TemporaryDirectory(prefix="steth-")
        self.addCleanup(directory.cleanup)
        self.path = pathlib.Path(directory.name) / "lldpd.socket"
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(str(self.path))
        sockets = mock.patch.object(lldp, "SOCKETS", (self.path,))
        sockets.start()
        self.addCleanup(sockets.stop)
        groups = mock.patch.object(
            lldp, "_groups", autospec=True, return_value=(4, 106)
        )
        groups.start()
        self.addCleanup(groups.stop)

    def started(self, code: int, out: bytes, said: bytes = b"") -> Any:
        process = mock.Mock(spec=subprocess.Popen, returncode=code)
        process.communicate.return_value = out, said
        return mock.patch(
            "steth.agent.programs.start", autospec=True, return_value=process
        )

    def test_asks_as_a_member_of_the_groups(self) -> None:
        out = json.dumps({"lldp": [{"interface": [_interface("eth1")]}]})
        with self.started(0, out.encode()) as start:
            (found,) = lldp.read()
        self.assertEqual("leaf2", found.system)
        start.assert_called_once_with(
            "/usr/sbin/lldpcli",
            *("-f", "json0", "show", "neighbors"),
            groups=(4, 106),
        )

    def assert_unavailable(self, said: str) -> None:
        with self.assertRaisesRegex(lldp.UnavailableError, said):
            lldp.read()

    def test_may_not(self) -> None:
        said = b"unable to connect to socket: Permission denied\n"
        with self.started(1, b"", said):
            self.assert_unavailable(f"in the groups of {self.path} and")

    def test_fails(self) -> None:
        with self.started(1, b"", b"[WARN] why\n"):
            self.assert_unavailable(r"lldpcli failed: \[WARN\] why")

    def test_does_not_end(self) -> None:
        with self.started(0, b"") as start:
            start.return_value.communicate.side_effect = (
                subprocess.TimeoutExpired("lldpcli", 3)
            )
            self.assert_unavailable("within 3 s")

    def test_does_not_run(self) -> None:
        self.path.unlink()
        self.assert_unavailable("lldpd does not run")

    def test_is_not_installed(self) -> None:
        self.which.return_value = None
        self.assert_unavailable("lldpd is not installed")


class NeighboursTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.now = 100.0
        self.heard: tuple[lldp_model.LldpNeighbour, ...] | Exception = ()
        self.neighbours = lldp.Neighbours(self._read, lambda: self.now)

    def _read(self) -> tuple[lldp_model.LldpNeighbour, ...]:
        if isinstance(self.heard, Exception):
            raise self.heard
        return self.heard

    def test_remembers(self) -> None:
        one = lldp_model.LldpNeighbour(device="eth1", system="l", port="7")
        two = lldp_model.LldpNeighbour(device="eth2", system="l", port="8")
        self.heard = one, two
        self.assertEqual(
            lldp_model.LldpReport(neighbours=(one, two)),
            self.neighbours.report(),
        )
        self.now = 160.0
        self.heard = (two,)
        two_again, gone = self.neighbours.report().neighbours
        self.assertEqual((two, None), (two_again, two_again.gone_for))
        self.assertEqual(
            ("eth1", "7", 60.0), (gone.device, gone.port, gone.gone_for)
        )

    def test_says_why_there_are_none(self) -> None:
        for error, said in (
            (lldp.UnavailableError("not there"), "not there"),
            (PermissionError(13, "denied"), "cannot run lldpcli: .*denied"),
        ):
            self.heard = error
            told = self.neighbours.report()
            self.assertEqual((), told.neighbours)
            self.assertRegex(told.unavailable or "", said)

    def test_watches_until_the_agent_ends(self) -> None:
        looked = threading.Event()
        cancelled = threading.Event()

        def read() -> tuple[lldp_model.LldpNeighbour, ...]:
            looked.set()
            return ()

        before = set(threading.enumerate())
        lldp.Neighbours(read).watch(cancelled)
        (thread,) = set(threading.enumerate()) - before or [None]
        self.assertTrue(looked.wait(10))
        cancelled.set()
        if thread is not None:
            thread.join(10)
            self.assertFalse(thread.is_alive())
