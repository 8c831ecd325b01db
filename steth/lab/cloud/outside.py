# SPDX-License-Identifier: Apache-2.0
"""The world outside of the cloud: a router and a server on the Internet."""

from collections.abc import Mapping

from steth.lab import commands
from steth.lab import namespace
from steth.lab import processes
from steth.lab.cloud import layout

#: The gateway's addresses, which are those of the cloud's networks outside.
GATEWAY_ADDRESSES = {
    layout.GATEWAY_EXTERNAL_NIC: ("203.0.113.1/24", "2001:db8:113::1/64"),
    layout.GATEWAY_PROVIDER_NIC: ("192.0.2.1/24", "2001:db8:300::1/64"),
    layout.INTERNET.nic: ("198.51.100.1/24", "2001:db8:51::1/64"),
}
SERVER_ADDRESSES = ("198.51.100.10/24", "2001:db8:51::10/64")

_FORWARDING = """\
net.ipv4.ip_forward = 1
net.ipv6.conf.all.forwarding = 1
"""


def build(
    inits: Mapping[str, processes.Process], mark: Mapping[str, str]
) -> None:
    """Give the gateway and the server their addresses and routes.

    :param inits: the first process of each host, by name
    """
    lines = [
        line
        for nic, addresses in GATEWAY_ADDRESSES.items()
        # A router without a link-local address asks for no neighbour.
        for line in _nic(nic, (*addresses, "fe80::1/64"))
    ]
    _in(inits[layout.GATEWAY], ["sysctl", "-q", "-p", "-"], _FORWARDING, mark)
    _in(inits[layout.GATEWAY], ["ip", "-batch", "-"], "\n".join(lines), mark)
    lines = _nic(layout.INTERNET.nic, SERVER_ADDRESSES)
    for address in GATEWAY_ADDRESSES[layout.INTERNET.nic]:
        lines.append(f"route replace default via {address.partition('/')[0]}")
    _in(inits[layout.SERVER], ["ip", "-batch", "-"], "\n".join(lines), mark)


def _nic(nic: str, addresses: tuple[str, ...]) -> list[str]:
    """Return lines for ip(8) that set up a device."""
    return [
        f"link set {nic} up",
        *(
            f"address replace {one} dev {nic}"
            + (" nodad" if ":" in one else "")
            for one in addresses
        ),
    ]


def _in(
    init: processes.Process,
    argv: list[str],
    script: str,
    mark: Mapping[str, str],
) -> None:
    commands.run(namespace.in_network(init, argv), script, mark)
