# SPDX-License-Identifier: Apache-2.0
"""A finding names the switch port, as a real lldpd hears it.

lldpd runs in the switch's namespaces and in those of one host; the machine's
own is neither asked nor needed.
"""

import json
from typing import Any

from steth.lab import layout
from steth.model import report
from steth.tests.functional import needs
from steth.tests.functional.controller import cases

HOST = "compute2"
NIC = "eth1"
PORT = f"{HOST}-{NIC}"

#: It is configured by a file: what lldpcli(8) sets while it starts takes
#: effect late, or stops it from hearing.
_START = """
mkdir -p /run/lldpd
cat >/run/lldpd/test.conf <<END
configure lldp tx-interval 1
{more}
END
lldpd -I {device} -O /run/lldpd/test.conf
"""
#: As a switch does: its name is not the host's, its ports have names.
_SWITCH = """
configure system hostname leaf2
configure lldp portidsubtype ifname
"""


class SwitchPortsTestCase(cases.LabTestCase):
    """One host is plugged into a switch that speaks LLDP."""

    @classmethod
    def setUpClass(cls) -> None:
        """Start lldpd at both ends of one cable."""
        needs.programs("lldpd", "lldpcli")
        super().setUpClass()
        for place, device, more in (
            (layout.SWITCH, PORT, _SWITCH),
            (HOST, NIC, ""),
        ):
            script = _START.format(device=device, more=more)
            done = cls.lab.exec(place, ["sh", "-e", "-c", script])
            assert done.returncode == 0, done.stderr

    def setUp(self) -> None:
        super().setUp()
        cases.wait_for(self._is_heard, "the switch is heard")

    def _is_heard(self) -> bool:
        told = self.inside(HOST, "lldpcli", "-f", "keyvalue", "show", "nei")
        return f"lldp.{NIC}.chassis.name=leaf2" in told and PORT in told

    def finding(self, *check: str) -> tuple[dict[str, Any], dict[str, Any]]:
        done = self.steth("check", *check, "-f", "json")
        self.assertEqual(
            report.ExitCode.FAULT_FOUND, done.returncode, done.stderr
        )
        told = json.loads(done.stdout)
        (found,) = told["findings"]
        return found, told

    def test_a_port_that_went_down(self) -> None:
        """lldpd has forgotten it by then; the agent has not."""
        # The agent looks every minute; it was asked just before.
        self.lab.fault("no-neighbour", hosts=[HOST])
        try:
            found, told = self.finding("connectivity")
        finally:
            self.lab.heal()
        self.assertEqual("underlay-no-neighbour", found["code"])
        self.assertEqual(f"leaf2 {PORT}", found["location"]["switch_port"])
        self.assertTrue(
            found["remedy"].endswith(f"(last LLDP neighbour: leaf2, {PORT})")
        )
        self.assertEqual([], told["notes"])
        self.lab.fault("no-carrier", hosts=[HOST])
        try:
            found, told = self.finding("connectivity")
        finally:
            self.lab.heal()
        self.assertEqual("underlay-no-carrier", found["code"])
        self.assertEqual(f"leaf2 {PORT}", found["location"]["switch_port"])
        self.assertRegex(
            found["remedy"],
            rf"\(last LLDP neighbour: leaf2, {PORT}, \d+ s ago",
        )
        self.assertEqual([], told["notes"])

    def test_a_host_without_lldpd(self) -> None:
        self.lab.fault("no-carrier", hosts=["compute3"])
        try:
            found, told = self.finding("connectivity")
        finally:
            self.lab.heal()
        self.assertIsNone(found["location"]["switch_port"])
        self.assertNotIn("LLDP", found["remedy"])
        self.assertEqual(
            ["no switch port is known of compute3: lldpd does not run"],
            told["notes"],
        )
