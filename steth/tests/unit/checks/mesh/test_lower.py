# SPDX-License-Identifier: Apache-2.0

from typing import Any
import unittest

from steth.checks.mesh import lower
from steth.model import bridge
from steth.model import host


def _bridge(name: str, *interfaces: bridge.Interface) -> bridge.Bridge:
    return bridge.Bridge(
        name=name,
        kind=bridge.BridgeKind.OPEN_VSWITCH,
        ports=tuple(
            bridge.Port(name=one.name, interfaces=(one,))
            for one in (
                bridge.Interface(name=name, kind="internal"),
                *interfaces,
            )
        ),
    )


def _patch(name: str, peer: str) -> bridge.Interface:
    return bridge.Interface(name=name, kind="patch", options={"peer": peer})


def _instance(name: str) -> bridge.Interface:
    return bridge.Interface(name=name, external_ids={"iface-id": "6c0d"})


def _link(name: str, **values: Any) -> host.Link:
    return host.Link(name=name, index=1, mtu=1500, admin_up=True, **values)


class PortsTestCase(unittest.TestCase):
    """The NICs of a bridge, or of the next one that has some."""

    def _ports(self, *bridges: bridge.Bridge) -> dict[str, set[str]]:
        found = lower.ports(
            bridge.BridgeSnapshot(host="h", taken_at="", bridges=bridges)
        )
        return {name: set(nics) for name, nics in found.items()}

    def test_own_nics(self) -> None:
        self.assertEqual(
            {"br-ex": {"em1", "em2"}, "vlan20": {"em1", "em2"}},
            self._ports(
                _bridge(
                    "br-ex",
                    bridge.Interface(name="vlan20", kind="internal"),
                    bridge.Interface(name="em1"),
                    bridge.Interface(name="em2"),
                    _instance("eth0_7"),
                )
            ),
        )

    def test_patched_bridges(self) -> None:
        found = self._ports(
            _bridge("br-mgmt", _patch("a", "b"), _patch("loose", "nowhere")),
            _bridge(
                "br-int", _patch("b", "a"), _patch("c", "d"), _instance("t")
            ),
            _bridge("br-ex", _patch("d", "c"), bridge.Interface(name="em1")),
            _bridge("br-alone"),
        )
        self.assertEqual({"em1"}, found["br-mgmt"])
        self.assertEqual({"em1"}, found["br-int"])
        self.assertEqual(set(), found["br-alone"])

    def test_a_bridge_of_the_kernel(self) -> None:
        self.assertEqual(
            {},
            self._ports(
                bridge.Bridge(name="br0", kind=bridge.BridgeKind.LINUX)
            ),
        )


class LowestTestCase(unittest.TestCase):
    """Down to the NICs, through what the host has on them."""

    def test_through_open_vswitch(self) -> None:
        namespace = host.Namespace(
            links=(
                _link("em1", master="bond0"),
                _link("em2", master="bond0"),
                _link("bond0", kind="bond", master="ovs-system"),
                _link("br-ex", kind="openvswitch"),
                _link("br-ex.7", kind="vlan", parent="br-ex"),
                _link("tap1", kind="tun", master="ovs-system"),
            )
        )
        link = namespace.links[4]
        for internal, names in (
            ({"br-ex": frozenset({"bond0"})}, ["em1", "em2"]),
            ({}, ["br-ex"]),
        ):
            self.assertEqual(
                names,
                [one.name for one in lower.lowest(link, namespace, internal)],
            )

    def test_ports_of_instances(self) -> None:
        namespace = host.Namespace(
            links=(
                _link("br0", kind="bridge"),
                _link("eth0", master="br0"),
                _link("tap1", kind="tun", master="br0"),
                _link("v1", kind="veth", master="br0"),
            )
        )
        self.assertEqual(
            ["eth0"],
            [one.name for one in lower.lowest(namespace.links[0], namespace)],
        )
