# SPDX-License-Identifier: Apache-2.0
"""Findings that lie in a host."""

from steth.checks.catalogue import entry
from steth.model import finding

HOST_INTERFACE_MISSING = entry.Entry(
    code="host-interface-missing",
    severity=finding.Severity.CRITICAL,
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
HOST_INTERFACE_DOWN = entry.Entry(
    code="host-interface-down",
    severity=finding.Severity.CRITICAL,
    meaning="The interface of a network is administratively down.",
    proof="The flag IFF_UP of the link is not set.",
    remedy=(
        "Set it up (ip link set <device> up) and find out why the host's "
        "network configuration did not."
    ),
)
HOST_ADDRESS_MISSING = entry.Entry(
    code="host-address-missing",
    severity=finding.Severity.CRITICAL,
    meaning=(
        "A host that should be on a network has no address of that network."
    ),
    proof=(
        "No address of the host lies in the network's subnets, but for those "
        "that other hosts too have on a dummy or a bridge of instances."
    ),
    remedy=(
        "Give the interface its address, or take the host out of the "
        "network's option hosts if it is not meant to be there."
    ),
)
HOST_WRONG_PREFIX = entry.Entry(
    code="host-wrong-prefix",
    severity=finding.Severity.CRITICAL,
    meaning=(
        "A host's address has another prefix length than its network, so "
        "that it takes neighbours for strangers or strangers for neighbours."
    ),
    proof=(
        "The prefix length of the address against the configured subnet, "
        "or against that of the other hosts on it. A /32 or /128 in a "
        "configured subnet is well: routes lead to such a host."
    ),
    remedy="Correct the prefix length in the host's network configuration.",
)
HOST_NO_ROUTE = entry.Entry(
    code="host-no-route",
    severity=finding.Severity.CRITICAL,
    meaning="A host has no route to the addresses of a network.",
    proof="The host's kernel refuses to send: network is unreachable.",
    remedy="Add the route, or check the address of the host's interface.",
)
HOST_WRONG_ROUTE = entry.Entry(
    code="host-wrong-route",
    severity=finding.Severity.CRITICAL,
    meaning=(
        "A host sends packets for neighbours on a network out of another "
        "interface than the one that it has on that network, where they are "
        "lost, or those of full size are too long."
    ),
    proof=(
        "Echo requests to an address in the subnet of the host's own were "
        "seen leaving by other devices, never by the one with the address, "
        "and none was answered, or the kernel refused those of full size."
    ),
    remedy=(
        "See which route or rule leads there ('ip route get <address>', 'ip "
        "rule'), and remove it."
    ),
)
HOST_WRONG_NEIGHBOUR = entry.Entry(
    code="host-wrong-neighbour",
    severity=finding.Severity.CRITICAL,
    meaning=(
        "A host's neighbour table has an entry made by hand with a hardware "
        "address that is not the other host's, so that what it sends there "
        "is lost."
    ),
    proof=(
        "A permanent entry of the neighbour table, against the hardware "
        "addresses of the other host's own devices; echo requests between "
        "the two were not answered."
    ),
    remedy=(
        "Delete the entry ('ip neigh del <address> dev <device>'), and look "
        "for what makes it again when the host boots."
    ),
)
HOST_CANNOT_SEND = entry.Entry(
    code="host-cannot-send",
    severity=finding.Severity.CRITICAL,
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
        "Look at the output rules (nft list ruleset, iptables-save), at "
        "'tc -s qdisc show' of the device, and for a route that refuses the "
        "address ('ip route get <address>')."
    ),
)
HOST_FILTERED = entry.Entry(
    code="host-filtered",
    severity=finding.Severity.CRITICAL,
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
        "iptables-save)."
    ),
)
HOST_ECHO_IGNORED = entry.Entry(
    code="host-echo-ignored",
    severity=finding.Severity.WARNING,
    meaning=(
        "A host answers no echo requests, since its kernel is set so. The "
        "network is well as far as it was seen, but ping does not show it."
    ),
    proof=(
        "The echo requests were seen coming in on the host's device, no reply "
        "went out, and net.ipv4.icmp_echo_ignore_all is set, or "
        "net.ipv6.icmp.echo_ignore_all."
    ),
    remedy=(
        "Set it to 0, so that others than Steth notice too when the host is "
        "cut off; limit the rate instead (net.ipv4.icmp_ratelimit)."
    ),
)
HOST_PARTIAL_LOSS = entry.Entry(
    code="host-partial-loss",
    severity=finding.Severity.CRITICAL,
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
HOST_DROPS_GROW = entry.Entry(
    code="host-drops-grow",
    severity=finding.Severity.WARNING,
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
HOST_CLOCK_OFFSET = entry.Entry(
    code="host-clock-offset",
    severity=finding.Severity.CRITICAL,
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
HOST_NAME_DUPLICATE = entry.Entry(
    code="host-name-duplicate",
    severity=finding.Severity.CRITICAL,
    meaning=(
        "Several hosts have the same host name, by which OpenStack's "
        "services tell them apart unless configured otherwise."
    ),
    proof="The kernels' host names.",
    remedy="Give each host a name of its own ('hostnamectl set-hostname').",
)
HOST_MACHINE_ID_DUPLICATE = entry.Entry(
    code="host-machine-id-duplicate",
    severity=finding.Severity.WARNING,
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
HOST_NAME_UNRESOLVED = entry.Entry(
    code="host-name-unresolved",
    severity=finding.Severity.WARNING,
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
HOST_NAME_WRONG = entry.Entry(
    code="host-name-wrong",
    severity=finding.Severity.WARNING,
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
HOST_NAME_REVERSED = entry.Entry(
    code="host-name-reversed",
    severity=finding.Severity.WARNING,
    meaning=(
        "The address of a host resolves to the name of another host, so "
        "that logs, certificates and rules by name are about the wrong one."
    ),
    proof=(
        "The addresses that the hosts' names resolve to were looked up on "
        "every host; the one has the address, the other the name."
    ),
    remedy=(
        "Correct the PTR record of the address, or the order of the names in "
        "/etc/hosts."
    ),
)
HOST_PROGRAM_MISSING = entry.Entry(
    code="host-program-missing",
    severity=finding.Severity.WARNING,
    meaning=(
        "A program is not installed that an agent of Neutron on the host "
        "runs for what it does: it fails when it gets there."
    ),
    proof=(
        "The agent is among the host's processes, not in a container, and the "
        "program is in none of the directories that rootwrap looks in."
    ),
    remedy="Install the package that has the program.",
)
HOST_BRIDGE_NETFILTER_OFF = entry.Entry(
    code="host-bridge-netfilter-off",
    severity=finding.Severity.CRITICAL,
    meaning=(
        "The kernel does not show iptables what passes its bridges, where "
        "Neutron's hybrid firewall filters: security groups let everything "
        "through."
    ),
    proof=(
        "There are bridges of the hybrid firewall with ports of instances "
        "(qbr…, tap…), and net.bridge.bridge-nf-call-iptables is 0, or not "
        "there since the module br_netfilter is not loaded."
    ),
    remedy=(
        "Load br_netfilter, set net.bridge.bridge-nf-call-iptables and "
        "net.bridge.bridge-nf-call-ip6tables to 1, and see what has changed "
        "them since Neutron's agent set them."
    ),
)
HOST_CONNTRACK_FULL = entry.Entry(
    code="host-conntrack-full",
    severity=finding.Severity.WARNING,
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
HOST_NEIGHBOURS_FULL = entry.Entry(
    code="host-neighbours-full",
    severity=finding.Severity.WARNING,
    meaning=(
        "The neighbour table of a host is nearly full, or too small for the "
        "hosts that it has to reach. When it is full, further hosts cannot be "
        "reached."
    ),
    proof=(
        "Its entries, or the hosts on its networks, against "
        "net.ipv4.neigh.default.gc_thresh3 (net.ipv6 for IPv6): 90 % or more."
    ),
    remedy=(
        "Raise gc_thresh1, 2 and 3 in net.ipv4.neigh.default, or in "
        "net.ipv6.neigh.default."
    ),
)
HOST_FORWARDING_OFF = entry.Entry(
    code="host-forwarding-off",
    severity=finding.Severity.CRITICAL,
    meaning="The namespace of a router does not forward packets.",
    proof=(
        "The setting net.ipv4.ip_forward in a qrouter, snat or fip namespace "
        "is 0."
    ),
    remedy=(
        "See what has changed it since Neutron's L3 agent set it; a restart "
        "of the agent sets it again."
    ),
)
