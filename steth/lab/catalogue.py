# SPDX-License-Identifier: Apache-2.0
"""The faults that can be put into a lab, as data.

The scripts hold the fields of ``target.Target.fields`` in braces; nft's own
are written twice.
"""

from steth.lab import faults
from steth.lab import trunk_faults

# A table of its own for each fault, so that it is taken back as a whole; the
# first line makes that work also where it was never added.
_NFT_HEAL = "add table {family} {table}\ndelete table {family} {table}\n"


def _ip(place: faults.Place, inject: str, heal: str) -> faults.Step:
    return faults.Step(
        place=place, tool=faults.Tool.IP, inject=inject, heal=heal
    )


def _nft(
    place: faults.Place, family: str, hook: str, *rules: str
) -> faults.Step:
    body = "\n".join(rules)
    return faults.Step(
        place=place,
        tool=faults.Tool.NFT,
        inject=(
            f"table {family} {{table}} {{{{\nchain {hook} {{{{\n"
            f"type filter hook {hook} priority 0\n{body}\n}}}}\n}}}}\n"
        ),
        heal=_NFT_HEAL.replace("{family}", family),
    )


def _switch(hook: str, *rules: str) -> faults.Step:
    return _nft(faults.Place.SWITCH, "bridge", hook, *rules)


def _firewall(hook: str, *rules: str) -> faults.Step:
    return _nft(faults.Place.HOST, "inet", hook, *rules)


# What the hosts learned before the fault would hide it for as long as their
# neighbours' entries last; what they learned from it would outlive it.
_FORGET = _ip(faults.Place.EVERYWHERE, "neigh flush dev {nic}", "")
_FORGET_IN_THE_END = _ip(
    faults.Place.EVERYWHERE, "", "neigh flush dev {nic}\nroute flush cache"
)

_ICMP = "meta l4proto {{ icmp, ipv6-icmp }}"
_FULL_ADDRESS = "{address}/{prefix} broadcast + dev {nic}"
_MTU = faults.Value(default=1400, least=576, most=8999, meaning="bytes")

_INTERFACE = (
    faults.Fault(
        name="interface-missing",
        summary="the host has no longer a NIC on the network",
        finding="host-interface-missing",
        steps=(
            _ip(
                faults.Place.HOST,
                "",
                "link set {nic} mtu {mtu} up\n"
                "address replace " + _FULL_ADDRESS,
            ),
            _ip(
                faults.Place.SWITCH,
                "",
                "link set {removed} netns {host_pid} name {nic}",
            ),
            _ip(
                faults.Place.HOST,
                "link set {nic} netns {switch_pid} name {removed}",
                "",
            ),
        ),
    ),
    faults.Fault(
        name="interface-down",
        summary="the host's NIC is administratively down",
        finding="host-interface-down",
        steps=(
            _ip(faults.Place.HOST, "link set {nic} down", "link set {nic} up"),
        ),
    ),
    faults.Fault(
        name="no-carrier",
        summary="the switch's port is down, the NIC has no carrier",
        finding="underlay-no-carrier",
        steps=(
            _ip(
                faults.Place.SWITCH,
                "link set {port} down",
                "link set {port} up",
            ),
        ),
    ),
    faults.Fault(
        name="mtu-small",
        summary="the NIC's MTU is smaller than the network's",
        finding="host-mtu-small",
        value=_MTU,
        steps=(
            _ip(
                faults.Place.HOST,
                "link set {nic} mtu {value}",
                "link set {nic} mtu {mtu}",
            ),
        ),
    ),
)

_ADDRESS = (
    faults.Fault(
        name="address-missing",
        summary="the host has no address on the network",
        finding="host-address-missing",
        steps=(
            _ip(
                faults.Place.HOST,
                "address del {address}/{prefix} dev {nic}",
                "address replace " + _FULL_ADDRESS,
            ),
        ),
    ),
    faults.Fault(
        name="address-duplicate",
        summary="the host has taken the peer's address in addition",
        finding="underlay-address-duplicate",
        peer=faults.Peer.REQUIRED,
        steps=(
            _FORGET_IN_THE_END,
            _ip(
                faults.Place.HOST,
                "address add {peer_address}/{prefix} dev {nic}",
                "address del {peer_address}/{prefix} dev {nic}",
            ),
            _FORGET,
        ),
    ),
    faults.Fault(
        name="address-taken",
        summary="a machine without an agent has taken the host's address",
        finding="underlay-address-duplicate",
        steps=(
            _FORGET_IN_THE_END,
            _ip(
                faults.Place.SWITCH,
                "address add {address}/32 dev {network}\n"
                "route add {subnet} dev {network}",
                "route del {subnet} dev {network}\n"
                "address del {address}/32 dev {network}",
            ),
            _FORGET,
        ),
    ),
    faults.Fault(
        name="wrong-prefix",
        summary="the host's address has another prefix length",
        finding="host-wrong-prefix",
        value=faults.Value(default=30, least=8, most=32, meaning="bits"),
        steps=(
            _ip(
                faults.Place.HOST,
                "address del {address}/{prefix} dev {nic}\n"
                "address add {address}/{value} broadcast + dev {nic}",
                "address del {address}/{value} dev {nic}\n"
                "address replace " + _FULL_ADDRESS,
            ),
        ),
    ),
    faults.Fault(
        name="route-missing",
        summary="the host has no route to the network's subnet",
        finding="host-no-route",
        steps=(
            _ip(
                faults.Place.HOST,
                "route del {subnet} dev {nic}",
                "route replace {subnet} dev {nic} proto kernel scope link "
                "src {address}",
            ),
        ),
    ),
)

