# SPDX-License-Identifier: Apache-2.0
"""Faults of the physical network and the nodes' NICs."""

from steth.lab.cloud.faults import cut
from steth.lab.cloud.faults import fault

FAULTS = (
    fault.Fault(
        name="vlan-not-trunked",
        summary="the tenant VLAN is not allowed on the host's trunk port",
        finding="underlay-vlan-missing",
        instance="db2",
        steps=(
            fault.Script(
                place=fault.Place.SWITCH,
                inject='ovs-vsctl remove port "$HOST-eth2" trunks "$VLAN"',
                heal='ovs-vsctl add port "$HOST-eth2" trunks "$VLAN"',
            ),
        ),
        breaks=cut.off("db2"),
    ),
    fault.Fault(
        name="tunnel-filtered",
        summary="the host's firewall drops the tunnels' UDP",
        finding="tunnel-filtered",
        steps=(
            # Userspace Open vSwitch encapsulates behind the back of the
            # host's firewall, so that a flow has to stand in for it.
            fault.Script(
                place=fault.Place.HOST,
                inject="""\
nft -f - <<END
table inet steth_tunnel_filtered {
    chain input {
        type filter hook input priority 0
        udp dport 4789 drop
    }
    chain output {
        type filter hook output priority 0
        udp dport 4789 drop
    }
}
END
ovs-ofctl add-flow br-phy \
    cookie=0xfa,priority=65000,udp,tp_dst=4789,actions=drop
""",
                heal="""\
ovs-ofctl del-flows br-phy cookie=0xfa/-1
nft 'table inet steth_tunnel_filtered; delete table inet steth_tunnel_filtered'
""",
            ),
        ),
        breaks=cut.off("web2"),
    ),
    fault.Fault(
        name="tunnel-mtu-small",
        summary="the MTU of the host's tunnel NIC is too small",
        finding="host-mtu-small",
        steps=(
            fault.Script(
                place=fault.Place.HOST,
                inject="ip link set eth1 mtu 1400",
                heal="ip link set eth1 mtu 9000",
            ),
        ),
        breaks=("mtu/web1/web2", "mtu/web2/web1"),
    ),
    fault.Fault(
        name="switch-mtu-small",
        summary="the MTU of the switch port to the host's tunnel NIC is too "
        "small",
        finding="underlay-mtu-black-hole",
        steps=(
            fault.Script(
                place=fault.Place.SWITCH,
                inject='ip link set "$HOST-eth1" mtu 1400',
                heal='ip link set "$HOST-eth1" mtu 9000',
            ),
        ),
        breaks=("mtu/web1/web2", "mtu/web2/web1"),
    ),
    fault.Fault(
        name="tunnel-nic-down",
        summary="the host's tunnel NIC is down",
        finding="host-interface-down",
        steps=(
            fault.Script(
                place=fault.Place.HOST,
                inject="ip link set eth1 down",
                heal="ip link set eth1 up",
            ),
        ),
        breaks=cut.off("web2"),
    ),
    fault.Fault(
        name="nic-not-in-bridge",
        summary="the host's trunk NIC is not in its provider bridge",
        finding="ovs-nic-missing",
        instance="db2",
        steps=(
            fault.Script(
                place=fault.Place.HOST,
                inject="ovs-vsctl del-port br-provider eth2",
                heal="ovs-vsctl --may-exist add-port br-provider eth2",
            ),
        ),
        breaks=cut.off("db2", "lan2"),
    ),
    fault.Fault(
        name="external-wrong-vlan",
        summary="the switch port of the network node's external NIC is in "
        "the wrong VLAN",
        finding="underlay-gateway-silent",
        host="network1",
        steps=(
            fault.Script(
                place=fault.Place.SWITCH,
                inject='ovs-vsctl set port "$HOST-eth3" tag=501',
                heal='ovs-vsctl set port "$HOST-eth3" tag=500',
            ),
        ),
        breaks=(*cut.OUT, *cut.OUT6),
    ),
    fault.Fault(
        name="gateway-silent",
        summary="the gateway of the external network does not answer",
        finding="underlay-gateway-silent",
        host="network1",
        steps=(
            fault.Script(
                place=fault.Place.GATEWAY,
                inject="""\
nft -f - <<END
table netdev steth_gateway_silent {
    chain ingress {
        type filter hook ingress device ext0 priority 0
        drop
    }
}
END
""",
                heal="nft 'table netdev steth_gateway_silent; "
                "delete table netdev steth_gateway_silent'",
            ),
        ),
        breaks=(*cut.OUT, *cut.OUT6),
    ),
)
