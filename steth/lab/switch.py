# SPDX-License-Identifier: Apache-2.0
"""The switch: a namespace with a bridge per network and a port per NIC."""

from collections.abc import Iterable
from collections.abc import Mapping

from steth.lab import commands
from steth.lab import layout
from steth.lab import namespace
from steth.lab import processes

#: What the switch and its ports are made, and broken, with.
TOOLS = ("ip", "nft", "sysctl", "tc")

# Segments stay apart as they would on a wire, so that a port with a small
# MTU drops those of TCP too, which the kernel would carry in one piece.
_WIRE = "gso_max_segs 1"

# The bridges and their ports are not addressed: without this each would take
# part in IPv6 neighbour discovery.
_SETTINGS = """\
net.ipv6.conf.all.disable_ipv6 = 1
net.ipv6.conf.default.disable_ipv6 = 1
"""


def devices(init: processes.Process) -> set[str]:
    """Return the names of the network devices that a host or switch has."""
    text = processes.network_file(init, "dev")
    rows = (line.partition(":") for line in text.splitlines())
    return {name.strip() for name, colon, _ in rows if colon}


def wire(
    inits: Mapping[str, processes.Process],
    hosts: Iterable[layout.Host],
    mark: Mapping[str, str],
    networks: Iterable[layout.Network] = layout.NETWORKS,
) -> None:
    """Make the bridges, plug every host in and give it its addresses.

    What is there already is left as it is, or set right.

    :param inits: the first process of each host and of the switch, by name
    """
    switch = inits[layout.SWITCH]
    present = devices(switch)
    lines = [
        line
        for one in networks
        for line in _bridge(one, new=one.name not in present)
    ]
    for host in hosts:
        for one in host.networks:
            lines += _port(
                host,
                one,
                inits[host.name],
                new=host.port(one) not in present,
            )
    _in(switch, ["sysctl", "-q", "-p", "-"], _SETTINGS, mark)
    _in(switch, ["ip", "-batch", "-"], "\n".join(lines), mark)
    for host in hosts:
        script = "\n".join(_nics(host))
        _in(inits[host.name], ["ip", "-batch", "-"], script, mark)


def _bridge(network: layout.Network, *, new: bool) -> list[str]:
    """Return lines for ip(8) that make a bridge which forwards at once."""
    lines = []
    if new:
        lines.append(
            f"link add {network.name} type bridge stp_state 0 "
            f"forward_delay 0 mcast_snooping 0"
        )
    # A bridge that is given an MTU keeps it when its ports have another.
    lines.append(f"link set {network.name} mtu {network.mtu} up")
    return lines


def _port(
    host: layout.Host,
    network: layout.Network,
    init: processes.Process,
    *,
    new: bool,
) -> list[str]:
    """Return lines for ip(8) that join a host's NIC and its port."""
    port = host.port(network)
    lines = []
    if new:
        lines.append(
            f"link add {port} mtu {network.mtu} {_WIRE} type veth "
            f"peer name {network.nic} mtu {network.mtu} {_WIRE} "
            f"netns {init.pid}"
        )
    lines.append(f"link set {port} mtu {network.mtu} master {network.name} up")
    return lines


def _nics(host: layout.Host) -> list[str]:
    """Return lines for ip(8) that set up a host's devices."""
    lines = ["link set lo up"]
    for network in host.networks:
        lines.append(f"link set {network.nic} mtu {network.mtu} up")
        if network not in host.bridged:
            lines.append(
                f"address replace {host.address(network)}/{network.prefix} "
                f"broadcast + dev {network.nic}"
            )
    if host.gateway:
        lines.append(f"route replace default via {host.gateway}")
    return lines


def _in(
    init: processes.Process,
    argv: list[str],
    script: str,
    mark: Mapping[str, str],
) -> None:
    commands.run(namespace.in_network(init, argv), script, mark)
