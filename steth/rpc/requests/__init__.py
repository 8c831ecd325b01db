# SPDX-License-Identifier: Apache-2.0
"""The arguments of every operation, with their types and bounds.

A request is checked twice by the same code: where it is made, so that a
mistake costs no round trip, and at the agent's door, because the caller may
be anybody. Bounds that span several arguments are in ``__post_init__``: what
it raises as ``ValueError`` reaches the caller as a ``bad-argument`` error.
"""

from steth.rpc.requests.base import DeviceName
from steth.rpc.requests.base import NamespaceName
from steth.rpc.requests.base import Request
from steth.rpc.requests.capture import MAX_CAPTURE_BYTES
from steth.rpc.requests.capture import MAX_CAPTURE_SECONDS
from steth.rpc.requests.capture import MAX_CAPTURED_PACKETS
from steth.rpc.requests.capture import MAX_PIECE_BYTES
from steth.rpc.requests.capture import MAX_POINTS
from steth.rpc.requests.capture import MAX_SNAPLEN
from steth.rpc.requests.capture import CaptureEnd
from steth.rpc.requests.capture import CapturePoint
from steth.rpc.requests.capture import CaptureRead
from steth.rpc.requests.capture import CaptureStart
from steth.rpc.requests.dhcp import MAX_DISCOVERS
from steth.rpc.requests.dhcp import DhcpPlace
from steth.rpc.requests.dhcp import ProbeDhcp
from steth.rpc.requests.icmp import MAX_BYTES
from steth.rpc.requests.icmp import MAX_PACKETS
from steth.rpc.requests.icmp import MAX_SECONDS
from steth.rpc.requests.icmp import MAX_TARGETS
from steth.rpc.requests.icmp import IcmpTarget
from steth.rpc.requests.icmp import ProbeIcmp
from steth.rpc.requests.inspect import MAX_NAMES
from steth.rpc.requests.inspect import InspectAgent
from steth.rpc.requests.inspect import InspectBridges
from steth.rpc.requests.inspect import InspectHost
from steth.rpc.requests.inspect import InspectInterface
from steth.rpc.requests.inspect import InspectLldp
from steth.rpc.requests.inspect import InspectNode
from steth.rpc.requests.multicast import MAX_MULTICAST_HOSTS
from steth.rpc.requests.multicast import MulticastPlace
from steth.rpc.requests.multicast import ProbeMulticast
from steth.rpc.requests.neighbours import MAX_NEIGHBOURS
from steth.rpc.requests.neighbours import Neighbour
from steth.rpc.requests.neighbours import ProbeNeighbours
from steth.rpc.requests.packet import MAX_PACKET_FILE
from steth.rpc.requests.packet import MAX_PAYLOAD
from steth.rpc.requests.packet import MAX_SENDING_SECONDS
from steth.rpc.requests.packet import MAX_SENT_BYTES
from steth.rpc.requests.packet import MAX_SENT_PACKETS
from steth.rpc.requests.packet import Frame
from steth.rpc.requests.packet import PacketSend
from steth.rpc.requests.packet import VlanTag
from steth.rpc.requests.task import MAX_LEASE
from steth.rpc.requests.task import Hold
from steth.rpc.requests.task import TaskList
from steth.rpc.requests.task import TaskRenew
from steth.rpc.requests.task import TaskStop
from steth.rpc.requests.throughput import MAX_RATE
from steth.rpc.requests.throughput import MAX_STREAMS
from steth.rpc.requests.throughput import MAX_TEST_SECONDS
from steth.rpc.requests.throughput import ProbeThroughput
from steth.rpc.requests.throughput import ThroughputServer
from steth.rpc.requests.vlan import MAX_VLAN_SECONDS
from steth.rpc.requests.vlan import VlanHeard
from steth.rpc.requests.vlan import VlanListen
from steth.rpc.requests.vlan import VlanSend
from steth.rpc.requests.vlan_interface import MAX_LIFETIME
from steth.rpc.requests.vlan_interface import VlanInterface
from steth.rpc.requests.vlan_interface import VlanInterfaceRemove

__all__ = [
    "MAX_BYTES",
    "MAX_CAPTURED_PACKETS",
    "MAX_CAPTURE_BYTES",
    "MAX_CAPTURE_SECONDS",
    "MAX_DISCOVERS",
    "MAX_LEASE",
    "MAX_LIFETIME",
    "MAX_MULTICAST_HOSTS",
    "MAX_NAMES",
    "MAX_NEIGHBOURS",
    "MAX_PACKETS",
    "MAX_PACKET_FILE",
    "MAX_PAYLOAD",
    "MAX_PIECE_BYTES",
    "MAX_POINTS",
    "MAX_RATE",
    "MAX_SECONDS",
    "MAX_SENDING_SECONDS",
    "MAX_SENT_BYTES",
    "MAX_SENT_PACKETS",
    "MAX_SNAPLEN",
    "MAX_STREAMS",
    "MAX_TARGETS",
    "MAX_TEST_SECONDS",
    "MAX_VLAN_SECONDS",
    "CaptureEnd",
    "CapturePoint",
    "CaptureRead",
    "CaptureStart",
    "DeviceName",
    "DhcpPlace",
    "Frame",
    "Hold",
    "IcmpTarget",
    "InspectAgent",
    "InspectBridges",
    "InspectHost",
    "InspectInterface",
    "InspectLldp",
    "InspectNode",
    "MulticastPlace",
    "NamespaceName",
    "Neighbour",
    "PacketSend",
    "ProbeDhcp",
    "ProbeIcmp",
    "ProbeMulticast",
    "ProbeNeighbours",
    "ProbeThroughput",
    "Request",
    "TaskList",
    "TaskRenew",
    "TaskStop",
    "ThroughputServer",
    "VlanHeard",
    "VlanInterface",
    "VlanInterfaceRemove",
    "VlanListen",
    "VlanSend",
    "VlanTag",
]
