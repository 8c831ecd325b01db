# SPDX-License-Identifier: Apache-2.0
"""Open vSwitch in a network or compute node, with its NICs."""

from collections.abc import Mapping

from steth.lab import commands
from steth.lab import layout as base
from steth.lab import namespace
from steth.lab import openvswitch
from steth.lab import processes
from steth.lab.cloud import configuration
from steth.lab.cloud import layout

_DATABASE = "/etc/openvswitch/conf.db"


class Node:
    """Open vSwitch of one node.

    :param inits: the first process of each host and of the switch, by name
    :param mark: what marks the lab's processes
    """

    def __init__(
        self,
        host: base.Host,
        shape: layout.Shape,
        inits: Mapping[str, processes.Process],
        mark: Mapping[str, str],
    ) -> None:
        self._host = host
        self._chassis = (
            configuration.ovn_chassis(host, shape)
            if shape.mechanism is layout.Mechanism.OVN
            else {}
        )
        self._attachments = layout.attachments(host, shape)
        self._init = inits[host.name]
        self._switch = inits[base.SWITCH]
        self._mark = mark
        port, _, address = configuration.OVSDB_REMOTE.rpartition(":")[::-1]
        self._openvswitch = openvswitch.OpenVSwitch(
            self._init,
            mark,
            database=_DATABASE,
            remotes=[f"ptcp:{port}:{address}"],
        )

    def is_running(self) -> bool:
        """Return whether its daemons have processes."""
        return self._openvswitch.is_running()

    def build(self) -> None:
        """Start it, and put the NICs into their bridges.

        :raises errors.LabError: naming what does not come up
        """
        self._openvswitch.start()
        bridges = {layout.TUNNEL_BRIDGE: base.TUNNEL.nic} | {
            one.bridge: one.nic for one in self._attachments
        }
        lines = [
            f"set open_vswitch . external_ids:{name}={value}"
            for name, value in self._chassis.items()
        ]
        for bridge, nic in bridges.items():
            lines += [
                f"--may-exist add-br {bridge}",
                f"set bridge {bridge} datapath_type=netdev",
                f"--may-exist add-port {bridge} {nic}",
            ]
        self._openvswitch.configure(lines)
        # What a switch in user space forwards has to have its checksum.
        port = self._host.port(base.TUNNEL)
        self._in(self._switch, ["ethtool", "-K", port, "tx", "off"])
        self._in(self._init, ["ethtool", "-K", base.TUNNEL.nic, "tx", "off"])
        address = self._host.address(base.TUNNEL)
        self._in(
            self._init,
            ["ip", "-batch", "-"],
            f"link set {layout.TUNNEL_BRIDGE} mtu {base.TUNNEL.mtu} up\n"
            f"address replace {address}/{base.TUNNEL.prefix} broadcast + "
            f"dev {layout.TUNNEL_BRIDGE}\n",
        )

    def _in(
        self, init: processes.Process, argv: list[str], script: str = ""
    ) -> None:
        commands.run(namespace.in_network(init, argv), script, self._mark)
