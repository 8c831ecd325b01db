# SPDX-License-Identifier: Apache-2.0

from collections.abc import Mapping
import json
from typing import Any
from unittest import mock

from osc_lib import exceptions as osc_exceptions

from steth.controller import outcome
from steth.model import host
from steth.model import interface as interface_model
from steth.model import node
from steth.osc.v1 import interface
from steth.rpc import contract
from steth.rpc import errors
from steth.tests.unit.osc import fakes


def _snapshot() -> host.HostSnapshot:
    return host.HostSnapshot(
        host="compute1",
        taken_at="2026-01-01T00:00:00Z",
        namespaces=(
            host.Namespace(
                links=(
                    host.Link(
                        name="eth0",
                        index=2,
                        mac="02:00:00:00:00:01",
                        mtu=9000,
                        admin_up=True,
                        carrier=True,
                        carrier_changes=3,
                        speed=25000,
                        duplex="full",
                        master="bond0",
                        counters=host.Counters(rx_packets=7, tx_dropped=1),
                    ),
                    host.Link(
                        name="bond0",
                        index=3,
                        kind="bond",
                        mtu=9000,
                        admin_up=True,
                        carrier=False,
                    ),
                    host.Link(
                        name="lo",
                        index=1,
                        mtu=65536,
                        admin_up=True,
                        loopback=True,
                    ),
                    host.Link(
                        name="bond0.42",
                        index=4,
                        kind="vlan",
                        mtu=1500,
                        admin_up=False,
                        parent="bond0",
                        vlan_id=42,
                    ),
                ),
                addresses=(
                    host.Address(
                        address="192.0.2.1",
                        prefix_length=24,
                        family=4,
                        device="bond0",
                    ),
                ),
            ),
            host.Namespace(
                name="qrouter-1",
                links=(
                    host.Link(name="qr-1", index=9, mtu=1450, admin_up=True),
                ),
            ),
            host.Namespace(name="qrouter-2", error="cannot read qrouter-2"),
        ),
    )


def _details(netns: str | None) -> interface_model.Interface:
    if netns is not None:
        return interface_model.Interface(
            name="qr-1",
            index=9,
            kind="veth",
            peer=interface_model.Relative(index=2, netns=""),
        )
    return interface_model.Interface(
        name="bond0",
        index=3,
        flags=("BROADCAST", "MASTER", "UP"),
        kind="bond",
        details={"mode": "802.3ad", "miimon": 100},
        members=(node.BondMember(name="eth0", up=False, failures=2),),
        ethtool=interface_model.Ethtool(
            driver=interface_model.Driver(name="bonding", version="6.1"),
            settings=interface_model.LinkSettings(autonegotiation=False),
            statistics={"rx_packets_phy": 7, "rx_crc_errors_phy": 3},
        ),
    )


class _Fleet(fakes.Fleet):
    """Agents that tell of the host, and of an interface if they know how."""

    error: errors.OperationError | None = None

    def ask(
        self,
        operation: contract.Operation,
        asked: Mapping[str, Any],
        *,
        seconds: float,
    ) -> Mapping[str, outcome.Outcome]:
        if operation is not contract.INSPECT_INTERFACE:
            return super().ask(operation, asked, seconds=seconds)
        ((name, request),) = asked.items()
        data = None if self.error else _details(request.netns)
        answer = outcome.Outcome(host=name, data=data, error=self.error)
        return {name: answer}


class _TestCase(fakes.CommandTestCase):
    fleet: fakes.Fleet = _Fleet(
        fakes.row("compute1"), answer=lambda host: _snapshot()
    )

    def loaded(self) -> Any:
        return json.loads(self.output)

    def list_them(self, *arguments: str) -> None:
        self.run_command(interface.ListInterface, "compute1", *arguments)

    def show(self, *arguments: str) -> None:
        self.run_command(interface.ShowInterface, "compute1", *arguments)

    def assert_said(self, said: str, *arguments: str) -> None:
        with self.assertRaises(osc_exceptions.CommandError) as caught:
            self.show(*arguments)
        self.assertEqual(said, str(caught.exception))


