# SPDX-License-Identifier: Apache-2.0
"""Every kind of failure, provoked in real namespaces."""

from typing import Any
import unittest

from steth.model import probe
from steth.tests.functional import needs
from steth.tests.functional.agent import asking
from steth.tests.functional.agent import namespaces

_KIND = probe.FailureKind


class FailureTestCase(unittest.TestCase):
    """Two hosts on one cable."""

    def setUp(self) -> None:
        needs.root()
        needs.programs("ip", "nft", "sysctl")
        self.here = namespaces.Host(self)
        self.there = namespaces.Host(self)
        namespaces.cable(self.here, "eth0", self.there, "eth0")
        self.here.ip("addr", "add", "10.0.0.1/24", "dev", "eth0")
        self.there.ip("addr", "add", "10.0.0.2/24", "dev", "eth0")
        self.here.ip("addr", "add", "fd00::1/64", "dev", "eth0")
        self.there.ip("addr", "add", "fd00::2/64", "dev", "eth0")

    def probe(
        self, *targets: str | dict[str, Any], **arguments: Any
    ) -> tuple[probe.IcmpResult, ...]:
        """Probe from the one host."""
        return asking.results(self, self.here, *targets, **arguments)

    def test_all_is_well(self) -> None:
        found = self.probe(
            "10.0.0.2",
            "fd00::2",
            {"address": "10.0.0.2", "size": 1500, "dont_fragment": True},
            {"address": "fd00::2", "size": 1500, "dont_fragment": True},
            {"address": "10.0.0.2", "size": 4000},
            {"address": "fd00::2", "size": 4000},
            {"address": "10.0.0.2", "source": "10.0.0.1"},
            {"address": "fd00::2", "source": "fd00::1", "device": "eth0"},
            {"address": "10.0.0.2", "device": "eth0"},
            count=4,
        )
        for one in found:
            with self.subTest(address=one.address, size=one.size):
                self.assertEqual((4, 4), (one.sent, one.received))
                self.assertIsNone(one.failure)
                self.assertEqual(0, one.duplicates)
                assert one.rtt_min and one.rtt_avg and one.rtt_max
                self.assertLessEqual(one.rtt_min, one.rtt_avg)
                self.assertLessEqual(one.rtt_avg, one.rtt_max)
                self.assertLess(one.rtt_min, 100)

    def test_a_scoped_address(self) -> None:
        self.there.ip("addr", "add", "fe80::99/64", "dev", "eth0")
        found = self.probe(
            "fe80::99%eth0", {"address": "fe80::99", "device": "eth0"}
        )
        self.assertEqual([3, 3], [one.received for one in found])

    def test_no_route(self) -> None:
        self.here.ip("route", "add", "unreachable", "10.8.0.0/24")
        for one in self.probe("10.9.0.1", "fd09::1", "10.8.0.1"):
            with self.subTest(address=one.address):
                self.assertEqual(_KIND.NO_ROUTE, one.failure)
                self.assertEqual(0, one.sent)

    def test_a_neighbour_that_does_not_resolve_yet(self) -> None:
        # The kernel itself says so after three seconds only.
        for one in self.probe("10.0.0.9", "fd00::9"):
            with self.subTest(address=one.address):
                self.assertEqual(_KIND.NO_NEIGHBOUR, one.failure)
                self.assertIsNone(one.reported_by)
                self.assertEqual(3, one.sent)

    def test_a_neighbour_that_the_kernel_gave_up(self) -> None:
        for one in self.probe("10.0.0.9", "fd00::9", timeout=5.0):
            with self.subTest(address=one.address):
                self.assertEqual(_KIND.NO_NEIGHBOUR, one.failure)
                self.assertIsNone(one.reported_by)
                self.assertIn("unreachable", one.detail or "")

    def test_a_gateway_that_does_not_resolve(self) -> None:
        self.here.ip("route", "add", "10.9.0.0/24", "via", "10.0.0.9")
        (one,) = self.probe("10.9.0.1")
        self.assertEqual(_KIND.NO_NEIGHBOUR, one.failure)
        self.assertIn("10.0.0.9", one.detail or "")

    def test_the_dead_do_not_harm_the_living(self) -> None:
        # Packets that wait for a dead neighbour fill a socket's buffer.
        dead = [
            {"address": f"10.0.0.{n}", "size": 1500} for n in range(100, 240)
        ]
        found = self.probe(*dead, "10.0.0.2", "fd00::2", count=5)
        self.assertEqual({5}, {one.sent for one in found})
        self.assertEqual([5, 5], [one.received for one in found[-2:]])
        self.assertEqual(
            {_KIND.NO_NEIGHBOUR}, {one.failure for one in found[:-2]}
        )

    def test_silence(self) -> None:
        self.there.filter(
            "icmp type echo-request drop",
            "icmpv6 type echo-request drop",
            hook="input",
        )
        for one in self.probe("10.0.0.2", "fd00::2"):
            with self.subTest(address=one.address):
                self.assertEqual(_KIND.SILENT, one.failure)
                self.assertEqual((3, 0), (one.sent, one.received))

    def test_partial_loss(self) -> None:
        self.there.filter(
            "icmp type echo-request numgen inc mod 4 == 1 drop", hook="input"
        )
        (one,) = self.probe("10.0.0.2", count=40)
        self.assertEqual((40, 30), (one.sent, one.received))
        self.assertEqual(_KIND.SILENT, one.failure)

    def test_refused_by_the_target(self) -> None:
        self.there.filter(
            "icmp type echo-request reject with icmp type admin-prohibited",
            "icmpv6 type echo-request reject with icmpv6 type "
            "admin-prohibited",
            hook="input",
        )
        for one, reporter in zip(
            self.probe("10.0.0.2", "fd00::2"),
            ("10.0.0.2", "fd00::2"),
            strict=True,
        ):
            with self.subTest(address=one.address):
                self.assertEqual(_KIND.FILTERED, one.failure)
                self.assertEqual(reporter, one.reported_by)
                self.assertIn("administratively", one.detail or "")

    def test_dropped_by_an_output_filter(self) -> None:
        self.here.filter("meta l4proto { icmp, icmpv6 } drop", hook="output")
        # Neighbour discovery goes through that filter as well.
        mac = "02:00:00:00:00:02"
        self.here.ip("neigh", "add", "fd00::2", "lladdr", mac, "dev", "eth0")
        for one in self.probe("10.0.0.2", "fd00::2"):
            with self.subTest(address=one.address):
                self.assertEqual(_KIND.NOT_SENT, one.failure)
                self.assertEqual(0, one.sent)
                self.assertIn("filter", one.detail or "")

    def test_what_the_host_does_not_have(self) -> None:
        found = self.probe(
            {"address": "10.0.0.2", "device": "eth9"},
            {"address": "10.0.0.2", "source": "10.0.0.77"},
            {"address": "fd00::2", "source": "fd00::77"},
        )
        self.assertEqual({_KIND.NOT_SENT}, {one.failure for one in found})
        self.assertIn("device", found[0].detail or "")
        self.assertIn("source", found[1].detail or "")
        self.assertIn("source", found[2].detail or "")

    def test_larger_than_the_own_device(self) -> None:
        self.here.ip("link", "set", "eth0", "mtu", "1400")
        for one in self.probe(
            {"address": "10.0.0.2", "size": 1401, "dont_fragment": True},
            {"address": "fd00::2", "size": 1401, "dont_fragment": True},
        ):
            with self.subTest(address=one.address):
                self.assertEqual(_KIND.TOO_BIG, one.failure)
                self.assertEqual(1400, one.mtu)
                self.assertIsNone(one.reported_by)
                self.assertEqual(0, one.sent)

    def test_as_large_as_the_own_device(self) -> None:
        self.here.ip("link", "set", "eth0", "mtu", "1400")
        for one in self.probe(
            {"address": "10.0.0.2", "size": 1400, "dont_fragment": True},
            {"address": "fd00::2", "size": 1400, "dont_fragment": True},
        ):
            self.assertEqual(3, one.received)

    def test_a_black_hole(self) -> None:
        self.there.ip("link", "set", "eth0", "mtu", "1400")
        found = self.probe(
            {"address": "10.0.0.2", "size": 1500, "dont_fragment": True},
            {"address": "10.0.0.2", "size": 1400, "dont_fragment": True},
        )
        self.assertEqual(_KIND.SILENT, found[0].failure)
        self.assertIsNone(found[1].failure)

    def test_refused_by_a_router(self) -> None:
        far = self._behind_a_router(mtu=1500)
        self.there.filter(
            "icmp type echo-request reject with icmp type host-unreachable",
            hook="forward",
        )
        (one,) = self.probe(far[0])
        self.assertEqual(_KIND.FILTERED, one.failure)
        self.assertEqual("10.0.0.2", one.reported_by)

    def test_too_big_for_a_link_behind_a_router(self) -> None:
        # Twice: what the kernel learns of the path must not hide it.
        far = self._behind_a_router(mtu=1300)
        for _ in range(2):
            for one, reporter in zip(
                self.probe(
                    *(
                        {"address": a, "size": 1500, "dont_fragment": True}
                        for a in far
                    )
                ),
                ("10.0.0.2", "fd00::2"),
                strict=True,
            ):
                with self.subTest(address=one.address):
                    self.assertEqual(_KIND.TOO_BIG, one.failure)
                    self.assertEqual(1300, one.mtu)
                    self.assertEqual(reporter, one.reported_by)
                    self.assertEqual((3, 0), (one.sent, one.received))
        for one in self.probe(
            *({"address": a, "size": 1300, "dont_fragment": True} for a in far)
        ):
            self.assertEqual(3, one.received)

    def _behind_a_router(self, mtu: int) -> tuple[str, str]:
        """Make the other host a router to one more host."""
        far = namespaces.Host(self)
        namespaces.cable(self.there, "eth1", far, "eth0", mtu=mtu)
        self.there.sysctl("net.ipv4.ip_forward", 1)
        self.there.sysctl("net.ipv6.conf.all.forwarding", 1)
        for here, there, host in (
            ("10.0.1.1/24", "10.0.1.2", "10.0.0.2"),
            ("fd01::1/64", "fd01::2", "fd00::2"),
        ):
            length = here.partition("/")[2]
            self.there.ip("addr", "add", here, "dev", "eth1")
            far.ip("addr", "add", f"{there}/{length}", "dev", "eth0")
            far.ip("route", "add", "default", "via", here.partition("/")[0])
            self.here.ip("route", "add", there, "via", host)
        return "10.0.1.2", "fd01::2"
