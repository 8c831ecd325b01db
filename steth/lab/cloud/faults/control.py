# SPDX-License-Identifier: Apache-2.0
"""Faults of agents and daemons."""

from steth.lab.cloud.faults import cut
from steth.lab.cloud.faults import fault

#: Neutron calls an agent dead after so many seconds without its report;
#: it also takes one to call it alive again.
_REPORTED = 60.0


def _agent_dead(
    name: str,
    binary: str,
    host: str,
    place: fault.Place,
    breaks: tuple[str, ...] = (),
) -> fault.Fault:
    return fault.Fault(
        name=name,
        summary=f"{binary} was killed on {host}",
        finding="control-agent-dead",
        host=host,
        steps=(fault.Service(place=place, name=binary),),
        breaks=(f"agent/{host}/{binary}", *breaks),
        patience=_REPORTED,
    )


#: They take long to show, and can all be in a cloud at once.
AGENTS = (
    _agent_dead(
        "ovs-agent-dead",
        "neutron-openvswitch-agent",
        "compute2",
        fault.Place.HOST,
    ),
    _agent_dead(
        "dhcp-agent-dead",
        "neutron-dhcp-agent",
        "network1",
        fault.Place.NETWORK,
    ),
    _agent_dead(
        "l3-agent-dead",
        "neutron-l3-agent",
        "network1",
        fault.Place.NETWORK,
    ),
    _agent_dead(
        "metadata-agent-dead",
        "neutron-metadata-agent",
        "network1",
        fault.Place.NETWORK,
        breaks=("metadata/*",),
    ),
)

FAULTS = (
    *AGENTS,
    fault.Fault(
        name="vswitchd-dead",
        summary="ovs-vswitchd was killed on the host",
        finding="ovs-vswitchd-dead",
        steps=(fault.Service(place=fault.Place.HOST, name="ovs-vswitchd"),),
        breaks=cut.off("web2", "db2", "lan2"),
        either=("agent/compute2/*", "port/*2"),
    ),
    fault.Fault(
        name="binding-failed",
        summary="a port is bound to a host that has not its physical network",
        finding="control-binding-failed",
        instance="stray",
        steps=(fault.Stray(),),
        breaks=("port/stray",),
        either=("*/stray",),
    ),
)
