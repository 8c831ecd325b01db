# SPDX-License-Identifier: Apache-2.0
"""Faults inside an instance."""

from steth.lab.cloud.faults import cut
from steth.lab.cloud.faults import fault

_END_CLIENT = """\
kill "$(cat /run/udhcpc.pid)"
ip -4 address flush dev eth0
"""

_VERSION_4 = (
    *cut.across("web2", version6=False),
    *cut.beyond("web2", version6=False),
    "metadata/web2",
)


def _inside(inject: str, heal: str = 'eval "$BOOT"') -> fault.Script:
    return fault.Script(place=fault.Place.INSTANCE, inject=inject, heal=heal)


FAULTS = (
    fault.Fault(
        name="guest-interface-down",
        summary="the interface is down in the instance",
        finding="instance-interface-down",
        steps=(_inside("ip link set eth0 down"),),
        breaks=cut.off("web2"),
    ),
    fault.Fault(
        name="guest-no-dhcp-client",
        summary="no DHCP client runs in the instance",
        finding="instance-no-dhcp-request",
        steps=(_inside(_END_CLIENT),),
        breaks=_VERSION_4,
    ),
    fault.Fault(
        name="guest-wrong-address",
        summary="the instance has a wrong static address",
        finding="instance-wrong-address",
        steps=(
            _inside(_END_CLIENT + "ip address add 192.168.77.5/24 dev eth0\n"),
        ),
        breaks=_VERSION_4,
    ),
)