_FILTER = (
    faults.Fault(
        name="filtered",
        summary="the host's firewall drops ICMP that comes in",
        finding="host-filtered",
        steps=(_firewall("input", f'iifname "{{nic}}" {_ICMP} drop'),),
    ),
    faults.Fault(
        name="filtered-pair",
        summary="the host's firewall drops ICMP that comes from the peer",
        finding="host-filtered",
        peer=faults.Peer.REQUIRED,
        steps=(
            _firewall(
                "input",
                f'iifname "{{nic}}" ip saddr {{peer_address}} {_ICMP} drop',
            ),
        ),
    ),
    faults.Fault(
        name="rejected",
        summary="the host's firewall refuses ICMP echo and says so",
        finding="host-filtered",
        steps=(
            _firewall(
                "input",
                'iifname "{nic}" icmp type echo-request '
                "reject with icmp type admin-prohibited",
            ),
        ),
    ),
    faults.Fault(
        name="output-filtered",
        summary="the host's firewall drops ICMP that goes out",
        finding="host-cannot-send",
        steps=(_firewall("output", f'oifname "{{nic}}" {_ICMP} drop'),),
    ),
    faults.Fault(
        name="network-filtered",
        summary="the switch drops the host's IP packets, not its ARP",
        finding="underlay-filtered",
        steps=(
            _switch(
                "forward",
                'iifname "{port}" ether type {{ ip, ip6 }} drop',
                'oifname "{port}" ether type {{ ip, ip6 }} drop',
            ),
        ),
    ),
)

_LAYER_2 = (
    faults.Fault(
        name="no-neighbour",
        summary="the switch drops all frames of and to the host",
        finding="underlay-no-neighbour",
        steps=(
            _switch(
                "forward", 'iifname "{port}" drop', 'oifname "{port}" drop'
            ),
        ),
    ),
    faults.Fault(
        name="one-way-loss",
        summary="the switch drops all frames from the host (to the peer)",
        finding="underlay-one-way",
        peer=faults.Peer.OPTIONAL,
        steps=(_switch("forward", 'iifname "{port}" {to_peer} drop'),),
    ),
    faults.Fault(
        name="one-way-filtered",
        summary="the switch drops IP packets, not ARP, from the host "
        "(to the peer)",
        finding="underlay-one-way",
        peer=faults.Peer.OPTIONAL,
        steps=(
            _switch(
                "forward",
                'iifname "{port}" {to_peer} ether type {{ ip, ip6 }} drop',
            ),
        ),
    ),
    faults.Fault(
        name="partial-loss",
        summary="the switch loses a share of the frames from the host",
        finding="underlay-partial-loss",
        value=faults.Value(default=10, least=1, most=99, meaning="percent"),
        steps=(
            _switch(
                "prerouting",
                'iifname "{port}" numgen random mod 100 < {value} drop',
            ),
        ),
    ),
    faults.Fault(
        name="split",
        summary="the hosts given are joined to each other, not to the rest",
        finding="underlay-split",
        scope=faults.Scope.GROUP,
        steps=(
            _ip(
                faults.Place.SWITCH,
                "link add {split} type bridge stp_state 0 forward_delay 0 "
                "mcast_snooping 0\nlink set {split} mtu {mtu} up",
                "link del {split}",
            ),
            _ip(
                faults.Place.GROUP,
                "link set {port} master {split}",
                "link set {port} master {network}",
            ),
        ),
    ),
    faults.Fault(
        name="latency",
        summary="frames from the host reach the network late",
        finding="underlay-latency",
        value=faults.Value(
            default=20, least=1, most=2000, meaning="milliseconds"
        ),
        steps=(
            _ip(
                faults.Place.SWITCH,
                "tuntap add dev {delayed} mode tap vnet_hdr\n"
                "link set {delayed} mtu {mtu} master {network} up\n"
                "link set {port} nomaster",
                "link set {port} master {network}\n"
                "tuntap del dev {delayed} mode tap",
            ),
            faults.Step(
                place=faults.Place.SWITCH,
                tool=faults.Tool.DELAY,
                inject="{port} {delayed} {value}",
                heal="{port}",
            ),
        ),
    ),
)

