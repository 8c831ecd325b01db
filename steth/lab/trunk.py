# SPDX-License-Identifier: Apache-2.0
"""The trunk: two switches that know VLANs, and a NIC in each host on one.

They are bridges of an Open vSwitch with the userspace datapath, since many
kernels have neither its module nor a bridge that filters VLANs. It runs in
the switch's namespaces, keeps all it has in their private /run, and ends
with the switch.
"""

from collections.abc import Iterable
from collections.abc import Mapping

from steth.lab import commands
from steth.lab import deadline
from steth.lab import errors
from steth.lab import layout
from steth.lab import namespace
from steth.lab import processes
from steth.lab import services
from steth.lab import switch

#: What it is made with.
TOOLS = ("ethtool", "ovs-vsctl", "ovs-vswitchd", "ovsdb-server")

_DIRECTORY = "/run/openvswitch"
_DATABASE = f"{_DIRECTORY}/conf.db"
_SOCKET = f"{_DIRECTORY}/db.sock"
_SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema"
_START_TIMEOUT = 20.0

#: One thread each, since the hosts share the machine's processors with it;
#: room for every VLAN of many hosts among its flows.
_SETTINGS = """\
ovs-vsctl --no-wait init -- set open_vswitch . \
other_config:n-handler-threads=1 other_config:n-revalidator-threads=1 \
other_config:flow-limit=400000
"""


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
        self._database = services.Service("ovsdb-server", mark)
        self._daemon = services.Service("ovs-vswitchd", mark)

    def is_running(self) -> bool:
        """Return whether both daemons have a process."""
        alive = list(processes.all_processes())
        return all(
            one.members(self._switch, alive)
            for one in (self._database, self._daemon)
        )

    def build(self, hosts: Iterable[layout.Host]) -> None:
        """Start the switches and plug in what is not plugged in yet.

        :raises errors.LabError: naming what does not come up
        """
        hosts = list(hosts)
        self._plug(hosts)
        self._start()
        lines = []
        for name, other in (layout.LEAVES, layout.LEAVES[::-1]):
            uplink = layout.uplink(name)
            lines += [
                f"--may-exist add-br {name}",
                f"set bridge {name} datapath_type=netdev",
                f"--may-exist add-port {name} {uplink}",
                f"set interface {uplink} type=patch "
                f"options:peer={layout.uplink(other)}",
            ]
        lines += [
            f"--may-exist add-port {host.leaf} {host.trunk_port}"
            for host in hosts
        ]
        self._run(f"ovs-vsctl {' -- '.join(lines)}")

    def _plug(self, hosts: list[layout.Host]) -> None:
        """Make the NICs, without an address, and their ports."""
        present = switch.devices(self._switch)
        lines, missing = [], []
        for host in hosts:
            if host.trunk_port not in present:
                missing.append(host)
                lines.append(
                    f"link add {host.trunk_port} type veth peer name "
                    f"{layout.TRUNK_NIC} netns {self._inits[host.name].pid}"
                )
            lines.append(f"link set {host.trunk_port} up")
        self._in(self._switch, ["ip", "-batch", "-"], "\n".join(lines))
        for host in hosts:
            self._in(
                self._inits[host.name],
                ["ip", "-batch", "-"],
                f"link set {layout.TRUNK_NIC} addrgenmode none up",
            )
        # What a switch in user space forwards has to have its checksum.
        for host in missing:
            for init, device in (
                (self._switch, host.trunk_port),
                (self._inits[host.name], layout.TRUNK_NIC),
            ):
                self._in(init, ["ethtool", "-K", device, "tx", "off"])

    def _start(self) -> None:
        if self.is_running():
            return
        for one in (self._daemon, self._database):
            one.kill(self._switch)
        self._run(
            f"mkdir -p {_DIRECTORY}\nrm -f {_DATABASE} {_DIRECTORY}/*.sock\n"
            f"ovsdb-tool create {_DATABASE} {_SCHEMA}\n"
        )
        self._database.start(
            self._switch,
            ["ovsdb-server", _DATABASE, f"--remote=punix:{_SOCKET}"],
        )
        socket = namespace.path(self._switch, _SOCKET)
        if not deadline.until(socket.exists, _START_TIMEOUT):
            raise errors.LabError(
                f"ovsdb-server did not start: "
                f"{self._database.last_words(self._switch)}"
            )
        self._run(_SETTINGS)
        self._daemon.start(self._switch, ["ovs-vswitchd", f"unix:{_SOCKET}"])

    def _run(self, script: str) -> None:
        commands.run(
            namespace.inside(self._switch, ["timeout", "20", "sh", "-e"]),
            script,
            self._mark,
        )

    def _in(
        self, init: processes.Process, argv: list[str], script: str = ""
    ) -> None:
        commands.run(namespace.in_network(init, argv), script, self._mark)
