# SPDX-License-Identifier: Apache-2.0
"""Which function performs which operation."""

from oslo_config import cfg

from steth.agent import operations
from steth.agent import tasks
from steth.agent.capture import session
from steth.agent.inspect import agent
from steth.agent.inspect import bridges
from steth.agent.inspect import host
from steth.agent.inspect import interface
from steth.agent.inspect import lldp
from steth.agent.inspect import node
from steth.agent.probe import dhcp
from steth.agent.probe import icmp
from steth.agent.probe import multicast
from steth.agent.probe import neighbours as neighbours_probe
from steth.agent.probe import packet
from steth.agent.probe import throughput
from steth.agent.probe import throughput_server
from steth.agent.probe import vlan
from steth.agent.probe import vlan_interface
from steth.rpc import contract


def handlers(
    conf: cfg.ConfigOpts,
    registry: tasks.Registry,
    neighbours: lldp.Neighbours,
) -> dict[str, operations.Handler]:
    """Return the handlers of all operations, by full name.

    :param registry: holds what outlives its call
    :param neighbours: knows the switch ports of this host
    """
    captures = session.Captures(registry)
    vlan_interfaces = vlan_interface.VlanInterfaces(registry)
    return {
        contract.INSPECT_AGENT.name: lambda _: agent.describe(conf.host),
        contract.INSPECT_BRIDGES.name: lambda _: bridges.snapshot(
            conf.host, conf.agent.ovsdb_connection
        ),
        contract.INSPECT_HOST.name: lambda request: host.snapshot(
            request, conf.host
        ),
        contract.INSPECT_INTERFACE.name: interface.describe,
        contract.INSPECT_LLDP.name: lambda _: neighbours.report(),
        contract.INSPECT_NODE.name: lambda request: node.describe(
            request, conf.host
        ),
        # Read for each probe, since it may be changed while running.
        contract.PROBE_ICMP.name: lambda request, cancelled: icmp.probe(
            request, conf.agent.max_packet_rate, cancelled
        ),
        contract.PROBE_DHCP.name: lambda request, cancelled: dhcp.probe(
            request, conf.agent.max_packet_rate, cancelled
        ),
        contract.PROBE_PACKET_SEND.name: lambda request, cancelled: (
            packet.send(request, conf.agent.max_packet_rate, cancelled)
        ),
        contract.PROBE_MULTICAST.name: multicast.probe,
        contract.PROBE_NEIGHBOURS.name: lambda request, cancelled: (
            neighbours_probe.probe(
                request, conf.agent.max_packet_rate, cancelled
            )
        ),
        contract.PROBE_VLAN_LISTEN.name: vlan.listen,
        contract.PROBE_VLAN_SEND.name: lambda request, cancelled: vlan.send(
            request, conf.agent.max_packet_rate, cancelled
        ),
        contract.PROBE_VLAN_HEARD.name: vlan.heard,
        contract.PROBE_VLAN_INTERFACE.name: vlan_interfaces.create,
        contract.PROBE_VLAN_INTERFACE_REMOVE.name: vlan_interfaces.remove,
        contract.PROBE_THROUGHPUT.name: throughput.probe,
        contract.PROBE_THROUGHPUT_SERVER.name: (
            lambda request: throughput_server.start(request, registry)
        ),
        contract.CAPTURE_START.name: captures.start,
        contract.CAPTURE_READ.name: captures.read,
        contract.CAPTURE_END.name: captures.end,
        contract.TASK_LIST.name: lambda _: registry.list(),
        contract.TASK_RENEW.name: registry.renew,
        contract.TASK_STOP.name: registry.stop,
    }