_MTU_ON_THE_WAY = (
    faults.Fault(
        name="mtu-path",
        summary="the switch's port drops longer packets and does not say so",
        finding="underlay-mtu-black-hole",
        value=_MTU,
        steps=(
            # Not the port's MTU: how much longer a frame may be, for a VLAN
            # tag, differs between the directions and kernels.
            _switch(
                "forward",
                'iifname "{port}" meta length > {value} drop',
                'oifname "{port}" meta length > {value} drop',
            ),
        ),
    ),
    faults.Fault(
        name="mtu-reported",
        summary="a router before the host has a smaller MTU and says so",
        finding="underlay-mtu-reported",
        value=_MTU,
        steps=(
            _FORGET_IN_THE_END,
            _ip(
                faults.Place.SWITCH,
                "link set {port} nomaster\n"
                "address add {router}/32 dev {network}\n"
                "route add {subnet} dev {network} mtu {value}\n"
                "route add {address}/32 dev {port} mtu {value}",
                "route del {address}/32 dev {port}\n"
                "route del {subnet} dev {network}\n"
                "address del {router}/32 dev {network}\n"
                "link set {port} master {network}",
            ),
            # The router answers ARP for whoever is behind it, at once, so
            # that the hosts on both sides need not know of it.
            faults.Step(
                place=faults.Place.SWITCH,
                tool=faults.Tool.SYSCTL,
                inject=(
                    "net.ipv4.conf.{network}.forwarding = 1\n"
                    "net.ipv4.conf.{network}.send_redirects = 0\n"
                    "net.ipv4.conf.{network}.proxy_arp = 1\n"
                    "net.ipv4.neigh.{network}.proxy_delay = 0\n"
                    "net.ipv4.conf.{port}.forwarding = 1\n"
                    "net.ipv4.conf.{port}.send_redirects = 0\n"
                    "net.ipv4.conf.{port}.proxy_arp = 1\n"
                    "net.ipv4.neigh.{port}.proxy_delay = 0\n"
                ),
                heal=(
                    "net.ipv4.conf.{network}.forwarding = 0\n"
                    "net.ipv4.conf.{network}.proxy_arp = 0\n"
                    "net.ipv4.conf.{port}.forwarding = 0\n"
                    "net.ipv4.conf.{port}.proxy_arp = 0\n"
                ),
            ),
            _FORGET,
        ),
    ),
)

_BANDWIDTH = (
    faults.Fault(
        name="rate-limited",
        summary="the switch's port lets little pass to the host",
        finding="underlay-bandwidth-host",
        check="bandwidth",
        value=faults.Value(default=20, least=1, most=10_000, meaning="Mbit/s"),
        steps=(
            faults.Step(
                place=faults.Place.SWITCH,
                tool=faults.Tool.TC,
                inject=(
                    "qdisc add dev {port} root tbf rate {value}mbit "
                    "burst 64kb latency 50ms"
                ),
                heal="qdisc del dev {port} root",
            ),
        ),
    ),
)


def _agent(inject: str, heal: str) -> faults.Step:
    return faults.Step(
        place=faults.Place.HOST,
        tool=faults.Tool.AGENT,
        inject=inject,
        heal=heal,
    )


def _broker(inject: str, heal: str) -> faults.Step:
    return faults.Step(
        place=faults.Place.HOST,
        tool=faults.Tool.BROKER,
        inject=inject,
        heal=heal,
    )


_SERVICE = (
    faults.Fault(
        name="agent-stopped",
        summary="the host's agent was killed",
        finding="agent-no-answer",
        scope=faults.Scope.HOST,
        need=faults.Need.AGENTS,
        steps=(_agent("kill", "start"),),
    ),
    faults.Fault(
        name="agent-frozen",
        summary="the host's agent hangs: connections are taken, not served",
        finding="agent-no-answer",
        scope=faults.Scope.HOST,
        need=faults.Need.AGENTS,
        steps=(_agent("freeze", "thaw"),),
    ),
    faults.Fault(
        name="broker-stopped",
        summary="the message broker is down",
        finding=None,
        need=faults.Need.BROKER,
        scope=faults.Scope.LAB,
        steps=(_broker("stop", "start"),),
    ),
    faults.Fault(
        name="bus-refused",
        summary="the host's connections to the broker are refused",
        finding=None,
        need=faults.Need.BROKER,
        scope=faults.Scope.HOST,
        steps=(
            # Both ways, so that agent and broker see an open connection
            # end as soon as either uses it.
            _firewall(
                "output", "tcp dport {broker_port} reject with tcp reset"
            ),
            _firewall(
                "input", "tcp sport {broker_port} reject with tcp reset"
            ),
        ),
    ),
)

#: Every fault, by its name.
CATALOGUE: dict[str, faults.Fault] = {
    one.name: one
    for one in (
        *_INTERFACE,
        *_ADDRESS,
        *_FILTER,
        *_LAYER_2,
        *_MTU_ON_THE_WAY,
        *_BANDWIDTH,
        *_SERVICE,
        *trunk_faults.FAULTS,
    )
}
