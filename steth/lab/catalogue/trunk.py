# SPDX-License-Identifier: Apache-2.0
"""The faults that can be put into a lab's trunk, as data."""

from steth.lab import faults

_VLAN = faults.Value(default=100, least=1, most=4094, meaning="VLAN")


def _switch(inject: str, heal: str) -> tuple[faults.Step, ...]:
    return (
        faults.Step(
            place=faults.Place.SWITCH,
            tool=faults.Tool.OVS,
            inject=inject,
            heal=heal,
        ),
    )


def _fault(
    name: str,
    summary: str,
    finding: str,
    steps: tuple[faults.Step, ...],
    scope: faults.Scope = faults.Scope.HOST,
) -> faults.Fault:
    return faults.Fault(
        name=name,
        summary=summary,
        finding=finding,
        scope=scope,
        need=faults.Need.TRUNK,
        check="vlan",
        value=_VLAN,
        steps=steps,
    )


FAULTS = (
    _fault(
        "vlan-missing",
        "the VLAN is not allowed on the host's trunk port",
        "underlay-vlan-missing",
        _switch(
            "ovs-vsctl set port {trunk_port} trunks={other_vlans}",
            "ovs-vsctl clear port {trunk_port} trunks",
        ),
    ),
    _fault(
        "vlan-missing-between",
        "the VLAN is not allowed on the trunk between the two switches",
        "underlay-vlan-split",
        _switch(
            "ovs-vsctl set port {uplink} trunks={other_vlans}",
            "ovs-vsctl clear port {uplink} trunks",
        ),
        faults.Scope.LAB,
    ),
    _fault(
        "vlan-native",
        "the host's trunk port has the VLAN as its native one, others none",
        "underlay-vlan-native",
        _switch(
            "ovs-vsctl set port {trunk_port} tag={value} "
            "vlan_mode=native-untagged",
            "ovs-vsctl clear port {trunk_port} tag vlan_mode",
        ),
    ),
    _fault(
        "vlan-one-way",
        "the switch drops what the host sends on the VLAN",
        "underlay-vlan-one-way",
        _switch(
            "ovs-ofctl add-flow {leaf} priority=100,in_port={trunk_port},"
            "dl_vlan={value},actions=drop",
            "ovs-ofctl del-flows {leaf} in_port={trunk_port},dl_vlan={value}",
        ),
    ),
    _fault(
        "vlan-loop",
        "the host's frames on the VLAN come back to it",
        "underlay-vlan-loop",
        _switch(
            "ovs-ofctl add-flow {leaf} priority=100,in_port={trunk_port},"
            "dl_vlan={value},actions=in_port,NORMAL",
            "ovs-ofctl del-flows {leaf} in_port={trunk_port},dl_vlan={value}",
        ),
    ),
)