class ListInterfaceTestCase(_TestCase):
    """The interfaces of a host, a row each."""

    def test_for_people(self) -> None:
        self.list_them()
        self.assertIn("| yes     | 02:00:00:00:00:01 |  9000 |", self.output)
        self.assertIn("25 Gbit/s", self.output)
        self.assertNotIn("qr-1", self.output)
        self.assertNotIn("RX Packets", self.output)

    def test_for_machines(self) -> None:
        self.list_them("-f", "json", "--long")
        nic, bond, loopback, vlan = self.loaded()
        self.assertEqual(
            (None, "bond", "loopback", "vlan"),
            (nic["Kind"], bond["Kind"], loopback["Kind"], vlan["Kind"]),
        )
        self.assertEqual(
            (9000, 25000, True, "bond0", 7, 1),
            tuple(
                nic[one]
                for one in (
                    *("MTU", "Speed", "Carrier", "Master"),
                    *("RX Packets", "TX Dropped"),
                )
            ),
        )
        self.assertEqual([], nic["Addresses"])
        self.assertEqual(
            (["192.0.2.1/24"], None, False),
            (bond["Addresses"], bond["Speed"], bond["Carrier"]),
        )
        self.assertEqual(
            ("down", "bond0", 42, None),
            (vlan["State"], vlan["Parent"], vlan["VLAN"], vlan["Carrier"]),
        )

    def test_namespace(self) -> None:
        self.list_them("--netns", "qrouter-1", "-f", "value", "-c", "Name")
        self.assertEqual("qr-1\n", self.output)

    def test_all_namespaces(self) -> None:
        with self.assertLogs(level="WARNING") as logs:
            self.list_them("--all-netns", "-f", "json")
        self.assertEqual(
            [*[None] * 4, "qrouter-1"],
            [one["Namespace"] for one in self.loaded()],
        )
        self.assertIn("cannot read qrouter-2", logs.output[0])

    def test_unknown_namespace(self) -> None:
        with self.assertRaisesRegex(
            osc_exceptions.CommandError,
            "namespace 'qrouter1'; did you mean 'qrouter-1'.*: qrouter-1, qr",
        ):
            self.list_them("--netns", "qrouter1")

    def test_unreadable_namespace(self) -> None:
        with self.assertRaisesRegex(
            osc_exceptions.CommandError, "^cannot read qrouter-2$"
        ):
            self.list_them("--netns", "qrouter-2")


class ShowInterfaceTestCase(_TestCase):
    """All that is known of one interface."""

    def test_show(self) -> None:
        self.show("bond0", "-f", "json")
        told = self.loaded()
        self.assertEqual(
            (["eth0"], "bond", 3, False, 0),
            (
                told["ports"],
                told["kind"],
                told["index"],
                told["carrier"],
                told["rx_packets"],
            ),
        )
        self.assertEqual(
            [{"address": "192.0.2.1/24", "scope": "global", "flags": []}],
            told["addresses"],
        )

    def test_details(self) -> None:
        self.show("bond0", "-f", "json")
        told = self.loaded()
        self.assertEqual(
            (
                ["BROADCAST", "MASTER", "UP"],
                {"mode": "802.3ad", "miimon": 100},
                "bonding",
                False,
                {"rx_crc_errors_phy": 3},
            ),
            (
                told["flags"],
                told["details"],
                told["driver"]["name"],
                told["autonegotiation"],
                told["driver_statistics"],
            ),
        )
        self.assertEqual(
            [("eth0", False, 2)],
            [
                (one["name"], one["up"], one["failures"])
                for one in told["members"]
            ],
        )
        for absent in ("peer", "rings", "alias", "partner_modes"):
            self.assertNotIn(absent, told)

    def test_details_for_people(self) -> None:
        self.show("bond0")
        for said in (
            "mode=802.3ad",
            "eth0  no  2",
            "version=6.1",
        ):
            self.assertIn(said, self.output)

    def test_all_statistics(self) -> None:
        self.show("bond0", "--long", "-f", "json")
        self.assertEqual(
            {"rx_packets_phy": 7, "rx_crc_errors_phy": 3},
            self.loaded()["driver_statistics"],
        )

    def test_in_a_namespace(self) -> None:
        self.show("qr-1", "--netns", "qrouter-1", "-f", "json")
        told = self.loaded()
        self.assertEqual(
            ("qrouter-1", "eth0", ""),
            (told["namespace"], told["peer"], told["peer_namespace"]),
        )

    def test_an_older_agent(self) -> None:
        fleet = _Fleet(fakes.row("compute1"), answer=lambda host: _snapshot())
        fleet.error = errors.OperationError(
            errors.ErrorCode.UNKNOWN_OPERATION,
            "agent 0.3 on compute1 has no inspect.interface",
        )
        with (
            mock.patch.object(self, "fleet", fleet),
            self.assertLogs(level="WARNING") as logs,
        ):
            self.show("eth0", "-f", "json")
        told = self.loaded()
        self.assertEqual(
            ("up", "unknown", 25000, 7),
            (
                told["state"],
                told["operational_state"],
                told["speed"],
                told["rx_packets"],
            ),
        )
        self.assertIn("agent 0.3 on compute1 has no", logs.output[0])

    def test_unknown(self) -> None:
        self.assert_said(
            "compute1 has no interface 'bnd0'; did you mean 'bond0'?; there "
            "are: bond0, bond0.42, eth0, lo; --netns looks into another "
            "namespace",
            "bnd0",
        )
        self.assert_said(
            "compute1 in namespace qrouter-1 has no interface 'eth0'; there "
            "are: qr-1; it is in another namespace: the host's own",
            *("eth0", "--netns", "qrouter-1"),
        )


class SilentTestCase(_TestCase):
    """An agent that does not answer is an error that says so."""

    class _Silent(fakes.Fleet):
        def ask(self, *args: Any, **named: Any) -> Any:
            error = errors.OperationError(errors.ErrorCode.NO_ANSWER, "gone")
            return {"compute1": outcome.Outcome(host="compute1", error=error)}

    fleet = _Silent(fakes.row("compute1"))

    def test_silent(self) -> None:
        self.assert_said("compute1: gone", "eth0")
