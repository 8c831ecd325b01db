# SPDX-License-Identifier: Apache-2.0
"""Each fault breaks what it says, and nothing after it is healed.

Judged with ping(8) and the kernel's own word, not with Steth.
"""

import json
import pathlib
import re
import tempfile
from typing import ClassVar
import unittest

from steth.lab import catalogue
from steth.lab import errors
from steth.lab import faults
from steth.lab import lab as lab_module
from steth.lab import layout
from steth.tests.functional import needs

HOST = "compute3"
PEER = "compute1"
OTHER = "compute2"

#: The whole packet, in bytes.
SMALL = 84
FULL = layout.TUNNEL.mtu

# Headers of IPv4 and ICMP.
_HEADERS = 28


class FaultTestCase(unittest.TestCase):
    """One lab without agents; each test leaves it healthy."""

    lab: ClassVar[lab_module.Lab]

    @classmethod
    def setUpClass(cls) -> None:
        needs.root()
        needs.programs("ping")
        directory = pathlib.Path(tempfile.mkdtemp(prefix="steth-"))
        cls.lab = lab_module.Lab(directory / "lab")
        cls.addClassCleanup(directory.rmdir)
        cls.addClassCleanup(cls.lab.down)
        cls.lab.up(hosts=4, agents=False)

    def setUp(self) -> None:
        self.addCleanup(self.assert_healthy)
        # A question for an address that began before the heal may still fail
        # after it, with every packet that waits for the answer.
        self.addCleanup(self.forget)
        self.addCleanup(self.lab.heal)

    def ping(
        self,
        source: str,
        target: str,
        size: int = SMALL,
        count: int = 5,
        wait: float = 1.0,
    ) -> tuple[int, str]:
        """Return the percentage of replies, and all that ping said."""
        number = layout.computes(layout.Shape(hosts=4))[int(target[-1]) - 1]
        done = self.lab.exec(
            source,
            [
                *("ping", "-n", "-M", "do", "-W", str(wait), "-i", "0.02"),
                *("-c", str(count), "-s", str(size - _HEADERS)),
                number.address(layout.TUNNEL),
            ],
        )
        found = re.search(r"(\d+) received", done.stdout)
        received = int(found.group(1)) if found else 0
        return 100 * received // count, done.stdout + done.stderr

    def assert_passes(
        self, source: str, target: str, size: int = SMALL
    ) -> None:
        """Check that a host reaches another."""
        share, said = self.ping(source, target, size)
        self.assertEqual(100, share, f"{source} to {target}: {said}")

    def assert_lost(
        self, source: str, target: str, size: int = SMALL, said: str = "."
    ) -> None:
        """Check that a host does not reach another, and what ping says."""
        share, told = self.ping(source, target, size, wait=0.3)
        self.assertEqual(0, share, f"{source} to {target}: {told}")
        self.assertRegex(told, said)

    def assert_cut_off(self, host: str = HOST, size: int = SMALL) -> None:
        """Check that a host neither reaches others nor is reached."""
        self.assert_lost(host, PEER, size)
        self.assert_lost(PEER, host, size)
        self.assert_passes(PEER, OTHER, FULL)

    def assert_healthy(self) -> None:
        """Check that full packets pass, in both directions."""
        self.assertEqual((), self.lab.status().faults)
        for source in (PEER, OTHER, "compute4"):
            self.assert_passes(source, HOST, FULL)
            self.assert_passes(HOST, source, FULL)

    def knows(self, host: str, target: str) -> bool:
        """Return whether a host has learned the MAC address of another."""
        number = layout.computes(layout.Shape(hosts=4))[int(target[-1]) - 1]
        done = self.lab.exec(
            host,
            ["ip", "-j", "neigh", "show", number.address(layout.TUNNEL)],
        )
        return any("lladdr" in one for one in json.loads(done.stdout or "[]"))

    def forget(self) -> None:
        """Empty the neighbour tables."""
        for one in layout.computes(layout.Shape(hosts=4)):
            self.lab.exec(one.name, ["ip", "neigh", "flush", "dev", "eth1"])

    def link(self, host: str = HOST) -> str:
        """Return what ip(8) says of a host's tunnel NIC."""
        return self.lab.exec(host, ["ip", "link", "show", "eth1"]).stdout

    def test_interface_missing(self) -> None:
        self.lab.fault("interface-missing", hosts=[HOST])
        self.assertEqual("", self.link())
        self.assert_cut_off()

    def test_interface_down(self) -> None:
        self.lab.fault("interface-down", hosts=[HOST])
        self.assertIn("state DOWN", self.link())
        self.assertNotIn("NO-CARRIER", self.link())
        self.assert_cut_off()

    def test_no_carrier(self) -> None:
        self.lab.fault("no-carrier", hosts=[HOST])
        self.assertIn("NO-CARRIER", self.link())
        self.assert_cut_off()

    def test_mtu_small(self) -> None:
        self.lab.fault("mtu-small", hosts=[HOST], value=2000)
        self.assertIn("mtu 2000", self.link())
        self.assert_passes(PEER, HOST, 2000)
        self.assert_passes(HOST, PEER, 2000)
        # It takes in a little more, room for a VLAN tag: see veth_forward_skb
        # and __is_skb_forwardable in the kernel.
        self.assert_lost(PEER, HOST, 2005)
        self.assert_lost(HOST, PEER, 2001, "Message too long|message too long")

    def test_address_missing(self) -> None:
        self.lab.fault("address-missing", hosts=[HOST])
        self.assert_lost(HOST, PEER, said="Network is unreachable")
        self.assert_cut_off()

    def test_address_duplicate(self) -> None:
        self.lab.fault("address-duplicate", hosts=[HOST], peer=PEER)
        shown = [
            self.lab.exec(one, ["ip", "address", "show", "eth1"]).stdout
            for one in (HOST, PEER)
        ]
        for text in shown:
            self.assertIn(" 10.77.1.11/24 ", text)
        # Its packets for that address do not leave a host that has it.
        self.assert_lost(PEER, HOST)

    def test_address_taken(self) -> None:
        self.lab.fault("address-taken", hosts=[HOST])
        self.lab.exec(HOST, ["ip", "link", "set", "eth1", "down"])
        self.addCleanup(
            self.lab.exec, HOST, ["ip", "link", "set", "eth1", "up"]
        )
        # It is another machine that answers.
        self.assert_passes(PEER, HOST)

    def test_wrong_prefix(self) -> None:
        self.lab.fault("wrong-prefix", hosts=[HOST], value=30)
        # 10.77.1.13/30 reaches from .12 to .15.
        self.assert_lost(HOST, PEER, said="Network is unreachable")
        self.assert_passes(HOST, OTHER)

    def test_route_missing(self) -> None:
        self.lab.fault("route-missing", hosts=[HOST])
        self.assert_lost(HOST, OTHER, said="Network is unreachable")
        self.assert_cut_off()

    def test_route_astray(self) -> None:
        self.lab.fault("route-astray", hosts=[HOST], peer=PEER)
        self.assert_lost(HOST, PEER)
        self.assert_lost(PEER, HOST)
        self.assert_passes(HOST, OTHER)

    def test_neighbour_wrong(self) -> None:
        self.lab.fault("neighbour-wrong", hosts=[HOST], peer=PEER)
        self.assert_lost(HOST, PEER)
        self.assert_lost(PEER, HOST)
        self.assert_passes(HOST, OTHER)

    def test_filtered(self) -> None:
        self.lab.fault("filtered", hosts=[HOST])
        self.forget()
        self.assert_cut_off()
        self.assertTrue(self.knows(PEER, HOST))

    def test_filtered_pair(self) -> None:
        self.lab.fault("filtered-pair", hosts=[HOST], peer=PEER)
        self.assert_cut_off()
        self.assert_passes(HOST, OTHER)
        self.assert_passes(OTHER, HOST)

    def test_rejected(self) -> None:
        self.lab.fault("rejected", hosts=[HOST])
        self.assert_lost(PEER, HOST, said="Packet filtered")
        self.assert_passes(HOST, PEER)

    def test_output_filtered(self) -> None:
        self.lab.fault("output-filtered", hosts=[HOST])
        self.forget()
        self.assert_cut_off()
        self.assertTrue(self.knows(PEER, HOST))

    def test_network_filtered(self) -> None:
        self.lab.fault("network-filtered", hosts=[HOST])
        self.forget()
        self.assert_cut_off()
        self.assertTrue(self.knows(HOST, PEER))
        self.assertTrue(self.knows(PEER, HOST))

    def test_no_neighbour(self) -> None:
        self.lab.fault("no-neighbour", hosts=[HOST])
        self.forget()
        self.assert_cut_off()
        self.assertNotIn("NO-CARRIER", self.link())
        self.assertFalse(self.knows(HOST, PEER))
        self.assertFalse(self.knows(PEER, HOST))

    def received(self, host: str, fault: str) -> int:
        """Return how many requests get to a host whose peer has a fault.

        Counted by nft in the host, which sees requests that no reply tells
        of.
        """
        self.lab.exec(
            host,
            [
                "nft",
                "add table ip count { chain input { type filter hook input "
                "priority 0 ; icmp type echo-request counter ; } ; }",
            ],
        )
        try:
            self.lab.fault(fault, hosts=[HOST], peer=PEER)
            source = PEER if host == HOST else HOST
            self.assert_lost(source, host)
            text = self.lab.exec(host, ["nft", "list", "table", "ip", "count"])
        finally:
            self.lab.exec(host, ["nft", "delete", "table", "ip", "count"])
            self.lab.heal()
        found = re.search(r"packets (\d+)", text.stdout)
        assert found is not None
        return int(found.group(1))

    def test_one_way(self) -> None:
        for fault in ("one-way-loss", "one-way-filtered"):
            with self.subTest(fault=fault):
                self.assertEqual(5, self.received(HOST, fault))
                self.assertEqual(0, self.received(PEER, fault))

    def test_one_way_loss_to_all(self) -> None:
        self.lab.fault("one-way-loss", hosts=[HOST])
        self.forget()
        for peer in (PEER, OTHER):
            self.assert_cut_off()
            self.assertFalse(self.knows(peer, HOST))

    def test_one_way_loss_to_one(self) -> None:
        self.lab.fault("one-way-loss", hosts=[HOST], peer=PEER)
        self.forget()
        self.assert_cut_off()
        self.assert_passes(HOST, OTHER)

    def test_one_way_filtered_lets_arp_pass(self) -> None:
        self.lab.fault("one-way-filtered", hosts=[HOST])
        self.forget()
        self.assert_cut_off()
        self.assertTrue(self.knows(HOST, PEER))

    def test_partial_loss(self) -> None:
        self.lab.fault("partial-loss", hosts=[HOST], value=50)
        for source, target in ((HOST, PEER), (PEER, HOST)):
            share, said = self.ping(source, target, count=100)
            # Less than one run in a million is outside of this.
            self.assertTrue(25 < share < 75, said)
        self.assert_passes(PEER, OTHER)

    def test_split(self) -> None:
        self.lab.fault("split", hosts=[HOST, "compute4"])
        self.assert_passes(HOST, "compute4", FULL)
        self.assert_passes(PEER, OTHER, FULL)
        self.assert_cut_off()
        self.assert_lost(OTHER, "compute4")

    def test_latency(self) -> None:
        self.lab.fault("latency", hosts=[HOST], value=50)
        for source, target in ((HOST, PEER), (PEER, HOST)):
            share, said = self.ping(source, target, FULL)
            self.assertEqual(100, share, said)
            found = re.search(r"= ([\d.]+)/", said)
            assert found is not None
            self.assertTrue(50 <= float(found.group(1)) < 100, said)
        _, said = self.ping(PEER, OTHER)
        found = re.search(r"= ([\d.]+)/", said)
        assert found is not None
        self.assertLess(float(found.group(1)), 25)

    def test_mtu_path(self) -> None:
        self.lab.fault("mtu-path", hosts=[HOST], value=2000)
        self.assertIn("mtu 9000", self.link())
        for source, target in ((HOST, PEER), (PEER, HOST)):
            self.assert_passes(source, target, 2000)
            _, said = self.ping(source, target, 2001)
            self.assertIn("0 received", said)
            self.assertNotRegex(said, "too long|needed|error")

    def test_mtu_reported(self) -> None:
        self.lab.fault("mtu-reported", hosts=[HOST], value=2000)
        for source, target in ((HOST, PEER), (PEER, HOST)):
            self.assert_passes(source, target, 2000)
            self.assert_lost(
                source, target, 2001, r"10\.77\.1\.254.*needed.*mtu = 2000"
            )

    def test_two_faults_are_healed_one_by_one(self) -> None:
        self.lab.fault("no-carrier", hosts=[HOST])
        self.lab.fault("mtu-small", hosts=[OTHER])
        self.lab.heal("no-carrier")
        self.assert_passes(HOST, PEER, FULL)
        self.assert_lost(OTHER, PEER, FULL)

    def test_the_same_again_is_refused(self) -> None:
        self.lab.fault("filtered", hosts=[HOST])
        with self.assertRaisesRegex(errors.LabError, "already in the lab"):
            self.lab.fault("filtered", hosts=[HOST])
        with self.assertRaisesRegex(errors.LabError, "no fault split"):
            self.lab.heal("split")

    def test_one_that_cannot_be_put_in_leaves_nothing(self) -> None:
        self.lab.fault("interface-missing", hosts=[HOST])
        with self.assertRaisesRegex(errors.LabError, "eth1"):
            self.lab.fault("mtu-small", hosts=[HOST])
        self.assertEqual(
            ["interface-missing"],
            [one.fault for one in self.lab.status().faults],
        )

    def test_on_every_network(self) -> None:
        """What is in no test above: the faults work on each network."""
        for fault in catalogue.CATALOGUE.values():
            if fault.scope not in (faults.Scope.NETWORK, faults.Scope.GROUP):
                continue
            if fault.need and not getattr(self.lab.status().shape, fault.need):
                continue
            for network in (layout.MANAGEMENT, layout.STORAGE):
                with self.subTest(fault=fault.name, network=network.name):
                    self.lab.fault(
                        fault.name, hosts=[HOST], network=network.name
                    )
                    self.assert_passes(HOST, PEER, FULL)
                    self.lab.heal()
