# SPDX-License-Identifier: Apache-2.0
"""Arguments of ``probe.packet_send``."""

from typing import Annotated
from typing import Literal

import msgspec

from steth.rpc.requests import base

#: Ceilings of one ``probe.packet_send``, whatever its caller asks for.
MAX_SENT_PACKETS = 10_000
MAX_SENT_BYTES = 50_000_000
MAX_SENDING_SECONDS = 120.0
#: Of a file of packets: bytes.
MAX_PACKET_FILE = 512 * 1024
#: What a frame carries at most besides its headers: bytes.
MAX_PAYLOAD = 9000

Mac = Annotated[
    str, msgspec.Meta(pattern=r"^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}$")
]
Port = Annotated[int, msgspec.Meta(ge=0, le=0xFFFF)]
Byte = Annotated[int, msgspec.Meta(ge=0, le=255)]
Protocol = Literal["arp", "icmp", "udp", "tcp", "dhcp"]

_IP = frozenset({"icmp", "udp", "tcp"})
_PORTS = frozenset({"udp", "tcp"})
#: The protocols that an argument goes with.
_GOES_WITH: dict[str, frozenset[str]] = {
    "source": _IP | {"arp"},
    "destination": _IP | {"arp"},
    "ttl": _IP,
    "dscp": _IP,
    "icmp_type": frozenset({"icmp"}),
    "icmp_code": frozenset({"icmp"}),
    "source_port": _PORTS,
    "destination_port": _PORTS,
    "tcp_flags": frozenset({"tcp"}),
    "arp_operation": frozenset({"arp"}),
    "payload": _IP,
}


class VlanTag(base.Request, frozen=True, kw_only=True):
    """A tag of IEEE 802.1Q; ``id`` 0 carries a priority only."""

    id: Annotated[int, msgspec.Meta(ge=0, le=4094)]
    priority: Annotated[int, msgspec.Meta(ge=0, le=7)] = 0


class Frame(base.Request, frozen=True, kw_only=True):
    """An Ethernet frame by its parts.

    Either a ``protocol`` or an ``ethertype``, of which ``payload`` is all
    that follows. With two ``vlans`` the first is the outer one, of IEEE
    802.1ad. What is left out, the agent fills in: the addresses of its
    interface, and where the frame has to go.
    """

    protocol: Protocol | None = None
    ethertype: Annotated[int, msgspec.Meta(ge=0x0600, le=0xFFFF)] | None = None
    source_mac: Mac | None = None
    destination_mac: Mac | None = None
    vlans: Annotated[tuple[VlanTag, ...], msgspec.Meta(max_length=2)] = ()
    source: base.IpAddress | None = None
    destination: base.IpAddress | None = None
    ttl: Annotated[int, msgspec.Meta(ge=1, le=255)] | None = None
    dscp: Annotated[int, msgspec.Meta(ge=0, le=63)] | None = None
    icmp_type: Byte | None = None
    icmp_code: Byte | None = None
    source_port: Port | None = None
    destination_port: Port | None = None
    tcp_flags: (
        Annotated[str, msgspec.Meta(pattern=r"^[FSRPAUEC]{0,8}$")] | None
    ) = None
    arp_operation: Literal["request", "reply"] | None = None
    payload: Annotated[bytes, msgspec.Meta(max_length=MAX_PAYLOAD)] | None = (
        None
    )

    def __post_init__(self) -> None:
        if self.ethertype is not None:
            self._check_ethertype()
            return
        if self.protocol is None:
            raise ValueError(
                "protocol: there is nothing to send without it, an ethertype "
                "or a file"
            )
        for name, protocols in _GOES_WITH.items():
            if (
                getattr(self, name) is not None
                and self.protocol not in protocols
            ):
                raise ValueError(
                    f"{name}: does not go with protocol {self.protocol}, "
                    f"only with {', '.join(sorted(protocols))}"
                )
        self._check_addresses(self.protocol)
        if self.protocol in _PORTS and self.destination_port is None:
            raise ValueError(
                f"destination_port: protocol {self.protocol} needs it"
            )

    def _check_ethertype(self) -> None:
        for name in ("protocol", *_GOES_WITH):
            if name != "payload" and getattr(self, name) is not None:
                raise ValueError(
                    f"{name}: does not go with ethertype, whose content is "
                    f"the payload alone"
                )

    def _check_addresses(self, protocol: str) -> None:
        versions = {
            name: base.ip_address(name, text).version
            for name in ("source", "destination")
            if (text := getattr(self, name)) is not None
        }
        if protocol == "dhcp":
            return
        if "destination" not in versions:
            raise ValueError(f"destination: protocol {protocol} needs it")
        if len(set(versions.values())) > 1:
            raise ValueError(
                f"source: {self.source} is not of the same IP version as "
                f"destination {self.destination}"
            )
        if protocol == "arp" and 6 in versions.values():
            raise ValueError(
                "destination: protocol arp has IPv4 addresses only"
            )


class PacketSend(base.Request, frozen=True, kw_only=True):
    """Send one frame, or the frames of a file, ``count`` times.

    ``file`` is the content of a pcap or pcapng file, whose frames leave as
    they are. ``interval`` is the time between two frames in seconds; the
    agent lengthens it where its own pace would be exceeded. With
    ``dry_run`` nothing is sent, not even to find out where the frame has to
    go; the reply tells what would be.
    """

    interface: base.DeviceName
    netns: base.NamespaceName | None = None
    frame: Frame | None = None
    file: Annotated[bytes, msgspec.Meta(max_length=MAX_PACKET_FILE)] | None = (
        None
    )
    count: Annotated[int, msgspec.Meta(ge=1, le=MAX_SENT_PACKETS)] = 1
    interval: Annotated[float, msgspec.Meta(ge=0.0, le=10.0)] = 0.2
    dry_run: bool = False

    @property
    def summary(self) -> str:
        """How often what is sent, and where."""
        what = "a frame" if self.file is None else "a file of frames"
        where = f"{self.interface}@{self.netns}"
        if self.netns is None:
            where = self.interface
        return f"{what}, {self.count} times on {where}"

    def __post_init__(self) -> None:
        if (self.frame is None) == (self.file is None):
            raise ValueError(
                "file: either a file or the parts of a frame are sent"
            )
