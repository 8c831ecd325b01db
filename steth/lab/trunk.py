# SPDX-License-Identifier: Apache-2.0
"""The trunk: two switches that know VLANs, and NICs of the hosts on them.

They are bridges of an Open vSwitch, since many kernels have no bridge that
filters VLANs. It runs in the switch's namespaces and ends with them.
"""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence

from steth.lab import commands
from steth.lab import layout
from steth.lab import namespace
from steth.lab import openvswitch
from steth.lab import processes
from steth.lab import switch

#: What it is made with.
TOOLS = openvswitch.TOOLS

#: Room for every VLAN of many hosts among its flows.
_FLOW_LIMIT = "set open_vswitch . other_config:flow-limit=400000"


class Trunk:
    """The trunk of one lab.

    :param inits: the first process of each host and of the switch, by name
    :param mark: what marks the lab's processes
    """

    def __init__(
        self,
        inits: Mapping[str, processes.Process],
        mark: Mapping[str, str],
    ) -> None:
        self._inits = inits
        self._switch = inits[layout.SWITCH]
        self._mark = mark
        self._openvswitch = openvswitch.OpenVSwitch(self._switch, mark)

    def is_running(self) -> bool:
        """Return whether both daemons have a process."""
        return self._openvswitch.is_running()

    def build(
        self,
        ports: Iterable[layout.TrunkPort],
        uplink_vlans: Sequence[int] = (),
    ) -> None:
        """Start the switches and plug in what is not plugged in yet.

        :param uplink_vlans: what passes between the two; empty for all
        :raises errors.LabError: naming what does not come up
        """
        ports = list(ports)
        self._plug(ports)
        self._openvswitch.start()
        lines = [_FLOW_LIMIT]
        for name, other in (layout.LEAVES, layout.LEAVES[::-1]):
            uplink = layout.uplink(name)
            lines += [
                f"--may-exist add-br {name}",
                f"set bridge {name} datapath_type=netdev",
                f"--may-exist add-port {name} {uplink}",
                f"set interface {uplink} type=patch "
                f"options:peer={layout.uplink(other)}",
                f"set port {uplink} {_vlans(None, uplink_vlans)}",
            ]
        for one in ports:
            lines += [
                f"--may-exist add-port {one.leaf} {one.name}",
                f"set port {one.name} {_vlans(one.tag, one.vlans)}",
            ]
        self._openvswitch.configure(lines)

    def _plug(self, ports: list[layout.TrunkPort]) -> None:
        """Make the NICs, without an address, and their ports."""
        present = switch.devices(self._switch)
        lines, missing = [], []
        for one in ports:
            if one.name not in present:
                missing.append(one)
                lines.append(
                    f"link add {one.name} type veth peer name "
                    f"{one.nic} netns {self._inits[one.host].pid}"
                )
            lines.append(f"link set {one.name} up")
        self._in(self._switch, ["ip", "-batch", "-"], "\n".join(lines))
        for one in ports:
            self._in(
                self._inits[one.host],
                ["ip", "-batch", "-"],
                f"link set {one.nic} addrgenmode none up",
            )
        # What a switch in user space forwards has to have its checksum.
        for one in missing:
            for init, device in (
                (self._switch, one.name),
                (self._inits[one.host], one.nic),
            ):
                self._in(init, ["ethtool", "-K", device, "tx", "off"])

    def _in(
        self, init: processes.Process, argv: list[str], script: str = ""
    ) -> None:
        commands.run(namespace.in_network(init, argv), script, self._mark)


def _vlans(tag: int | None, vlans: Sequence[int]) -> str:
    """Return the columns of a port that tell which VLANs it takes."""
    allowed = ",".join(str(one) for one in vlans)
    mode = "access" if tag is not None else "trunk"
    return (
        f"vlan_mode={mode} tag={'[]' if tag is None else tag} "
        f"trunks=[{allowed}]"
    )
