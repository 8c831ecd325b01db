# SPDX-License-Identifier: Apache-2.0
"""The variables of faults."""

import re
import types
from typing import Any
import unittest

from steth.lab.cloud import layout
from steth.lab.cloud.faults import catalogue
from steth.lab.cloud.faults import environment
from steth.lab.cloud.faults import fault as fault_module
from steth.tests.unit.lab.cloud.scenario import examples

#: What the shell has by itself, or a script makes.
_OWN = {"namespace", "bridge", "device", "pattern", "program", "process"}
_OWN |= {"number", "column", "word", "chain", "rule", "tag", "path"}


class Neutron:
    """As much of openstacksdk's network proxy as is asked."""

    def agents(self, binary: str) -> Any:
        """Return an agent of any kind."""
        return iter([types.SimpleNamespace(id=f"id of {binary}")])

    def security_group_rules(self, **query: str) -> Any:
        """Return the rules of the scenario's security group."""
        for direction, protocol in (
            ("egress", None),
            ("ingress", "icmp"),
            ("ingress", "tcp"),
        ):
            yield types.SimpleNamespace(
                id=f"{direction} {protocol}",
                direction=direction,
                protocol=protocol,
            )

    def get_port(self, port: str) -> Any:
        """Return a port that is bound."""
        return types.SimpleNamespace(
            binding_vif_type="ovs", binding_vif_details={}
        )


class VariablesTestCase(unittest.TestCase):
    """Every name in the catalogue stands for something."""

    def variables(self, fault: fault_module.Fault) -> dict[str, str]:
        """Return what a fault's scripts may name."""
        return environment.variables(
            layout.Shape(),
            types.SimpleNamespace(network=Neutron()),
            examples.inventory(),
            fault,
        )

    def test_all_that_is_named_is_known(self) -> None:
        for fault in catalogue.CATALOGUE.values():
            known = self.variables(fault)
            names = set(
                re.findall(r"\$\{?([A-Za-z_][A-Za-z_0-9]*)", repr(fault.steps))
            )
            for name in names - _OWN:
                with self.subTest(fault=fault.name, name=name):
                    self.assertTrue(known.get(name))

    def test_the_rules_are_told_apart(self) -> None:
        found = self.variables(catalogue.CATALOGUE["no-ingress-rule"])
        self.assertEqual("ingress tcp", found["INGRESS_RULE"])
        self.assertEqual("egress None", found["EGRESS_RULE"])

    def test_a_tunnel_port_is_named_by_the_other_s_address(self) -> None:
        found = self.variables(catalogue.CATALOGUE["tunnel-port-missing"])
        # 10.77.1.11, see get_tunnel_name in Neutron's Open vSwitch agent.
        self.assertEqual("vxlan-0a4d010b", found["TUNNEL_TO_PEER"])

    def test_what_is_not_named_is_not_asked_for(self) -> None:
        fault = catalogue.CATALOGUE["guest-interface-down"]
        found = environment.variables(
            layout.Shape(),
            types.SimpleNamespace(network=None),
            examples.inventory(),
            fault,
        )
        self.assertNotIn("DHCP_AGENT", found)
        self.assertEqual("web2", found["INSTANCE"])
