# SPDX-License-Identifier: Apache-2.0
"""Every finding code: what it means, how it is proved, how to fix it.

The documentation is generated from here.
"""

import msgspec

from steth.model import finding


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A finding code and its entry in the documentation."""

    code: str
    severity: finding.Severity
    meaning: str
    proof: str
    remedy: str


_CRITICAL = finding.Severity.CRITICAL
_WARNING = finding.Severity.WARNING
_INFO = finding.Severity.INFO

AGENT_NO_ANSWER = Entry(
    code="agent-no-answer",
    severity=_CRITICAL,
    meaning=(
        "An agent that should be there, because the configuration, Neutron "
        "or Nova names its host, or because it answered at first, does not "
        "answer. What its host could have told is missing from the report."
    ),
    proof=(
        "It neither announced itself nor answered on the message bus, and "
        "its direct listener did not answer either. Where the address of "
        "the host is known, the other hosts also ping it, to tell an agent "
        "that is down from a host that is."
    ),
    remedy=(
        "On the host, look at 'systemctl status steth-agent' and its log. "
        "If the host itself cannot be reached, repair that first. If it is "
        "the password that is refused, correct [direct_client] or "
        "[DEFAULT] transport_url."
    ),
)
AGENT_OPERATION_FAILED = Entry(
    code="agent-operation-failed",
    severity=_WARNING,
    meaning=(
        "An agent answered, but could not do what it was asked: it is too "
        "old, too busy, or lacks something on its host."
    ),
    proof="The agent's own error message, quoted as evidence.",
    remedy=(
        "As the message says: upgrade the agent, wait for other runs to "
        "end, or install what is missing."
    ),
)
HOST_INTERFACE_MISSING = Entry(
    code="host-interface-missing",
    severity=_CRITICAL,
    meaning=(
        "A host has no interface of the name that the network is on, "
        "according to the configuration or to most other hosts."
    ),
    proof="The list of the host's own links, read through netlink.",
    remedy=(
        "Check that the NIC is seated and its driver loaded (lspci, dmesg), "
        "and that it was not renamed; if it has another name by intent, "
        "give it in the option interface of the network's section."
    ),
)
HOST_INTERFACE_DOWN = Entry(
    code="host-interface-down",
    severity=_CRITICAL,
    meaning="The interface of a network is administratively down.",
    proof="The flag IFF_UP of the link is not set.",
    remedy=(
        "Set it up (ip link set <device> up) and find out why the host's "
        "network configuration did not."
    ),
)
UNDERLAY_NO_CARRIER = Entry(
    code="underlay-no-carrier",
    severity=_CRITICAL,
    meaning="The interface of a network is up but has no carrier.",
    proof="The link's carrier as the driver reports it is off.",
    remedy="Check the cable, the transceiver and the switch port.",
)
HOST_ADDRESS_MISSING = Entry(
    code="host-address-missing",
    severity=_CRITICAL,
    meaning=(
        "A host that should be on a network has no address of that network."
    ),
    proof="No address of the host lies in the network's subnets.",
    remedy=(
        "Give the interface its address, or take the host out of the "
        "network's option hosts if it is not meant to be there."
    ),
)
HOST_WRONG_PREFIX = Entry(
    code="host-wrong-prefix",
    severity=_CRITICAL,
    meaning=(
        "A host's address has another prefix length than its network, so "
        "that it takes neighbours for strangers or strangers for neighbours."
    ),
    proof=(
        "The prefix length of the address against the configured subnet, "
        "or against that of the other hosts on it."
    ),
    remedy="Correct the prefix length in the host's network configuration.",
)
UNDERLAY_ADDRESS_DUPLICATE = Entry(
    code="underlay-address-duplicate",
    severity=_CRITICAL,
    meaning="Two machines on one network have the same address.",
    proof=(
        "The address is configured on two hosts; or the neighbour tables "
        "of other hosts hold a MAC address for it that its owner does not "
        "have."
    ),
    remedy="Give one of the two another address.",
)
HOST_NO_ROUTE = Entry(
    code="host-no-route",
    severity=_CRITICAL,
    meaning="A host has no route to the addresses of a network.",
    proof="The host's kernel refuses to send: network is unreachable.",
    remedy="Add the route, or check the address of the host's interface.",
)
HOST_CANNOT_SEND = Entry(
    code="host-cannot-send",
    severity=_CRITICAL,
    meaning=(
        "Packets that a host sends do not leave its interface: its own "
        "packet filter, queueing discipline or driver holds them back."
    ),
    proof=(
        "The agent's packets were taken by the kernel, or refused by it, "
        "and never seen going out on a device; or replies came in on the "
        "device and were not delivered."
    ),
    remedy=(
        "Look at the output rules (nft list ruleset, iptables-save) and at "
        "'tc -s qdisc show' of the device."
    ),
)
HOST_FILTERED = Entry(
    code="host-filtered",
    severity=_CRITICAL,
    meaning=(
        "Packets reach a host's interface, but the host does not let them "
        "in, or does not answer: a packet filter on it drops them."
    ),
    proof=(
        "The echo requests were seen coming in on the host's device, below "
        "its packet filter, and no reply was seen going out; or the replies "
        "were seen coming in and were not delivered."
    ),
    remedy=(
        "Let the other hosts of the network in (nft list ruleset, "
        "iptables-save), and look at net.ipv4.icmp_echo_ignore_all."
    ),
)
HOST_PARTIAL_LOSS = Entry(
    code="host-partial-loss",
    severity=_CRITICAL,
    meaning="A host itself loses part of the packets that it handles.",
    proof=(
        "Packets counted on the host's device and at the agent's socket, or "
        "requests and replies on the device, do not match."
    ),
    remedy=(
        "Look for packet filter rules with a limit, for queues that overflow "
        "('tc -s qdisc show', 'nstat'), and at the load of the host."
    ),
)
UNDERLAY_NO_NEIGHBOUR = Entry(
    code="underlay-no-neighbour",
    severity=_CRITICAL,
    meaning=(
        "A host hears no other host of a network and is heard by none, not "
        "even on layer 2, although its interface is up and has carrier."
    ),
    proof=(
        "No frame that left the host's interface, ARP included, arrived at "
        "any other host, and none of theirs arrived there."
    ),
    remedy=(
        "Check the switch port: its VLAN, port security, spanning tree "
        "state; and whether the cable is in the right port."
    ),
)
UNDERLAY_FILTERED = Entry(
    code="underlay-filtered",
    severity=_CRITICAL,
    meaning=(
        "Layer 2 works, but IP packets between hosts are dropped in between, "
        "outside of the hosts."
    ),
    proof=(
        "Neighbours resolve each other's addresses, echo requests leave one "
        "host's interface, and none arrives at the other's."
    ),
    remedy="Look for access lists and firewalls between the two.",
)
UNDERLAY_ONE_WAY = Entry(
    code="underlay-one-way",
    severity=_CRITICAL,
    meaning="Frames pass between hosts in one direction only.",
    proof=(
        "What left one host's interface did not arrive at the other's, while "
        "the other's frames did arrive at the first."
    ),
    remedy=(
        "Check the transceiver and fibre (one of a pair), the switch port's "
        "error counters, access lists for one direction, and MAC tables."
    ),
)
UNDERLAY_PARTIAL_LOSS = Entry(
    code="underlay-partial-loss",
    severity=_CRITICAL,
    meaning="Part of the packets is lost between hosts.",
    proof=(
        "Packets counted where they left one host's interface and where they "
        "should have arrived, over enough of them to tell it from chance."
    ),
    remedy=(
        "Look at error and drop counters of the NIC and the switch port, at "
        "the cable, and for a duplex or speed mismatch or congestion."
    ),
)
HOST_MTU_SMALL = Entry(
    code="host-mtu-small",
    severity=_CRITICAL,
    meaning="The MTU of a host's interface is smaller than its network's.",
    proof=(
        "The MTU of the link against the configured one, or against that of "
        "the other hosts on the network."
    ),
    remedy="Raise the MTU of the interface and of the devices below it.",
)
UNDERLAY_MTU_BLACK_HOLE = Entry(
    code="underlay-mtu-black-hole",
    severity=_CRITICAL,
    meaning=(
        "Packets of the network's full size vanish between hosts whose own "
        "interfaces would carry them, and nobody says so."
    ),
    proof=(
        "Small packets pass. Full-size ones that may not be fragmented leave "
        "one host's interface and do not arrive at the other's, and no ICMP "
        "error came back (RFC 2923)."
    ),
    remedy="Raise the MTU of the switch ports on the way.",
)
UNDERLAY_MTU_REPORTED = Entry(
    code="underlay-mtu-reported",
    severity=_CRITICAL,
    meaning=(
        "A router between hosts lets only packets through that are smaller "
        "than the network's full size."
    ),
    proof=(
        "An ICMP error, 'fragmentation needed' (RFC 1191) or 'packet too "
        "big' (RFC 8201), with the router's address and its limit."
    ),
    remedy="Raise the MTU of that router's interface.",
)
TUNNEL_MTU_SMALL = Entry(
    code="tunnel-mtu-small",
    severity=_CRITICAL,
    meaning=(
        "The network between the hosts carries smaller packets than the "
        "tunnels of Neutron's networks need: full-size packets of instances "
        "get lost between hosts, or fragmented."
    ),
    proof=(
        "The path MTU between hosts, measured with echo requests that must "
        "not be fragmented, against the MTU of Neutron's networks and what "
        "their encapsulation adds: 50 bytes for VXLAN, 42 for GRE, 58 for "
        "Geneve, and 20 more over IPv6."
    ),
    remedy=(
        "Raise the MTU of the interfaces and switches of the network, or "
        "tell Neutron its real MTU (global_physnet_mtu, [ml2] path_mtu) and "
        "lower that of the networks which exist."
    ),
)
UNDERLAY_SPLIT = Entry(
    code="underlay-split",
    severity=_CRITICAL,
    meaning=(
        "A network is split into groups of hosts: each talks within, none "
        "with another group."
    ),
    proof="No frame passed between any two hosts of different groups.",
    remedy=(
        "Check the link between the switches that the groups are on, and "
        "that the VLAN is allowed on it."
    ),
)
UNDERLAY_UNREACHABLE = Entry(
    code="underlay-unreachable",
    severity=_CRITICAL,
    meaning=(
        "Hosts cannot reach each other, and what could be seen does not "
        "tell where the packets are lost."
    ),
    proof="Echo requests were not answered, in two rounds.",
    remedy=(
        "Look at the evidence; where an agent could not watch, repair that "
        "and run the check again."
    ),
)
UNDERLAY_LATENCY = Entry(
    code="underlay-latency",
    severity=_WARNING,
    meaning=(
        "The round trip between hosts takes far longer than between the "
        "others of the network."
    ),
    proof=(
        "The smallest round trip time of several, so that a single delay "
        "does not count, against the median of the network."
    ),
    remedy=(
        "Look for a detour, a congested or wrongly negotiated link, or an "
        "overloaded host."
    ),
)

UNDERLAY_VLAN_MISSING = Entry(
    code="underlay-vlan-missing",
    severity=_CRITICAL,
    meaning=(
        "VLANs that should be trunked to a host are not: frames on them "
        "neither reach it nor leave from it. Without a host, they reach "
        "none at all, or there are only two, and it is one of both ports."
    ),
    proof=(
        "Every host sent marked frames on every VLAN while all listened. On "
        "these VLANs the others heard each other, and none heard the host "
        "or was heard by it. A switch that only this host is plugged in "
        "would look the same if its uplink lacked the VLANs."
    ),
    remedy=(
        "Allow the VLANs on the switch port of the host (and create them on "
        "the switch), or take them out of what is expected."
    ),
)
UNDERLAY_VLAN_SPLIT = Entry(
    code="underlay-vlan-split",
    severity=_CRITICAL,
    meaning=(
        "On some VLANs the hosts fall into groups: each hears itself, none "
        "hears another group. Other VLANs join them."
    ),
    proof=(
        "Marked frames on these VLANs were heard within each group, in two "
        "passes, and never between hosts of different groups."
    ),
    remedy=(
        "Allow the VLANs on the trunk between the switches that the groups "
        "are plugged in, on both of its ends."
    ),
)
UNDERLAY_VLAN_NATIVE = Entry(
    code="underlay-vlan-native",
    severity=_CRITICAL,
    meaning=(
        "Frames change their VLAN on the way: a tag arrives as another one "
        "or as none, or frames without a tag arrive with one. The native "
        "VLANs of switch ports differ, or an expected VLAN is native."
    ),
    proof=(
        "Each marked frame says on which VLAN it was sent; the listener "
        "read another one from the tag that it arrived with."
    ),
    remedy=(
        "Give the ports of all hosts, and both ends of the trunks between "
        "switches, the same native VLAN, and none that is expected tagged."
    ),
)
UNDERLAY_VLAN_ONE_WAY = Entry(
    code="underlay-vlan-one-way",
    severity=_CRITICAL,
    meaning="Frames on a VLAN pass between hosts in one direction only.",
    proof=(
        "Marked frames on the VLAN were heard in the one direction, and not "
        "in the other, in two passes."
    ),
    remedy=(
        "Look for access lists and VLAN filters on the switch ports that "
        "work in one direction, and for storm control."
    ),
)
UNDERLAY_VLAN_LOOP = Entry(
    code="underlay-vlan-loop",
    severity=_CRITICAL,
    meaning="A host's own broadcast frames come back to it.",
    proof="The host heard marked frames that it had sent itself.",
    remedy=(
        "Look for a loop: two cables to one switch without a bond, a bond "
        "that the switch does not know of, a bridge with two uplinks, a "
        "port that reflects; and whether spanning tree is on."
    ),
)
AGENT_FRAMES_LOST = Entry(
    code="agent-frames-lost",
    severity=_WARNING,
    meaning=(
        "An agent could not keep up with the frames that arrived, so that "
        "it cannot be told which of them were missing."
    ),
    proof="The kernel's own count of what the agent's ring had no room for.",
    remedy="Run the check again when the host is less busy.",
)
UNDERLAY_BANDWIDTH_HOST = Entry(
    code="underlay-bandwidth-host",
    severity=_CRITICAL,
    meaning=(
        "One host is slow with every other one: it sends, receives or both "
        "at less than the network's configured minimum_bandwidth. Where "
        "none is configured, half of the speed of the NICs, or a quarter of "
        "what passes between the other hosts, is taken for it, and this is "
        "a warning."
    ),
    proof=(
        "iperf3 with several other hosts, of which two were tested again "
        "while nothing else was; the better figure counts. The evidence "
        "says so when the host's link was negotiated slower than others'."
    ),
    remedy=(
        "Look at the speed and duplex that the NIC negotiated (ethtool), its "
        "error counters, the cable, the transceiver, rate limits on the "
        "switch port, and what else uses the link."
    ),
)
UNDERLAY_BANDWIDTH_PAIR = Entry(
    code="underlay-bandwidth-pair",
    severity=_CRITICAL,
    meaning=(
        "Less than what has to pass does so between some hosts which are "
        "fast enough with others: the path between them is slow."
    ),
    proof=(
        "iperf3 between these hosts, again while nothing else was tested, "
        "against the tests of the same hosts with others."
    ),
    remedy=(
        "Look at what these pairs have in common: a link between switches, "
        "one member of a link aggregation, a router or firewall."
    ),
)
UNDERLAY_BANDWIDTH_NETWORK = Entry(
    code="underlay-bandwidth-network",
    severity=_CRITICAL,
    meaning="Less than what has to pass does so between any two hosts.",
    proof="iperf3 between all pairs of hosts that were tested.",
    remedy=(
        "Check what all hosts have in common: the speed of the switch's "
        "ports, its load, and whether minimum_bandwidth in the network's "
        "section is what the hardware can do."
    ),
)
UNDERLAY_BANDWIDTH_OVERSUBSCRIBED = Entry(
    code="underlay-bandwidth-oversubscribed",
    severity=_CRITICAL,
    meaning=(
        "Pairs of hosts reach what has to pass alone, but not when all "
        "hosts send at once: the links between the switches carry less than "
        "the hosts together can send."
    ),
    proof=(
        "iperf3 with every host sending to one and hearing from another at "
        "the same time, and between the same hosts alone."
    ),
    remedy=(
        "Add uplinks between the switches, spread the hosts, or take a "
        "minimum_bandwidth that holds for one pair at a time."
    ),
)

UNDERLAY_ERRORS_GROW = Entry(
    code="underlay-errors-grow",
    severity=_WARNING,
    meaning="An interface counts errors, and more of them all the time.",
    proof=(
        "Its counters of receive errors, transmit errors or collisions, read "
        "twice: at least three more, and one in two seconds. Frames that "
        "nobody on the host wants are no errors and do not count."
    ),
    remedy=(
        "Check the cable, the transceiver and the switch port's own "
        "counters; 'ethtool -S' tells the kinds of errors."
    ),
)
HOST_DROPS_GROW = Entry(
    code="host-drops-grow",
    severity=_WARNING,
    meaning=(
        "A host does not keep up with an interface: it has no room for "
        "frames that arrive, or the interface cannot send what it is given."
    ),
    proof=(
        "The counters of missed and of dropped frames, read twice: more than "
        "one in ten thousand. Frames of protocols and VLANs that nobody on "
        "the host listens to do not count."
    ),
    remedy=(
        "Look at the rings ('ethtool -g'), at the load of the CPUs that "
        "serve the interface, and for frames longer than the MTU."
    ),
)
UNDERLAY_CARRIER_UNSTABLE = Entry(
    code="underlay-carrier-unstable",
    severity=_WARNING,
    meaning="The carrier of an interface comes and goes.",
    proof="The kernel's count of its changes grew during the run.",
    remedy="Check the cable, the transceiver and the switch port.",
)
UNDERLAY_SPEED_LOW = Entry(
    code="underlay-speed-low",
    severity=_WARNING,
    meaning="An interface is slower than those of the network's other hosts.",
    proof=(
        "The speed that the link negotiated, against that of most hosts on "
        "the network. Several slow hosts are taken for another kind of "
        "machine and not told of."
    ),
    remedy=(
        "Check the cable and the transceiver, and that both ends negotiate "
        "('ethtool' tells what each of them offers)."
    ),
)
UNDERLAY_HALF_DUPLEX = Entry(
    code="underlay-half-duplex",
    severity=_WARNING,
    meaning="An interface cannot send and receive at the same time.",
    proof="The link's own settings: half duplex.",
    remedy=(
        "Let both ends negotiate, or set both to the same: one fixed end "
        "makes the other fall back to half duplex."
    ),
)
UNDERLAY_BOND_DEGRADED = Entry(
    code="underlay-bond-degraded",
    severity=_WARNING,
    meaning="A member of a bond carries nothing; others do.",
    proof=(
        "The bond's own monitoring says that it is down, or LACP has put it "
        "in another group than the other members."
    ),
    remedy=(
        "Check its cable and switch port; for LACP, that the switch has all "
        "members in one port channel."
    ),
)
UNDERLAY_MAC_DUPLICATE = Entry(
    code="underlay-mac-duplicate",
    severity=_CRITICAL,
    meaning=(
        "Interfaces of several hosts on one network have the same MAC "
        "address, so that switches send frames to the one or the other."
    ),
    proof="The links' addresses as the hosts' kernels have them.",
    remedy=(
        "Look for an address that is set by hand or by a cloned "
        "configuration; 'ip link show' tells the permanent one beside it."
    ),
)
HOST_CLOCK_OFFSET = Entry(
    code="host-clock-offset",
    severity=_CRITICAL,
    meaning=(
        "A host's clock differs from the other hosts' by more than one "
        "second. Neutron and Nova tell by time stamps which agents are "
        "alive, and Keystone's tokens are valid by them."
    ),
    proof=(
        "The clocks were read over the round trip of several calls. By half "
        "of the shortest the result may be wrong, and it is more than that "
        "beyond the bound."
    ),
    remedy="See that chrony or another NTP client runs ('chronyc tracking').",
)
HOST_NAME_DUPLICATE = Entry(
    code="host-name-duplicate",
    severity=_CRITICAL,
    meaning=(
        "Several hosts have the same host name, by which OpenStack's "
        "services tell them apart unless configured otherwise."
    ),
    proof="The kernels' host names.",
    remedy="Give each host a name of its own ('hostnamectl set-hostname').",
)
HOST_MACHINE_ID_DUPLICATE = Entry(
    code="host-machine-id-duplicate",
    severity=_WARNING,
    meaning=(
        "Several hosts have the same machine id, as clones of one image: "
        "DHCP clients and others take them for one host."
    ),
    proof=(
        "Hashes of /etc/machine-id, of hosts that run kernels of their own."
    ),
    remedy=(
        "Remove /etc/machine-id and run 'systemd-machine-id-setup', then "
        "boot the host; empty the file in the image."
    ),
)
HOST_NAME_UNRESOLVED = Entry(
    code="host-name-unresolved",
    severity=_WARNING,
    meaning="A host does not resolve another host's name, as others do.",
    proof=(
        "The name was looked up on every host, and most found an address "
        "that the named host has."
    ),
    remedy=(
        "Compare /etc/hosts, /etc/resolv.conf and /etc/nsswitch.conf with "
        "those of another host."
    ),
)
HOST_NAME_WRONG = Entry(
    code="host-name-wrong",
    severity=_WARNING,
    meaning=(
        "A host resolves another host's name to an address that it does not "
        "have, unlike others."
    ),
    proof=(
        "The name was looked up on every host, and most found an address "
        "that the named host has."
    ),
    remedy="Look for an old entry in /etc/hosts, or a cache of DNS.",
)
HOST_CONNTRACK_FULL = Entry(
    code="host-conntrack-full",
    severity=_WARNING,
    meaning=(
        "The connection tracking table of a host is nearly full. When it "
        "is, packets of new connections are dropped."
    ),
    proof="Its entries against net.netfilter.nf_conntrack_max: 90 % or more.",
    remedy=(
        "Raise net.netfilter.nf_conntrack_max, and look for who makes so "
        "many connections ('conntrack -S')."
    ),
)
HOST_NEIGHBOURS_FULL = Entry(
    code="host-neighbours-full",
    severity=_WARNING,
    meaning=(
        "The neighbour table of a host is nearly full. When it is, further "
        "hosts cannot be reached."
    ),
    proof=(
        "Its IPv4 entries against net.ipv4.neigh.default.gc_thresh3: 90 % or "
        "more."
    ),
    remedy="Raise net.ipv4.neigh.default.gc_thresh1, 2 and 3.",
)
HOST_FORWARDING_OFF = Entry(
    code="host-forwarding-off",
    severity=_CRITICAL,
    meaning="The namespace of a router does not forward packets.",
    proof="The setting net.ipv4.ip_forward in a qrouter namespace is 0.",
    remedy=(
        "See what has changed it since Neutron's L3 agent set it; a restart "
        "of the agent sets it again."
    ),
)
AGENT_TOOL_MISSING = Entry(
    code="agent-tool-missing",
    severity=_INFO,
    meaning="A program that an operation of the agent runs is not there.",
    proof="It was not found where an administrator would find it.",
    remedy="Install the package, if you want to use what needs it.",
)

ENTRIES: dict[str, Entry] = {
    one.code: one for one in list(globals().values()) if isinstance(one, Entry)
}
