# SPDX-License-Identifier: Apache-2.0
"""Open vSwitch in two hosts, as Neutron wires it, on the kernel's datapath.

An instance (a namespace ``vm``) is on ``tap0`` of the integration bridge, in
local VLAN 1; the tunnel bridge carries that as VNI 100 to the other host.
"""

from collections.abc import Mapping

from steth.lab import layout
from steth.lab import openvswitch
from steth.lab import processes

NETNS = "vm"
TAP = "tap0"
PORT = "vxlan0"
#: What the kernel calls the device of all VXLAN ports.
TUNNEL_DEVICE = "vxlan_sys_4789"
#: The NIC that carries the tunnels.
NIC = layout.TUNNEL.nic
_VNI = 100

_INSTANCE = f"""\
ip netns add {NETNS}
ip netns exec {NETNS} sysctl -qw net.ipv6.conf.default.disable_ipv6=1
ip link add {TAP} type veth peer name eth0 netns {NETNS}
ip link set {TAP} up
ip -n {NETNS} link set eth0 address {{mac}} mtu 1450 up
ip -n {NETNS} address add {{address}}/24 dev eth0
"""
_BRIDGES = (
    "add-br br-int",
    "add-br br-tun",
    "set bridge br-tun fail_mode=secure",
    f"add-port br-int {TAP} tag=1",
    "add-port br-int patch-tun",
    "set interface patch-tun type=patch options:peer=patch-int",
    "add-port br-tun patch-int",
    "set interface patch-int type=patch options:peer=patch-tun",
    f"add-port br-tun {PORT}",
)
_FLOWS = f"""\
ovs-ofctl add-flow br-tun 'in_port=patch-int,dl_vlan=1,\
actions=strip_vlan,set_field:{_VNI}->tun_id,output:{PORT}'
ovs-ofctl add-flow br-tun 'in_port={PORT},tun_id={_VNI},\
actions=mod_vlan_vid:1,output:patch-int'
"""


def build(
    inits: Mapping[str, processes.Process],
    mark: Mapping[str, str],
    hosts: tuple[layout.Host, layout.Host],
) -> None:
    """Wire two hosts."""
    for host, peer in (hosts, hosts[::-1]):
        switch = openvswitch.OpenVSwitch(inits[host.name], mark)
        switch.start()
        switch.run(_INSTANCE.format(mac=mac(host), address=address(host)))
        switch.configure(
            [
                *_BRIDGES,
                f"set interface {PORT} type=vxlan options:key=flow "
                f"options:local_ip={host.address(layout.TUNNEL)} "
                f"options:remote_ip={peer.address(layout.TUNNEL)}",
            ]
        )
        switch.run(_FLOWS)


def mac(host: layout.Host) -> str:
    """Return the MAC address of a host's instance."""
    return f"fa:16:3e:00:00:{host.number:02x}"


def address(host: layout.Host) -> str:
    """Return the address of a host's instance."""
    return f"192.0.2.{host.number}"


def arp_request(host: layout.Host, asked: layout.Host) -> str:
    """Return, in hexadecimal, the frame in which one instance asks another.

    It needs no checksum and is answered by whatever has the address, see
    RFC 826.
    """
    return "".join(
        (
            "ff" * 6 + _hex(mac(host)) + "0806",
            "0001" + "0800" + "06" + "04" + "0001",
            _hex(mac(host)) + f"c00002{host.number:02x}",
            "00" * 6 + f"c00002{asked.number:02x}",
        )
    )


def _hex(text: str) -> str:
    return text.replace(":", "")
