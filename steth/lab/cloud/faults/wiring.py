# SPDX-License-Identifier: Apache-2.0
"""Faults of Open vSwitch's bridges, ports and flows.

Port numbers are kept, since the agent's flows name them: another would be
one more fault.
"""

from steth.lab.cloud.faults import cut
from steth.lab.cloud.faults import fault

# Options as ovs-vsctl prints them are what it takes. One that is there was not
# taken away, or put back by the agent, which knows its number then. An agent
# that looks at its ports meanwhile removes the flows of what is gone
# (``update_stale_ofport_rules``), and does not know that they come back.
_REMOVE = """\
for column in ofport type options; do
    ovs-vsctl get interface "$device" "$column" >"$KEEP/$column"
done
ovs-ofctl -O OpenFlow13 --no-names --no-stats dump-flows "$bridge" \
    "in_port=$(cat "$KEEP/ofport")" | { grep actions= || true; } >"$KEEP/flows"
ovs-vsctl del-port "$bridge" "$device"
"""
_PUT_BACK = """\
ovs-vsctl port-to-br "$device" >/dev/null 2>&1 ||
    ovs-vsctl add-port "$bridge" "$device" -- set interface "$device" \
        type="$(cat "$KEEP/type")" options="$(cat "$KEEP/options")" \
        ofport_request="$(cat "$KEEP/ofport")"
test "$(ovs-vsctl get interface "$device" ofport)" = "$(cat "$KEEP/ofport")" ||
    exit 0
ovs-ofctl -O OpenFlow13 add-flows "$bridge" "$KEEP/flows"
"""
# An agent that looks after its ports, every two seconds, takes some away to
# make them anew: what stays for longer than that is complete.
_SAVE_FLOWS = """\
dump() {
    ovs-ofctl -O OpenFlow13 --no-names --no-stats dump-flows "$bridge" |
        grep actions= | sort
}
dump >"$KEEP/all"
until sleep 3; dump >"$KEEP/again"; cmp -s "$KEEP/all" "$KEEP/again"; do
    mv "$KEEP/again" "$KEEP/all"
done
mv "$KEEP/all" "$KEEP/flows"
"""
_PUT_BACK_FLOWS = """\
test -e "$KEEP/flows" || exit 0
ovs-ofctl -O OpenFlow13 replace-flows "$bridge" "$KEEP/flows"
"""


def _port_missing(bridge: str, device: str) -> fault.Script:
    names = f"bridge={bridge} device={device}\n"
    return fault.Script(
        place=fault.Place.HOST,
        inject=names + _REMOVE,
        heal=names + _PUT_BACK,
    )


FAULTS = (
    fault.Fault(
        name="port-dead-vlan",
        summary="the instance's port is on the dead VLAN 4095",
        finding="ovs-port-dead-vlan",
        steps=(
            # All that neutron-openvswitch-agent does to a port that it
            # cannot wire.
            fault.Script(
                place=fault.Place.HOST,
                inject="""\
tag=$(ovs-vsctl get port "$PLUG" tag)
echo "$tag" >"$KEEP/tag"
number=$(ovs-vsctl get interface "$PLUG" ofport)
ovs-vsctl set port "$PLUG" tag=4095
ovs-ofctl add-flow br-int "table=0,priority=65535,in_port=$number,actions=drop"
""",
                heal="""\
number=$(ovs-vsctl get interface "$PLUG" ofport)
ovs-ofctl --strict del-flows br-int \
    "table=0,priority=65535,in_port=$number"
if test -s "$KEEP/tag"; then
    ovs-vsctl set port "$PLUG" tag="$(cat "$KEEP/tag")"
fi
""",
            ),
        ),
        breaks=cut.off("web2"),
    ),
    fault.Fault(
        name="tap-down",
        summary="the instance's tap device is down on the host",
        finding="ovs-port-down",
        steps=(
            fault.Script(
                place=fault.Place.HOST,
                inject='ip link set "$TAP" down',
                heal='ip link set "$TAP" up',
            ),
        ),
        breaks=cut.off("web2"),
        either=("port/web2",),
    ),
    fault.Fault(
        name="tap-missing",
        summary="the instance's device is not in br-int",
        finding="ovs-port-missing",
        steps=(
            fault.Script(
                place=fault.Place.HOST,
                inject='ovs-vsctl del-port br-int "$PLUG"',
                heal='eval "$ATTACH"',
            ),
        ),
        breaks=(*cut.off("web2"), "port/web2"),
    ),
    fault.Fault(
        name="patch-tunnel-missing",
        summary="the patch port from br-int to br-tun is missing",
        finding="ovs-patch-missing",
        steps=(_port_missing("br-int", "patch-tun"),),
        breaks=cut.off("web2"),
    ),
    fault.Fault(
        name="patch-provider-missing",
        summary="the patch port from br-int to the provider bridge is missing",
        finding="ovs-patch-missing",
        instance="db2",
        steps=(_port_missing("br-int", "int-br-provider"),),
        breaks=cut.off("db2", "lan2"),
    ),
    fault.Fault(
        name="tunnel-flows-cleared",
        summary="br-tun has no flows",
        finding="ovs-flows-missing",
        steps=(
            fault.Script(
                place=fault.Place.HOST,
                inject=f"bridge=br-tun\n{_SAVE_FLOWS}"
                'ovs-ofctl del-flows "$bridge"\n',
                heal=f"bridge=br-tun\n{_PUT_BACK_FLOWS}",
            ),
        ),
        breaks=cut.off("web2"),
    ),
    fault.Fault(
        name="integration-flows-cleared",
        summary="br-int has no flows",
        finding="ovs-flows-missing",
        steps=(
            # But table 23, by which the agent finds out, and repairs it.
            fault.Script(
                place=fault.Place.HOST,
                inject=f"bridge=br-int\n{_SAVE_FLOWS}"
                'grep table=23, "$KEEP/flows" >"$KEEP/canary"\n'
                "ovs-ofctl -O OpenFlow13 replace-flows "
                '"$bridge" "$KEEP/canary"\n',
                heal=f"bridge=br-int\n{_PUT_BACK_FLOWS}",
            ),
        ),
        breaks=cut.off("web2", "db2", "lan2"),
    ),
    fault.Fault(
        name="tunnel-port-missing",
        summary="the host's tunnel port to another compute is missing",
        finding="tunnel-port-missing",
        steps=(_port_missing("br-tun", '"$TUNNEL_TO_PEER"'),),
        breaks=cut.across("web2"),
    ),
)
