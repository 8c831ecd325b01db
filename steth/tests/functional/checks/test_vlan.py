# SPDX-License-Identifier: Apache-2.0
"""``openstack steth check vlan`` on a lab's trunk, with real faults.

The switches are Open vSwitch with its userspace datapath: their trunks, tags
and native VLANs are real.
"""

from concurrent import futures
import json
import pathlib
import tempfile
from typing import Any
from typing import ClassVar
import unittest

from steth.lab import lab as lab_module
from steth.lab import layout
from steth.lab.catalogue import trunk as trunk_faults
from steth.model import report
from steth.tests.functional import needs

HOST = "compute2"
#: What the lab's configuration expects on its trunk, and the VLAN that the
#: faults are about.
EXPECTED = "100-199,300"
FAULTY = "100"


#: As a host's own, beside the lab's switches; its flows let nothing pass.
_OVS = "/run/openvswitch"
_START_OVS = f"""
mkdir -p {_OVS}
ovsdb-tool create {_OVS}/conf.db /usr/share/openvswitch/vswitch.ovsschema
ovsdb-server {_OVS}/conf.db --remote=punix:{_OVS}/db.sock --detach \\
    --pidfile={_OVS}/ovsdb-server.pid --log-file=/dev/null
ovs-vsctl --no-wait init -- set open_vswitch . \\
    other_config:n-handler-threads=1 other_config:n-revalidator-threads=1
ovs-vswitchd unix:{_OVS}/db.sock --detach \\
    --pidfile={_OVS}/ovs-vswitchd.pid --log-file=/dev/null
ovs-vsctl add-br br-ex -- set bridge br-ex datapath_type=netdev \\
    fail_mode=secure -- add-port br-ex eth3
"""
_STOP_OVS = f"""
ovs-vsctl --if-exists del-br br-ex
kill $(cat {_OVS}/ovs-vswitchd.pid) $(cat {_OVS}/ovsdb-server.pid)
"""


