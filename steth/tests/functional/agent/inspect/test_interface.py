# SPDX-License-Identifier: Apache-2.0
"""``inspect.interface`` against what ip(8) and ethtool(8) themselves say."""

import json
import re
from typing import Any
import unittest

from steth.model import interface as interface_model
from steth.rpc import contract
from steth.rpc import errors
from steth.tests.functional import needs
from steth.tests.functional.agent import asking
from steth.tests.functional.agent import namespaces

#: Sums of several features that ethtool(8) makes up.
_GROUPS = ("tx-checksumming", "scatter-gather", "tcp-segmentation-offload")


class InterfaceTestCase(unittest.TestCase):
    """A host with another one on its cable."""

    def setUp(self) -> None:
        needs.root()
        needs.programs("ip", "ethtool", "sysctl", "setpriv")
        self.host = namespaces.Host(self)
        self.other = namespaces.Host(self)
        namespaces.cable(self.host, "eth0", self.other, "eth0", mtu=1450)

    def ip(self, command: str) -> None:
        self.host.ip(*command.split())

    def asked(
        self, interface: str, netns: str | None = None, **how: Any
    ) -> asking.Asked:
        return asking.Asked(
            self,
            self.host,
            contract.INSPECT_INTERFACE,
            {"interface": interface, "netns": netns},
            **how,
        )

    def interface(
        self, interface: str, netns: str | None = None, **how: Any
    ) -> interface_model.Interface:
        found = self.asked(interface, netns, **how).reply()
        assert isinstance(found, interface_model.Interface)
        return found

    def told_by_ip(self, name: str) -> dict[str, Any]:
        (told,) = json.loads(
            self.host.run("ip", "-d", "-j", "link", "show", name)
        )
        assert isinstance(told, dict)
        return told

    def test_link(self) -> None:
        self.ip("link set eth0 alias leaf2 txqueuelen 77 promisc on")
        self.ip("link property add dev eth0 altname enp3s0 altname enx02")
        found = self.interface("eth0")
        told = self.told_by_ip("eth0")
        self.assertEqual(
            (
                told["ifindex"],
                told["flags"],
                told["ifalias"],
                told["altnames"],
                told["qdisc"],
                told["txqlen"],
                told["promiscuity"],
                told["min_mtu"],
                told["max_mtu"],
            ),
            (
                found.index,
                list(found.flags),
                found.alias,
                list(found.alternative_names),
                found.queueing,
                found.queue_length,
                found.promiscuity,
                found.minimum_mtu,
                found.maximum_mtu,
            ),
        )
        self.assertIn("PROMISC", found.flags)

    def assert_details(self, name: str) -> interface_model.Details:
        found = self.interface(name)
        told = self.told_by_ip(name)["linkinfo"]
        self.assertEqual(told["info_kind"], found.kind)
        for mine, its in (
            (found.details, told.get("info_data", {})),
            (found.port, told.get("info_slave_data", {})),
        ):
            self.assertEqual({one: its.get(one) for one in mine}, mine)
        return found.details | found.port

    def test_bridge_and_its_port(self) -> None:
        # ip(8) drops the zero of a byte like 0d, but only in a bridge's id.
        self.ip("link add br0 address 52:54:11:22:33:44 type bridge")
        self.ip("link set br0 type bridge stp_state 1")
        self.ip("link set eth0 master br0")
        self.assertIn("stp_state", self.assert_details("br0"))
        self.assertIn("hairpin", self.assert_details("eth0"))

    def test_vxlan(self) -> None:
        self.ip(
            "link add vxlan0 type vxlan id 42 local 192.0.2.1 "
            "remote 192.0.2.2 dev eth0 dstport 4789"
        )
        self.assertEqual("eth0", self.assert_details("vxlan0")["link"])

    def test_tap(self) -> None:
        self.ip("tuntap add tap0 mode tap multi_queue")
        self.assertIs(True, self.assert_details("tap0")["multi_queue"])

    def test_macvlan(self) -> None:
        self.ip("link add up0 link eth0 type macvlan")
        self.assert_details("up0")
        parent = self.interface("up0").parent
        assert parent is not None
        self.assertEqual("eth0", parent.name)

    def test_veth(self) -> None:
        self.ip("link add here0 type veth peer name here1")
        self.assertEqual(
            ("here1", None), self.peer("here0"), "in the same namespace"
        )
        self.assertEqual((None, self.other.name), self.peer("eth0"))
        # The agent's own is the host's: where it has its first thread.
        self.assertEqual((None, ""), self.peer("eth0", self.other.name))

    def peer(
        self, interface: str, netns: str | None = None
    ) -> tuple[str | None, str | None]:
        peer = self.interface(interface, netns).peer
        assert peer is not None
        return peer.name, peer.netns

    def test_driver(self) -> None:
        found = self.interface("eth0").ethtool
        assert found.driver is not None
        assert found.settings is not None
        told = self.fields("-i")
        self.assertEqual(
            (told["driver"], told["version"], told["firmware-version"]),
            (
                found.driver.name,
                found.driver.version,
                found.driver.firmware or "",
            ),
        )
        told = self.fields()
        self.assertEqual(
            (told["Speed"], told["Duplex"].lower(), told["Port"]),
            (
                f"{found.settings.speed}Mb/s",
                found.settings.duplex,
                found.settings.port,
            ),
        )

    def test_features(self) -> None:
        told = self.fields("-k")
        for left_out in ("Features for eth0", *_GROUPS):
            told.pop(left_out)
        self.assertEqual(
            told,
            {
                one.name: ("on" if one.active else "off")
                + (" [fixed]" if one.fixed else "")
                for one in self.interface("eth0").ethtool.features
            },
        )

    def test_channels_and_statistics(self) -> None:
        found = self.interface("eth0").ethtool
        numbers = re.findall(
            r"^(RX|TX):\s+(\d+)", self.ethtool("-l"), re.MULTILINE
        )
        maxima, current = numbers[: len(numbers) // 2], numbers[-2:]
        self.assertEqual(
            [
                (name.lower(), int(is_now), int(most))
                for (name, most), (_, is_now) in zip(
                    maxima, current, strict=True
                )
            ],
            [(one.name, one.current, one.maximum) for one in found.channels],
        )
        self.assertEqual(
            int(self.fields("-S")["peer_ifindex"]),
            found.statistics["peer_ifindex"],
        )

    def ethtool(self, *arguments: str) -> str:
        return self.host.run("ethtool", *arguments, "eth0")

    def fields(self, *arguments: str) -> dict[str, str]:
        """Return the lines "name: value" of what ethtool(8) prints."""
        lines = self.ethtool(*arguments).splitlines()
        pairs = (line.partition(":")[::2] for line in lines)
        return {name.strip(): value.strip() for name, value in pairs}

    def test_in_a_namespace(self) -> None:
        found = self.interface("eth0", self.other.name)
        self.assertEqual(
            json.loads(self.other.run("ip", "-j", "link", "show", "eth0"))[0][
                "ifindex"
            ],
            found.index,
        )
        assert found.ethtool.driver is not None
        self.assertEqual("veth", found.ethtool.driver.name)

    def test_mistakes(self) -> None:
        for netns, argument in (
            (None, "interface"),
            (self.other.name, "interface"),
            ("no-such-one", "netns"),
        ):
            name = "eth0" if argument == "netns" else "eth9"
            with self.assertRaises(errors.OperationError) as caught:
                self.asked(name, netns).reply()
            self.assertEqual(argument, caught.exception.argument)

    def test_without_privilege(self) -> None:
        needs.nobody()
        nobody: dict[str, Any] = {
            "way": "no-such-helper",
            "prefix": (
                "setpriv",
                "--reuid=65534",
                "--clear-groups",
                # To read the tree, wherever it lies.
                "--inh-caps=-all,+dac_read_search",
                "--ambient-caps=+dac_read_search",
            ),
        }
        found = self.interface("eth0", **nobody)
        assert found.ethtool.driver is not None
        self.assertTrue(found.ethtool.features)
        self.assertEqual(self.interface("eth0"), found)
        with self.assertRaises(errors.OperationError) as caught:
            self.asked("eth0", self.other.name, **nobody).reply()
        self.assertIn("[steth_namespace]", caught.exception.message)
