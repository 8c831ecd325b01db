# SPDX-License-Identifier: Apache-2.0
"""Faults of the router, and of the translation of addresses in it."""

from steth.lab.cloud.faults import cut
from steth.lab.cloud.faults import fault

_NAMESPACE = 'namespace="qrouter-$ROUTER"\n'
# The rules alone, since the agent may add others meanwhile.
_REMOVE_RULES = """\
ip netns exec "$namespace" iptables-save -t nat |
    { grep -E "$pattern" || true; } >"$KEEP/rules"
test -s "$KEEP/rules"
while read -r _ chain rule; do
    # shellcheck disable=SC2086
    ip netns exec "$namespace" iptables -t nat -D "$chain" $rule </dev/null
done <"$KEEP/rules"
"""
_ADD_RULES = """\
test -e "$KEEP/rules" || exit 0
while read -r _ chain rule; do
    # shellcheck disable=SC2086
    ip netns exec "$namespace" iptables -t nat -C "$chain" $rule \\
        </dev/null 2>/dev/null ||
        ip netns exec "$namespace" iptables -t nat -A "$chain" $rule </dev/null
done <"$KEEP/rules"
"""


def _nat_missing(chains: str, match: str) -> fault.Script:
    """Return the step that removes the rules of some chains that match."""
    pattern = f'pattern="^-A neutron-l3-agent-({chains}) .*{match}"\n'
    return _in_namespace(pattern + _REMOVE_RULES, _ADD_RULES)


def _in_namespace(inject: str, heal: str) -> fault.Script:
    return fault.Script(
        place=fault.Place.NETWORK,
        inject=_NAMESPACE + inject,
        heal=_NAMESPACE + heal,
    )


def _router(body: str, action: str = "") -> fault.Call:
    return fault.Call(method="PUT", path=f"routers/$ROUTER{action}", body=body)


def _unfloat(name: str) -> fault.Request:
    """Return the step that parts a floating IP from its instance."""
    path = f"floatingips/${name}_FLOATING"

    def call(port: str) -> tuple[fault.Call, ...]:
        body = f'{{"floatingip": {{"port_id": {port}}}}}'
        return (fault.Call(method="PUT", path=path, body=body),)

    return fault.Request(inject=call("null"), heal=call(f'"${name}_PORT"'))


_LEG = '{"subnet_id": "$SUBNET"}'
_STATE = '{"router": {"admin_state_up": %s}}'

#: What goes out, and what comes in from behind the gateway.
_BEYOND_GATEWAY = cut.OUT

FAULTS = (
    fault.Fault(
        name="no-router",
        summary="no router has a leg in the tenant VLAN's subnet",
        finding="router-missing",
        host="network1",
        instance="db2",
        steps=(
            fault.Request(
                inject=(_router(_LEG, "/remove_router_interface"),),
                heal=(_router(_LEG, "/add_router_interface"),),
            ),
        ),
        breaks=("routed/*/*", "snat/*"),
        # Neutron's DHCP agent takes metadata over, for new leases.
        either=("metadata/db*",),
    ),
    fault.Fault(
        name="router-without-gateway",
        summary="the router has no external gateway",
        finding="router-no-gateway",
        host="network1",
        # Neutron keeps the gateway as long as there are floating IPs: they
        # go first, and come back last.
        steps=(
            *(_unfloat(name) for name in ("WEB1", "WEB2")),
            fault.Request(
                inject=(_router('{"router": {"external_gateway_info": {}}}'),),
                heal=(
                    _router(
                        '{"router": {"external_gateway_info": {'
                        '"network_id": "$EXTERNAL_NETWORK", '
                        '"external_fixed_ips": ['
                        '{"ip_address": "$EXTERNAL"}, '
                        '{"ip_address": "$EXTERNAL6"}]}}}'
                    ),
                ),
            ),
        ),
        breaks=(*cut.OUT, *cut.OUT6),
    ),
    fault.Fault(
        name="router-namespace-gone",
        summary="the router's namespace is gone from the network node",
        finding="router-namespace-missing",
        host="network1",
        steps=(
            fault.Request(
                heal=(_router(_STATE % "false"), _router(_STATE % "true"))
            ),
            fault.Script(
                place=fault.Place.NETWORK,
                inject=_NAMESPACE
                # One of the agent's may end by itself meanwhile.
                + 'kill -9 $(ip netns pids "$namespace") || true\n'
                + 'ip netns delete "$namespace"\n',
            ),
        ),
        breaks=(
            *cut.ROUTED,
            *cut.ROUTED6,
            *cut.OUT,
            *cut.OUT6,
            "metadata/web*",
            "metadata/db*",
        ),
    ),
    fault.Fault(
        name="router-no-default-route",
        summary="the router's default route is missing in its namespace",
        finding="router-no-default-route",
        host="network1",
        steps=(
            _in_namespace(
                'ip -n "$namespace" -4 route show default >"$KEEP/route"\n'
                'ip -n "$namespace" route del default\n',
                'test -s "$KEEP/route" || exit 0\n'
                'ip -n "$namespace" route replace $(cat "$KEEP/route")\n',
            ),
        ),
        breaks=_BEYOND_GATEWAY,
    ),
    fault.Fault(
        name="ip-forward-off",
        summary="the router's namespace does not forward IPv4",
        finding="router-forwarding-off",
        host="network1",
        steps=(
            _in_namespace(
                'ip netns exec "$namespace" sysctl -qw net.ipv4.ip_forward=0',
                'ip netns exec "$namespace" sysctl -qw net.ipv4.ip_forward=1',
            ),
        ),
        breaks=(
            *cut.ROUTED,
            *cut.OUT,
        ),
    ),
    fault.Fault(
        name="snat-missing",
        summary="the router's SNAT rule is missing",
        finding="nat-snat-missing",
        host="network1",
        steps=(_nat_missing("snat", "-j SNAT --to-source $EXTERNAL"),),
        breaks=("snat/*",),
    ),
    fault.Fault(
        name="floating-dnat-missing",
        summary="the floating IP's DNAT rules are missing",
        finding="nat-dnat-missing",
        host="network1",
        steps=(
            _nat_missing("PREROUTING|OUTPUT", "-d $FLOATING/32 .*-j DNAT"),
        ),
        # A ping is answered: by the router, which has the address.
        breaks=("floating-in/web2",),
    ),
    fault.Fault(
        name="floating-ip-taken",
        summary="another machine has taken the floating IP's address",
        finding="nat-floating-ip-taken",
        host="network1",
        steps=(
            fault.Script(
                place=fault.Place.SWITCH,
                inject="""\
ip netns add impostor
ovs-vsctl add-port leaf2 impostor tag=500 -- \
    set interface impostor type=internal
ip link set impostor netns impostor
ip -n impostor link set lo up
ip -n impostor address add "$FLOATING/24" dev impostor
ip -n impostor link set impostor up
ip -n impostor route add default via 203.0.113.1
ip netns exec impostor sh -c \
    "while :; do arping -q -c 1 -U -I impostor $FLOATING; sleep 1; done" \
    >/dev/null 2>&1 </dev/null &
""",
                heal="""\
kill $(ip netns pids impostor) || true
ovs-vsctl --if-exists del-port impostor
if test -e /run/netns/impostor; then
    ip netns delete impostor
fi
""",
            ),
            fault.Script(
                place=fault.Place.GATEWAY,
                heal='ip neigh del "$FLOATING" dev ext0 || true',
            ),
        ),
        # A ping is answered: by the impostor.
        breaks=("floating-in/web2", "floating-out/web2"),
    ),
)