class VlanTestCase(unittest.TestCase):
    """One lab for all tests; each leaves it healthy."""

    lab: ClassVar[lab_module.Lab]

    @classmethod
    def setUpClass(cls) -> None:
        needs.root()
        needs.programs("ovs-vswitchd", "ethtool")
        directory = pathlib.Path(tempfile.mkdtemp(prefix="steth-"))
        cls.lab = lab_module.Lab(directory / "lab")
        cls.addClassCleanup(directory.rmdir)
        cls.addClassCleanup(cls.lab.down)
        cls.lab.up(hosts=4, broker=True, trunk=True)

    def run_in(self, host: str, *argv: str) -> str:
        """Run a command in a host that has to succeed."""
        done = self.lab.exec(host, argv)
        self.assertEqual(0, done.returncode, done.stderr)
        return done.stdout

    def check(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        """Run the check; return its exit code and report."""
        done = self.lab.openstack(
            "steth", "check", "vlan", "-f", "json", *arguments
        )
        self.assertTrue(done.stdout, done.stderr)
        return done.returncode, json.loads(done.stdout)

    def assert_healthy(
        self, *arguments: str, vlans: str = EXPECTED
    ) -> dict[str, Any]:
        """Run the check and find nothing; return the report."""
        code, told = self.check(*arguments)
        self.assertEqual([], told["findings"], json.dumps(told, indent=1))
        self.assertEqual(report.ExitCode.HEALTHY, code)
        for row in told["checks"][0]["measurements"]["trunks"]:
            self.assertEqual((vlans, ""), (row["passed"], row["missing"]))
            self.assertEqual(0, row["frames_lost"])
        return told

    def assert_found(
        self, finding: str, host: str | None, *arguments: str
    ) -> dict[str, Any]:
        """Run the check and find one fault; return the report."""
        code, told = self.check(*arguments)
        self.assertEqual(
            [(finding, host)],
            [
                (one["code"], one["location"]["host"])
                for one in told["findings"]
            ],
            json.dumps(told, indent=1),
        )
        self.assertEqual(report.ExitCode.FAULT_FOUND, code)
        return told

    def test_every_fault(self) -> None:
        self.assert_healthy()
        for fault in trunk_faults.FAULTS:
            between = fault.name == "vlan-missing-between"
            with self.subTest(fault=fault.name):
                self.lab.fault(fault.name, hosts=[] if between else [HOST])
                try:
                    told = self.assert_found(
                        fault.finding or "", None if between else HOST
                    )
                finally:
                    self.lab.heal()
                (found,) = told["findings"]
                self.assertEqual(layout.TRUNK, found["location"]["network"])
                self.assertEqual(
                    [f"VLAN {FAULTY} on {layout.TRUNK}"], found["affects"]
                )
        self.assert_healthy()

    def test_every_vlan_and_nothing_is_left(self) -> None:
        looks = ("ip -d link show", "cat /proc/net/packet | wc -l")
        before = [self.run_in(HOST, "sh", "-c", one) for one in looks]
        told = self.assert_healthy("--vlans", "1-4094", vlans="1-4094")
        self.assertEqual(4, len(told["checks"][0]["measurements"]["trunks"]))
        after = [self.run_in(HOST, "sh", "-c", one) for one in looks]
        self.assertEqual(before, after)

    def test_a_missing_interface_is_a_row(self) -> None:
        told = self.assert_found(
            "host-interface-missing",
            HOST,
            *("--interface", "eth3", "--interface", f"{HOST}:nope"),
            *("--vlans", "100-110"),
        )
        rows = told["checks"][0]["measurements"]["trunks"]
        self.assertEqual(
            {"compute1", "compute3", "compute4"},
            {row["host"] for row in rows if row["passed"] == "100-110"},
        )

    def test_a_nic_in_a_bridge(self) -> None:
        self.run_in(HOST, "ip", "link", "add", "br-ex", "type", "bridge")
        try:
            self.run_in(HOST, "ip", "link", "set", "eth3", "master", "br-ex")
            self.run_in(HOST, "ip", "link", "set", "br-ex", "up")
            self.assert_healthy()
        finally:
            self.run_in(HOST, "ip", "link", "del", "br-ex")

    def test_a_nic_in_a_bridge_of_open_vswitch(self) -> None:
        """Whatever its flows do with the frames, they are heard and sent."""
        self.run_in(HOST, "sh", "-e", "-c", _START_OVS)
        try:
            self.assert_healthy()
        finally:
            self.run_in(HOST, "sh", "-c", _STOP_OVS)

    def test_two_operators_at_once(self) -> None:
        with futures.ThreadPoolExecutor() as pool:
            done = list(
                pool.map(
                    lambda vlans: self.check("--vlans", vlans),
                    ("100-600", "400-900"),
                )
            )
        for (code, told), vlans in zip(
            done, ("100-600", "400-900"), strict=True
        ):
            self.assertEqual(report.ExitCode.HEALTHY, code)
            rows = told["checks"][0]["measurements"]["trunks"]
            self.assertEqual([vlans] * 4, [row["passed"] for row in rows])
            # At most what its own three others sent: with the frames of the
            # other operator's, who send as many, it would be more.
            sent = sum(row["frames_sent"] for row in rows)
            for row in rows:
                self.assertLessEqual(
                    row["frames_heard"], sent - row["frames_sent"]
                )

    def test_what_is_no_vlan(self) -> None:
        for vlans, said in (
            ("0", "VLAN 0 is not between"),
            ("1-4095", "VLAN 4095 is not between"),
            ("200-100", "reversed"),
            ("1-5,5-9", "overlaps"),
        ):
            done = self.lab.openstack(
                "steth", "check", "vlan", "--vlans", vlans
            )
            self.assertEqual(report.ExitCode.USAGE, done.returncode)
            self.assertIn(said, done.stderr)

    def test_nothing_listens_when_nobody_asks(self) -> None:
        """A controller that is gone leaves a listener for its lease only."""
        script = (
            "import json, subprocess, time; "
            "from steth.agent import privileged; "
            "from steth.agent.probe import vlan; "
            "from steth.rpc import requests; "
            "from oslo_config import cfg; cfg.CONF([], project='steth', "
            "default_config_files=[]); privileged.start(); "
            "vlan.listen(requests.VlanListen(interface='eth3', run=7, "
            "index=0, hosts=2, seconds=1.0)); "
            "count = lambda: sum('88b5' in one or ' 0003 ' in one "
            "for one in open('/proc/net/packet')); "
            "first = count(); end = time.monotonic() + 10\n"
            "state = lambda: subprocess.run(('ip', '-d', '-j', 'link', "
            "'show', 'eth3'), capture_output=True, text=True).stdout\n"
            "promiscuous = lambda: json.loads(state())[0]['promiscuity']\n"
            "listening = promiscuous()\n"
            "while count() == first and time.monotonic() < end: "
            "time.sleep(0.05)\n"
            "took = time.monotonic() - end + 10\n"
            "print(first, listening, count(), promiscuous(), took)"
        )
        said = self.run_in("compute3", "python", "-c", script).split()
        # A NIC would filter the VLANs that the host does not use.
        self.assertEqual(["1", "1", "0", "0"], said[:4])
        self.assertLess(float(said[4]), 3.0)
