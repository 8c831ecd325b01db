# SPDX-License-Identifier: Apache-2.0
"""How probes begin and end: with and without privilege, stopped, killed."""

from collections.abc import Callable
import functools
import os
import signal
import time
from typing import Any
import unittest

from steth.model import probe
from steth.rpc import contract
from steth.rpc import errors
from steth.tests.functional import needs
from steth.tests.functional.agent import asking
from steth.tests.functional.agent import namespaces

_HELPER = "privsep-helper"
#: Somebody without rights, but to read the tree wherever it lies.
_NOBODY = (
    "setpriv",
    "--reuid=65534",
    "--regid=65534",
    "--clear-groups",
    "--inh-caps=-all,+dac_read_search",
    "--ambient-caps=+dac_read_search",
)
_DEADLINE = 10.0
#: It takes 40 seconds, so what ends in less was ended.
_LONG: dict[str, Any] = {
    "targets": [{"address": "127.0.0.1"}, {"address": "::1"}],
    "count": 200,
    "interval": 0.2,
}
_SHORT = _LONG | {"count": 2}


class LifetimeTestCase(unittest.TestCase):
    """One host that probes itself."""

    def setUp(self) -> None:
        needs.root()
        needs.programs("ip", "sysctl", "setpriv")
        self.host = namespaces.Host(self)

    def ask(self, arguments: dict[str, Any], **how: Any) -> asking.Asked:
        """Begin a probe and return when it runs."""
        asked = asking.Asked(
            self, self.host, contract.PROBE_ICMP, arguments, **how
        )
        asked.wait_until_begun()
        return asked

    def wait_for(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until a condition holds."""
        end = time.monotonic() + _DEADLINE
        while not condition():
            if time.monotonic() > end:
                self.fail(f"{what}, after {_DEADLINE} s")
            time.sleep(0.02)

    def packets(self) -> int:
        """Return how many echo requests the host has got."""
        counters = self.host.run("cat", "/proc/net/snmp").splitlines()
        names, values = (
            line.split() for line in counters if line.startswith("Icmp:")
        )
        return int(values[names.index("InEchos")])

    def _more_than(self, before: int) -> bool:
        return self.packets() > before

    def test_no_capability_but_those_of_a_purpose(self) -> None:
        asked = self.ask(_LONG)
        self.wait_for(lambda: self.packets() > 0, "no packet was sent")
        capabilities = set()
        for one in self.host.processes():
            if one == asked.process.pid:
                continue
            with open(f"/proc/{one}/status", encoding="ascii") as status:
                lines = dict(line.split(":", 1) for line in status)
            capabilities.add(int(lines["CapEff"], 16))
        net_admin, net_raw, sys_admin = 1 << 12, 1 << 13, 1 << 21
        user = 1 << 5 | 1 << 6 | 1 << 7  # kill, setgid, setuid
        self.assertEqual(
            {
                net_raw,
                sys_admin,
                net_raw | sys_admin | user,
                net_raw | sys_admin,
                net_admin,
            },
            capabilities,
        )

    def test_killed_while_it_probes(self) -> None:
        for way in ("fork", _HELPER):
            with self.subTest(way=way):
                before = self.packets()
                asked = self.ask(_LONG, way=way)
                self.wait_for(
                    functools.partial(self._more_than, before),
                    "no packet was sent",
                )
                self.assertGreater(len(self.host.processes()), 1)
                asked.process.kill()
                asked.process.wait()
                self.wait_for(
                    lambda: not self.host.processes(), "a process is left"
                )

    def test_stopped_while_it_probes(self) -> None:
        asked = self.ask(_LONG)
        self.wait_for(lambda: self.packets() > 0, "no packet was sent")
        began = time.monotonic()
        asked.process.send_signal(signal.SIGTERM)
        with self.assertRaises(errors.OperationError) as caught:
            asked.reply()
        self.assertLess(time.monotonic() - began, 5)
        self.assertEqual(errors.ErrorCode.FAILED, caught.exception.code)
        self.assertIn("stopping", caught.exception.message)
        self.wait_for(lambda: not self.host.processes(), "a process is left")

    def test_many_at_once(self) -> None:
        copies = 2 * (os.cpu_count() or 1) + 8
        arguments = _LONG | {"count": 10}
        reports = self.ask(arguments, copies=copies).replies()
        self.assertEqual(copies, len(reports))
        for report in reports:
            self.assertIsInstance(report, probe.IcmpReport)
            # 1.9 s for one; they run beside each other, not in turn.
            self.assertLess(report.duration, 4)
            self.assertEqual(
                [10, 10], [one.received for one in report.results]
            )
            self.assertEqual(
                [0, 0], [one.duplicates for one in report.results]
            )

    def test_by_the_helper(self) -> None:
        report = self.ask(_SHORT, way=_HELPER).reply()
        self.assertEqual([2, 2], [one.received for one in report.results])

    def test_the_privileged_process_was_killed(self) -> None:
        report = self.ask(_SHORT, way="restart").reply()
        self.assertEqual([2, 2], [one.received for one in report.results])

    def test_without_privilege(self) -> None:
        needs.nobody()
        for way in (_HELPER, "no-such-helper"):
            with self.subTest(way=way):
                asked = self.ask(_SHORT, way=way, prefix=_NOBODY)
                with self.assertRaises(errors.OperationError) as caught:
                    asked.reply()
                self.assertEqual(
                    errors.ErrorCode.FAILED, caught.exception.code
                )
                self.assertIn("[steth_probe]", caught.exception.message)
