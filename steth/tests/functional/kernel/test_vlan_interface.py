# SPDX-License-Identifier: Apache-2.0
"""Temporary VLAN interfaces of a real agent: there, right, and gone."""

import json
import signal
import time
from typing import Any
import unittest

from steth.tests.functional import needs
from steth.tests.functional.agent import namespaces
from steth.tests.functional.agent import service_fixtures as fixtures

#: A machine that QEMU translates takes its time.
_SOON = 20.0


class VlanInterfaceTest(unittest.TestCase):
    """eth0 leads to another host, which has an interface for VLAN 100."""

    def setUp(self) -> None:
        needs.root()
        needs.kernel("8021q")
        self.host = namespaces.Host(self)
        self.other = namespaces.Host(self)
        namespaces.cable(self.host, "eth0", self.other, "eth0")
        self.inside = fixtures.Inside(self, self.host)
        self.start()

    def start(self) -> None:
        self.agent = fixtures.Agent(self, self.host, "")
        fixtures.wait_for(self.is_listening, "the agent listens")

    def is_listening(self) -> bool:
        shown = self.host.run("ss", "-Hltn", f"sport = :{fixtures.PORT}")
        return bool(shown.strip())

    def ask(self, operation: str, **arguments: Any) -> dict[str, Any]:
        """Return a reply: its data, or its error."""
        answer = self.inside.call(
            fixtures.post, fixtures.call(operation, **arguments)
        )
        return dict(answer.json["result"])

    def create(self, **more: Any) -> dict[str, Any]:
        """Make an interface for VLAN 100."""
        given = {"interface": "eth0", "vlan": 100, **more}
        reply = self.ask("probe.vlan_interface", **given)
        self.assertIn("data", reply, reply)
        return dict(reply["data"])

    def vlans(self) -> dict[str, dict[str, Any]]:
        """Return the host's VLAN interfaces by name, as ip(8) has them."""
        told = json.loads(
            self.host.run("ip", "-details", "-json", "address", "show")
        )
        return {
            one["ifname"]: one
            for one in told
            if one.get("linkinfo", {}).get("info_kind") == "vlan"
        }

    def assert_gone(self) -> None:
        fixtures.wait_for(lambda: not self.vlans(), "it is gone", _SOON)

    def test_what_it_is(self) -> None:
        made = self.create(cidr="192.0.2.1/24")
        ((name, link),) = self.vlans().items()
        self.assertEqual(made["name"], name)
        self.assertEqual(f"steth task {made['task']['id']}", link["ifalias"])
        self.assertEqual(
            ("eth0", 100, True),
            (
                link["link"],
                link["linkinfo"]["info_data"]["id"],
                "UP" in link["flags"],
            ),
        )
        # No link-local address: it says nothing by itself.
        (address,) = link["addr_info"]
        self.assertEqual(
            ("192.0.2.1", 24, "192.0.2.255"),
            (address["local"], address["prefixlen"], address["broadcast"]),
        )
        self.other.ip(
            *("link", "add", "link", "eth0", "name", "v", "type", "vlan"),
            *("id", "100"),
        )
        self.other.ip("address", "add", "192.0.2.2/24", "dev", "v")
        self.other.ip("link", "set", "v", "up")
        self.host.run("ping", "-c1", "-W2", "192.0.2.2")

    def test_ipv6(self) -> None:
        self.create(cidr="2001:db8::1/64")
        (link,) = self.vlans().values()
        self.assertEqual(
            ["2001:db8::1"], [one["local"] for one in link["addr_info"]]
        )

    def test_removed_when_asked(self) -> None:
        self.host.ip(
            *("link", "add", "link", "eth0", "name", "mine", "type", "vlan"),
            *("id", "200"),
        )
        self.create()
        for vlan in (200, 300):
            reply = self.ask(
                "probe.vlan_interface_remove", interface="eth0", vlan=vlan
            )
            self.assertIn("VLAN 100 of eth0", reply["error"]["message"])
        reply = self.ask(
            "probe.vlan_interface_remove", interface="eth0", vlan=100
        )
        self.assertIn("data", reply)
        self.assertEqual({"mine"}, set(self.vlans()))
        self.assertEqual([], self.ask("task.list")["data"]["tasks"])

    def test_its_lifetime(self) -> None:
        began = time.monotonic()
        self.create(lifetime=2.0)
        self.assert_gone()
        self.assertGreater(time.monotonic() - began, 1.9)

    def test_the_agent_stops(self) -> None:
        self.create()
        self.agent.stop()
        self.assert_gone()

    def test_the_agent_is_killed(self) -> None:
        self.host.ip(
            *("link", "add", "link", "eth0", "name", "steth01234567"),
            *("type", "vlan", "id", "200"),
        )
        self.create()
        self.agent.process.send_signal(signal.SIGKILL)
        self.agent.process.wait()
        self.assertEqual(2, len(self.vlans()))
        self.start()
        # What only looks like it was made by somebody else.
        self.assertEqual({"steth01234567"}, set(self.vlans()))

    def test_what_is_there_already(self) -> None:
        self.create()
        reply = self.ask("probe.vlan_interface", interface="eth0", vlan=100)
        self.assertIn("VLAN 100 already", reply["error"]["message"])
        self.assertEqual(1, len(self.vlans()))

    def test_a_failure_leaves_nothing(self) -> None:
        self.host.ip("link", "set", "eth0", "down")
        reply = self.ask("probe.vlan_interface", interface="eth0", vlan=100)
        self.assertIn("Network is down", reply["error"]["message"])
        self.assertEqual({}, self.vlans())
