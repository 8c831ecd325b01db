# SPDX-License-Identifier: Apache-2.0
"""Tunnels of Open vSwitch's kernel datapath, and what befalls them."""

import json
from typing import Any
from typing import ClassVar

from steth.lab import deadline
from steth.lab import layout
from steth.lab import processes
from steth.tests.functional.kernel import cases
from steth.tests.functional.kernel import overlay

#: Seconds that a capture goes on, on a slow machine.
_CAPTURE = "15"
#: And until it has begun everywhere, or it is tried once more.
_BEGIN_TIMEOUT = 75.0
_TRIES = 3
#: Where the request passes, in its order.
POINTS = (
    f"compute1:{overlay.TUNNEL_DEVICE}",
    f"compute1:{overlay.NIC}",
    f"compute2:{overlay.NIC}",
    f"compute2:{overlay.TUNNEL_DEVICE}",
    f"compute2:{overlay.TAP}",
)


class OpenVSwitchTestCase(cases.KernelTestCase):
    """Two hosts with an instance each, and a tunnel between them."""

    hosts: ClassVar[tuple[layout.Host, layout.Host]]
    watchers: ClassVar[dict[str, int]]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        first, second, _ = layout.computes(layout.Shape(hosts=3))
        cls.hosts = (first, second)
        cls.watchers = {
            one.name: _watchers(cls.lab._hosts.running()[one.name])
            for one in cls.hosts
        }
        overlay.build(cls.lab._hosts.running(), cls.lab._hosts.mark, cls.hosts)

    def test_inspection(self) -> None:
        shown = self.asked("bridge", "show", "compute1", "br-tun")
        self.assertEqual(
            ("openvswitch", "system", "secure"),
            (shown["kind"], shown["datapath"], shown["fail_mode"]),
        )
        links = {
            one["Name"]: one
            for one in self.asked("interface", "list", "compute1")
        }
        self.assertEqual("openvswitch", links["br-tun"]["Kind"])
        self.assertEqual(
            ("vxlan", "ovs-system"),
            (
                links[overlay.TUNNEL_DEVICE]["Kind"],
                links[overlay.TUNNEL_DEVICE]["Master"],
            ),
        )
        self.assertEqual("ovs-system", links[overlay.TAP]["Master"])

    def seen(self) -> dict[str, int]:
        """Put a request into the bridge; return how often each point saw it.

        It goes in as if the instance had sent it. Twice is the answer, too.
        On a slow machine an agent may give up a tcpdump that takes its time:
        then it is captured once more.
        """
        for _ in range(_TRIES):
            self.assertTrue(self.watched({}))
            rows = self.captured()
            if rows is not None:
                break
        assert rows is not None
        self.assertEqual({0}, {one["Lost Kernel"] or 0 for one in rows}, rows)
        return {one["Point"]: one["Packets"] for one in rows}

    def captured(self) -> list[dict[str, Any]] | None:
        """Do so once; return the capture's rows, None if it did not begin."""
        inner = f"arp host {overlay.address(self.hosts[1])}"
        with cases.running(
            self.init(layout.CONTROLLER),
            [
                *("steth", "capture", *POINTS, "--duration", _CAPTURE),
                *("--filter", f"udp port 4789 or {inner}"),
                *("--write", "/run/steth/seen.pcapng", "-f", "json"),
            ],
        ) as wait:
            if not self.watched({"compute1": 2, "compute2": 3}):
                wait()
                return None
            frame = overlay.arp_request(*self.hosts)
            self.inside(
                "compute1",
                f"ovs-ofctl packet-out br-int in_port={overlay.TAP},"
                f"packet={frame},actions=NORMAL",
            )
            done = wait()
        # It may be incomplete on a slow machine, where a capture is late:
        # what the points saw is what counts.
        self.assertIn(done.returncode, (0, 4), done.stderr)
        rows: list[dict[str, Any]] = json.loads(done.stdout)
        return rows

    def watched(self, more: dict[str, int]) -> bool:
        """Wait until hosts have so many more packet sockets than at first."""
        return deadline.until(
            lambda: all(
                _watchers(self.init(host)) == count + more.get(host, 0)
                for host, count in self.watchers.items()
            ),
            _BEGIN_TIMEOUT,
        )

    def drop(self, host: str, hook: str) -> None:
        """Have a host's firewall drop VXLAN, for as long as the test runs."""
        self.inside(
            host,
            "nft -f - <<'.'\n"
            "table inet steth_test {\n"
            f"chain tunnels {{ type filter hook {hook} priority 0;\n"
            "udp dport 4789 drop; }\n}\n.",
        )

    def heal(self, host: str) -> None:
        """Take the firewall's rule back."""
        self.inside(host, "nft delete table inet steth_test")

    def test_a_packet_on_its_way_and_a_firewall(self) -> None:
        self.assertEqual(dict.fromkeys(POINTS, 2), self.seen())
        for host, hook, passed in (
            ("compute2", "input", 3),
            ("compute1", "output", 1),
        ):
            with self.subTest(host=host, hook=hook):
                self.drop(host, hook)
                try:
                    seen = self.seen()
                finally:
                    self.heal(host)
                self.assertEqual(
                    [1] * passed + [0] * (len(POINTS) - passed),
                    [seen[one] for one in POINTS],
                )

    def test_netem(self) -> None:
        for qdisc, code in (
            ("delay 60ms", "underlay-latency"),
            ("loss 30%", "host-partial-loss"),
        ):
            with self.subTest(qdisc=qdisc):
                root = f"dev {overlay.NIC} root netem {qdisc}"
                self.inside("compute2", f"tc qdisc add {root}")
                try:
                    found = self.found("connectivity")
                finally:
                    self.inside("compute2", f"tc qdisc del {root}")
                self.assertEqual([(code, "compute2")], found)
        self.assertEqual([], self.found("connectivity"))


def _watchers(init: processes.Process) -> int:
    """Return how many packet sockets a host has, see packet(7)."""
    return len(processes.network_file(init, "packet").splitlines())
