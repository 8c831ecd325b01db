# SPDX-License-Identifier: Apache-2.0
"""Where packets were seen, when they get lost in one direction."""

from typing import NamedTuple
import unittest

from steth.model import probe
from steth.tests.functional import needs
from steth.tests.functional.agent import asking
from steth.tests.functional.agent import namespaces

_RUN = 0xC0FFEE
_COUNT = 4
_REQUEST = probe.PacketKind.REQUEST
_REPLY = probe.PacketKind.REPLY
_ARP = probe.PacketKind.ARP


class _Seen(NamedTuple):
    """How many packets of the pings from here to there one host saw."""

    requests_out: int = 0
    requests_in: int = 0
    replies_out: int = 0
    replies_in: int = 0


class WatchTestCase(unittest.TestCase):
    """Two hosts at a switch; only one of them pings the other."""

    def setUp(self) -> None:
        needs.root()
        needs.programs("ip", "nft", "sysctl")
        self.here = namespaces.Host(self)
        self.there = namespaces.Host(self)
        self.switch = namespaces.Host(self)
        self.switch.ip("link", "add", "br0", "type", "bridge")
        self.switch.ip("link", "set", "br0", "up")
        for number, host in enumerate((self.here, self.there), 1):
            port = f"port{number}"
            namespaces.cable(host, "eth0", self.switch, port)
            self.switch.ip("link", "set", port, "master", "br0")
            host.ip("addr", "add", f"10.0.0.{number}/24", "dev", "eth0")
            host.ip("addr", "add", f"fd00::{number}/64", "dev", "eth0")
        # The one that only watches has to have targets, too: its own.
        self.there.ip("addr", "add", "10.0.0.3/32", "dev", "lo")
        self.there.ip("addr", "add", "fd00::3/128", "dev", "lo")

    def watch(self) -> tuple[probe.IcmpReport, probe.IcmpReport]:
        """Ping from here while both watch; return both reports."""
        common = {"run": _RUN, "watch": True, "count": _COUNT}
        for seconds in (2.5, 5.0, 9.0):
            # Its own packets come last, so it watches for that long.
            watching = asking.probe_icmp(
                self,
                self.there,
                {"address": "10.0.0.3", "source": "10.0.0.2"},
                {"address": "fd00::3", "source": "fd00::2"},
                delay=seconds,
                **common,
            )
            watching.wait_until_begun()
            here = asking.probe_icmp(
                self,
                self.here,
                {"address": "10.0.0.2", "size": 200},
                {"address": "fd00::2", "size": 1500},
                delay=0.2,
                linger=0.2,
                **common,
            ).reply()
            watched_all = watching.process.poll() is None
            there = watching.reply()
            self.assertEqual(0, here.lost_by_watch)
            self.assertEqual(0, there.lost_by_watch)
            if watched_all:
                return here, there
        raise AssertionError("this machine is too slow")

    def seen(
        self, report: probe.IcmpReport, version: int
    ) -> tuple[_Seen, set[int]]:
        """Count what one host saw, and tell the sizes."""
        prefix = "10." if version == 4 else "fd00:"
        counts = dict.fromkeys(_Seen._fields, 0)
        sizes = set()
        for one in report.sightings:
            if one.kind is _ARP or not one.source.startswith(prefix):
                continue
            self.assertEqual("eth0", one.device)
            way = "out" if one.outgoing else "in"
            kind = "requests" if one.kind is _REQUEST else "replies"
            counts[f"{kind}_{way}"] += one.count
            sizes.add(one.size)
        return _Seen(**counts), sizes

    def assert_seen(self, here: _Seen, there: _Seen) -> None:
        """Watch, and compare what both saw of both IP versions."""
        reports = self.watch()
        for version, size in ((4, 200), (6, 1500)):
            with self.subTest(version=version):
                for expected, report in zip(
                    (here, there), reports, strict=True
                ):
                    sizes = {size} if any(expected) else set()
                    self.assertEqual(
                        (expected, sizes), self.seen(report, version)
                    )

    def test_nothing_is_lost(self) -> None:
        n = _COUNT
        self.assert_seen(
            _Seen(requests_out=n, replies_in=n),
            _Seen(requests_in=n, replies_out=n),
        )

    def test_requests_are_lost_on_the_way(self) -> None:
        self._drop_at_switch("port1", "echo-request")
        self.assert_seen(_Seen(requests_out=_COUNT), _Seen())

    def test_replies_are_lost_on_the_way(self) -> None:
        self._drop_at_switch("port2", "echo-reply")
        self.assert_seen(
            _Seen(requests_out=_COUNT),
            _Seen(requests_in=_COUNT, replies_out=_COUNT),
        )

    def test_the_target_filters_requests(self) -> None:
        # Seen before the filter of the host that drops them.
        self._drop_at_host(self.there, "input", "echo-request")
        self.assert_seen(_Seen(requests_out=_COUNT), _Seen(requests_in=_COUNT))

    def test_the_sender_filters_replies(self) -> None:
        self._drop_at_host(self.here, "input", "echo-reply")
        self.assert_seen(
            _Seen(requests_out=_COUNT, replies_in=_COUNT),
            _Seen(requests_in=_COUNT, replies_out=_COUNT),
        )

    def test_the_sender_filters_requests(self) -> None:
        # It watches although it can send nothing, and sees none of them.
        self._drop_at_host(self.here, "output", "echo-request")
        self.assert_seen(_Seen(), _Seen())

    def test_address_resolution(self) -> None:
        for family in ("arp", "ip6"):
            match = (
                "arp operation reply"
                if family == "arp"
                else "icmpv6 type nd-neighbor-advert"
            )
            self.there.filter(f"{match} drop", hook="output", family=family)
        here, there = self.watch()
        for sender, target in (
            ("10.0.0.1", "10.0.0.2"),
            ("fd00::1", "fd00::2"),
        ):
            with self.subTest(sender=sender):
                self.assertEqual(
                    {(True, sender, target)}, self._resolutions(here, target)
                )
                self.assertEqual(
                    {(False, sender, target)}, self._resolutions(there, target)
                )

    def _resolutions(
        self, report: probe.IcmpReport, target: str
    ) -> set[tuple[bool, str, str]]:
        return {
            (one.outgoing, one.source, one.destination)
            for one in report.sightings
            if one.kind is _ARP and target in {one.source, one.destination}
        }

    def _drop_at_switch(self, port: str, kind: str) -> None:
        self.switch.filter(
            f"icmp type {kind} drop",
            f"icmpv6 type {kind} drop",
            hook=f"ingress device {port}",
            family="netdev",
        )

    def _drop_at_host(
        self, host: namespaces.Host, hook: str, kind: str
    ) -> None:
        host.filter(
            f"icmp type {kind} drop", f"icmpv6 type {kind} drop", hook=hook
        )
