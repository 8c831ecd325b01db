# SPDX-License-Identifier: Apache-2.0

from collections.abc import Mapping
from typing import Any
import unittest

from steth.checks import base
from steth.checks import switch_ports
from steth.controller import outcome
from steth.model import agent
from steth.model import bridge
from steth.model import finding
from steth.model import host
from steth.model import inventory
from steth.model import lldp
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests
from steth.tests.unit.checks.host import simulation
from steth.tests.unit.report import samples


def _port(device: str = "eth1", **changed: Any) -> lldp.LldpNeighbour:
    fields: dict[str, Any] = {"system": "leaf2", "port": "Ethernet7"}
    return lldp.LldpNeighbour(device=device, **(fields | changed))


class _Fleet:
    """Hosts that answer what ``told`` has, and no others."""

    def __init__(
        self, told: Mapping[str, lldp.LldpReport | errors.OperationError]
    ) -> None:
        self.told = told
        self.asked: list[list[str]] = []
        self.agents = tuple(
            agent.AgentRow(
                host=f"compute{number}",
                status=agent.AgentStatus.UP
                if number != 9
                else agent.AgentStatus.SILENT,
                operations=("inspect.lldp",) if number != 8 else (),
            )
            for number in (6, 7, 8, 9)
        )

    def ask(
        self,
        operation: contract.Operation,
        asked: Mapping[str, requests.Request],
        *,
        seconds: float,
    ) -> dict[str, outcome.Outcome]:
        assert operation is contract.INSPECT_LLDP
        self.asked.append(sorted(asked))
        found = {}
        for name in asked:
            one = self.told[name]
            found[name] = (
                outcome.Outcome(host=name, error=one)
                if isinstance(one, errors.OperationError)
                else outcome.Outcome(host=name, data=one)
            )
        return found


class SwitchPortsTestCase(unittest.TestCase):
    def named(
        self,
        told: Mapping[str, lldp.LldpReport | errors.OperationError],
        *findings: finding.Finding,
        links: tuple[host.Link, ...] = (),
        bridges: tuple[bridge.Bridge, ...] = (),
    ) -> tuple[list[finding.Finding], list[str]]:
        self.fleet = _Fleet(told)
        self.context = base.Context(
            fleet=self.fleet, inventory=inventory.Inventory()
        )
        if links:
            self.context.taken["compute7"] = host.HostSnapshot(
                host="compute7",
                taken_at="",
                namespaces=(host.Namespace(links=links),),
            )
        self.context.bridges["compute7"] = bridge.BridgeSnapshot(
            host="compute7", taken_at="", bridges=bridges
        )
        return switch_ports.named(
            findings or (samples.no_carrier(),), self.context
        )

    def test_of_a_nic(self) -> None:
        (one,), notes = self.named(
            {"compute7": lldp.LldpReport(neighbours=(_port(), _port("eth2")))}
        )
        self.assertEqual("leaf2 Ethernet7", one.location.switch_port)
        self.assertEqual(
            f"{samples.no_carrier().remedy} "
            "(last LLDP neighbour: leaf2, Ethernet7)",
            one.remedy,
        )
        self.assertEqual([], notes)

    def test_that_is_not_heard_any_more(self) -> None:
        for seconds, said in (
            (90.0, "90 s ago"),
            (600.0, "10 min ago"),
            (36_000.0, "10 h ago"),
        ):
            (one,), _ = self.named(
                {
                    "compute7": lldp.LldpReport(
                        neighbours=(_port(gone_for=seconds),),
                        unavailable="lldpd does not run",
                    )
                }
            )
            self.assertIn(f"leaf2, Ethernet7, {said})", one.remedy)

    def test_of_a_vlan_on_a_bond(self) -> None:
        told = lldp.LldpReport(
            neighbours=(
                _port("ens1"),
                _port("ens2", system="leaf3"),
                _port("ens3"),
            )
        )
        (one,), _ = self.named(
            {"compute7": told},
            samples.no_carrier(
                location=finding.Location(host="compute7", device="vlan5")
            ),
            links=(
                simulation.link("vlan5", kind="vlan", parent="bond0"),
                simulation.link("bond0", kind="bond"),
                simulation.link("ens1", master="bond0"),
                simulation.link("ens2", master="bond0"),
                simulation.link("ens3"),
            ),
        )
        self.assertEqual(
            "leaf2 Ethernet7, leaf3 Ethernet7", one.location.switch_port
        )
        self.assertIn(
            "(last LLDP neighbour of ens1: leaf2, Ethernet7; of ens2: "
            "leaf3, Ethernet7)",
            one.remedy,
        )

    def test_of_a_port_of_open_vswitch(self) -> None:
        ports = (("br-ex", "internal"), ("ens1", "system"))
        (one,), _ = self.named(
            {"compute7": lldp.LldpReport(neighbours=(_port("ens1"),))},
            samples.no_carrier(
                location=finding.Location(host="compute7", device="br-ex")
            ),
            links=(
                simulation.link("br-ex", kind="openvswitch"),
                simulation.link("ens1", master="ovs-system"),
            ),
            bridges=(
                bridge.Bridge(
                    name="br-ex",
                    kind=bridge.BridgeKind.OPEN_VSWITCH,
                    ports=tuple(
                        bridge.Port(
                            name=name,
                            interfaces=(
                                bridge.Interface(name=name, kind=kind),
                            ),
                        )
                        for name, kind in ports
                    ),
                ),
            ),
        )
        self.assertEqual("leaf2 Ethernet7", one.location.switch_port)

    def test_is_not_known(self) -> None:
        given = samples.no_carrier()
        for told, why in (
            (lldp.LldpReport(unavailable="lldpd does not run"), "not run"),
            (errors.OperationError(errors.ErrorCode.NO_ANSWER, "gone"), "go"),
        ):
            (one,), notes = self.named({"compute7": told}, given)
            self.assertEqual(given, one)
            (note,) = notes
            self.assertRegex(
                note, f"^no switch port is known of compute7: .*{why}"
            )

    def test_nobody_is_plugged_in_there(self) -> None:
        given = samples.no_carrier()
        (one,), notes = self.named({"compute7": lldp.LldpReport()}, given)
        self.assertEqual((given, []), (one, notes))

    def test_only_who_is_concerned_is_asked(self) -> None:
        given = [
            samples.no_carrier(code="host-interface-down"),
            samples.no_carrier(
                location=finding.Location(host="compute6", network="mgmt")
            ),
            samples.no_carrier(
                location=finding.Location(host="compute8", device="eth1")
            ),
            samples.no_carrier(
                location=finding.Location(host="compute9", device="eth1")
            ),
        ]
        self.assertEqual((given, []), self.named({}, *given))
        self.assertEqual([], self.fleet.asked)

    def test_a_host_is_asked_once_a_run(self) -> None:
        self.named({"compute7": lldp.LldpReport(neighbours=(_port(),))})
        reports = switch_ports.read(self.context, ["compute7"])
        self.assertEqual([["compute7"]], self.fleet.asked)
        self.assertEqual(
            "leaf2 Ethernet7",
            switch_ports.said(
                switch_ports.of(self.context, reports, "compute7", "eth1")
            ),
        )
        self.assertIsNone(switch_ports.said(()))
