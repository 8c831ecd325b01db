# SPDX-License-Identifier: Apache-2.0
"""Faults of security groups and port security."""

from steth.lab.cloud.faults import cut
from steth.lab.cloud.faults import fault


def _rule(variable: str, body: str) -> fault.Request:
    return fault.Request(
        inject=(
            fault.Call(
                method="DELETE", path=f"security-group-rules/${variable}"
            ),
        ),
        heal=(
            fault.Call(
                method="POST",
                path="security-group-rules",
                body=f'{{"security_group_rule": {body}}}',
            ),
        ),
    )


#: What instances begin themselves, by IPv4, except for DHCP.
_EGRESS = (
    *(f"{kind}/*/*" for kind in ("l2", "mtu", "open", "routed")),
    "snat/*",
    "floating-out/*",
    "outside/*",
    "metadata/*",
)

FAULTS = (
    fault.Fault(
        name="no-egress-rule",
        summary="the security group lets no IPv4 packet out",
        finding="security-no-egress-rule",
        steps=(
            _rule(
                "EGRESS_RULE",
                '{"security_group_id": "$GROUP", "direction": "egress", '
                '"ethertype": "IPv4"}',
            ),
        ),
        breaks=_EGRESS,
    ),
    fault.Fault(
        name="no-ingress-rule",
        summary="the security group does not let TCP port 80 in",
        finding="security-no-ingress-rule",
        steps=(
            _rule(
                "INGRESS_RULE",
                '{"security_group_id": "$GROUP", "direction": "ingress", '
                '"ethertype": "IPv4", "protocol": "tcp", '
                '"port_range_min": 80, "port_range_max": 80}',
            ),
        ),
        breaks=("open/*/*", "routed/*/*", "floating-in/*"),
    ),
    fault.Fault(
        name="mac-changed",
        summary="the instance uses another MAC address than its port's",
        finding="security-mac-mismatch",
        steps=(
            fault.Script(
                place=fault.Place.INSTANCE,
                inject="ip link set eth0 address 02:00:00:00:66:66",
                # It may have made an IPv6 address of the other meanwhile;
                # its own comes back with the next advertisement.
                heal="""\
ip link set eth0 address "$MAC"
ip -6 address flush dev eth0 scope global
""",
            ),
        ),
        breaks=cut.off("web2"),
    ),
    fault.Fault(
        name="address-changed",
        summary="the instance uses another address than its port's",
        finding="security-address-mismatch",
        steps=(
            fault.Script(
                place=fault.Place.INSTANCE,
                inject="""\
kill "$(cat /run/udhcpc.pid)"
ip -4 address flush dev eth0
ip address add 10.10.1.222/24 dev eth0
ip route add default via 10.10.1.1
""",
                heal='eval "$BOOT"',
            ),
        ),
        breaks=(
            *cut.across("web2", version6=False),
            *cut.beyond("web2", version6=False),
            "metadata/web2",
        ),
    ),
)
