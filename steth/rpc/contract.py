# SPDX-License-Identifier: Apache-2.0
"""The operations that agent and controller agree on.

Version history of the contract:

* 1.0: ``inspect.agent``, ``inspect.bridges``, ``inspect.host``,
  ``inspect.lldp``, ``inspect.node``, ``probe.icmp``, ``probe.packet_send``,
  ``probe.vlan_listen``, ``probe.vlan_send``, ``probe.vlan_heard``,
  ``probe.vlan_interface``, ``probe.vlan_interface_remove``,
  ``probe.throughput``, ``probe.throughput_server``, ``probe.dhcp``,
  ``capture.start``, ``capture.read``, ``capture.end``, ``task.list``,
  ``task.renew``, ``task.stop``, ``probe.neighbours``, ``probe.multicast``,
  ``inspect.interface``

A minor version adds operations or optional arguments; a major one breaks.
An agent serves every minor version up to its own.

Beside the arguments, a call may carry a :class:`steth.rpc.requests.Hold`: as
``hold`` in the context on the bus, in the ``params`` of JSON-RPC.
"""

from typing import Any

import msgspec

from steth.model import agent
from steth.model import bridge
from steth.model import capture
from steth.model import dhcp
from steth.model import host
from steth.model import interface
from steth.model import lldp
from steth.model import multicast
from steth.model import neighbours
from steth.model import node
from steth.model import packet
from steth.model import probe
from steth.model import task
from steth.model import throughput
from steth.model import vlan
from steth.model import vlan_interface
from steth.rpc import errors
from steth.rpc import requests

TOPIC = "steth-agent"
EXCHANGE = "steth"
DIRECT_PORT = 9698
VERSION = "1.0"

#: Discovery is a fanout cast ``announce(topic=…)`` to all agents in this
#: namespace; each casts ``announced(agent=…)``, an ``AgentInfo``, to the
#: topic named, which is the caller's own.
DISCOVERY_NAMESPACE = "discovery"
CONTROLLER_TOPIC_PREFIX = "steth-controller-"


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One operation of the agent.

    ``since`` is the contract's version that brought it. ``repeatable`` says
    that doing it twice does no harm, so that it may be asked again over
    another transport after a time-out. ``holdable`` says that it may take
    long, and ends early when the task by which its caller holds it does.
    ``together`` says that all agents that are asked have to be at work at the
    same time, for each is there for the others.
    """

    namespace: str
    method: str
    request: type[requests.Request]
    reply: Any
    since: str = "1.0"
    repeatable: bool = True
    holdable: bool = False
    together: bool = False

    @property
    def name(self) -> str:
        """The full name, e.g. ``probe.icmp``."""
        return f"{self.namespace}.{self.method}"


INSPECT_AGENT = Operation(
    namespace="inspect",
    method="agent",
    request=requests.InspectAgent,
    reply=agent.AgentInfo,
)
INSPECT_BRIDGES = Operation(
    namespace="inspect",
    method="bridges",
    request=requests.InspectBridges,
    reply=bridge.BridgeSnapshot,
)
INSPECT_HOST = Operation(
    namespace="inspect",
    method="host",
    request=requests.InspectHost,
    reply=host.HostSnapshot,
)
INSPECT_INTERFACE = Operation(
    namespace="inspect",
    method="interface",
    request=requests.InspectInterface,
    reply=interface.Interface,
)
INSPECT_LLDP = Operation(
    namespace="inspect",
    method="lldp",
    request=requests.InspectLldp,
    reply=lldp.LldpReport,
)
INSPECT_NODE = Operation(
    namespace="inspect",
    method="node",
    request=requests.InspectNode,
    reply=node.Node,
)
PROBE_DHCP = Operation(
    namespace="probe",
    method="dhcp",
    request=requests.ProbeDhcp,
    reply=dhcp.DhcpReport,
    holdable=True,
)
PROBE_ICMP = Operation(
    namespace="probe",
    method="icmp",
    request=requests.ProbeIcmp,
    reply=probe.IcmpReport,
    holdable=True,
    together=True,
)
PROBE_PACKET_SEND = Operation(
    namespace="probe",
    method="packet_send",
    request=requests.PacketSend,
    reply=packet.PacketsSent,
    # Asked again, it would send twice.
    repeatable=False,
    holdable=True,
)
PROBE_MULTICAST = Operation(
    namespace="probe",
    method="multicast",
    request=requests.ProbeMulticast,
    reply=multicast.MulticastReport,
    holdable=True,
    together=True,
)
PROBE_NEIGHBOURS = Operation(
    namespace="probe",
    method="neighbours",
    request=requests.ProbeNeighbours,
    reply=neighbours.NeighbourReport,
    holdable=True,
)
PROBE_VLAN_LISTEN = Operation(
    namespace="probe",
    method="vlan_listen",
    request=requests.VlanListen,
    reply=vlan.VlanListening,
)
PROBE_VLAN_SEND = Operation(
    namespace="probe",
    method="vlan_send",
    request=requests.VlanSend,
    reply=vlan.VlanSent,
    holdable=True,
    together=True,
)
PROBE_VLAN_HEARD = Operation(
    namespace="probe",
    method="vlan_heard",
    request=requests.VlanHeard,
    reply=vlan.VlanReport,
)

PROBE_THROUGHPUT = Operation(
    namespace="probe",
    method="throughput",
    request=requests.ProbeThroughput,
    reply=throughput.ThroughputReport,
    # Asked again, it would put its load on the network twice.
    repeatable=False,
    holdable=True,
    together=True,
)
PROBE_THROUGHPUT_SERVER = Operation(
    namespace="probe",
    method="throughput_server",
    request=requests.ThroughputServer,
    reply=throughput.ThroughputServer,
)
CAPTURE_START = Operation(
    namespace="capture",
    method="start",
    request=requests.CaptureStart,
    reply=capture.CaptureStarted,
    # Asked again, it would capture twice.
    repeatable=False,
)
CAPTURE_READ = Operation(
    namespace="capture",
    method="read",
    request=requests.CaptureRead,
    reply=capture.CaptureData,
)
CAPTURE_END = Operation(
    namespace="capture",
    method="end",
    request=requests.CaptureEnd,
    reply=task.TaskInfo,
)
PROBE_VLAN_INTERFACE = Operation(
    namespace="probe",
    method="vlan_interface",
    request=requests.VlanInterface,
    reply=vlan_interface.VlanInterface,
    # Asked again, it would find its own interface in its way.
    repeatable=False,
)
PROBE_VLAN_INTERFACE_REMOVE = Operation(
    namespace="probe",
    method="vlan_interface_remove",
    request=requests.VlanInterfaceRemove,
    reply=task.TaskInfo,
    # Asked again, it would find it gone.
    repeatable=False,
)
TASK_LIST = Operation(
    namespace="task",
    method="list",
    request=requests.TaskList,
    reply=task.TaskList,
)
TASK_RENEW = Operation(
    namespace="task",
    method="renew",
    request=requests.TaskRenew,
    reply=task.TaskInfo,
)
TASK_STOP = Operation(
    namespace="task",
    method="stop",
    request=requests.TaskStop,
    reply=task.TaskInfo,
)

OPERATIONS: dict[str, Operation] = {
    one.name: one
    for one in (
        INSPECT_AGENT,
        INSPECT_BRIDGES,
        INSPECT_HOST,
        INSPECT_INTERFACE,
        INSPECT_LLDP,
        INSPECT_NODE,
        PROBE_DHCP,
        PROBE_ICMP,
        PROBE_PACKET_SEND,
        PROBE_MULTICAST,
        PROBE_NEIGHBOURS,
        PROBE_THROUGHPUT,
        PROBE_THROUGHPUT_SERVER,
        PROBE_VLAN_LISTEN,
        PROBE_VLAN_SEND,
        PROBE_VLAN_HEARD,
        PROBE_VLAN_INTERFACE,
        PROBE_VLAN_INTERFACE_REMOVE,
        CAPTURE_START,
        CAPTURE_READ,
        CAPTURE_END,
        TASK_LIST,
        TASK_RENEW,
        TASK_STOP,
    )
}


def _prepare() -> None:
    """Let msgspec look at all types here while there is one thread.

    It does so when a type is first used, and crashes the process where two
    threads are the first at the same time: replies come in together.
    """
    for one in OPERATIONS.values():
        msgspec.json.Decoder(one.request)
        msgspec.json.Decoder(one.reply)
    msgspec.json.Decoder(errors.ErrorReply)
    msgspec.json.Decoder(requests.Hold)


_prepare()


def decode_request(operation: Operation, arguments: Any) -> requests.Request:
    """Check arguments that came from outside against the contract.

    :param arguments: the JSON object of arguments, by name
    :raises errors.OperationError: ``bad-argument``, naming the argument
    """
    try:
        return msgspec.convert(arguments, operation.request)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at ")
        argument = path.strip("`").removeprefix("$").removeprefix(".")
        said = f"{argument}: {message}" if argument else message
        if not argument:
            # A bound over several arguments begins with the one to change.
            first = message.partition(":")[0]
            if first in operation.request.__struct_fields__:
                argument = first
        raise errors.OperationError(
            errors.ErrorCode.BAD_ARGUMENT,
            f"{operation.name}: {said}",
            argument or None,
        ) from None


def decode_hold(operation: Operation, hold: Any) -> requests.Hold | None:
    """Check what came beside the arguments of a call.

    :param hold: a ``Hold`` as plain data, or None
    :returns: None where it is not held, or needs no holding
    :raises errors.OperationError: ``bad-argument``
    """
    if hold is None or not operation.holdable:
        return None
    try:
        return msgspec.convert(hold, requests.Hold)
    except msgspec.ValidationError as error:
        raise errors.OperationError(
            errors.ErrorCode.BAD_ARGUMENT, f"{operation.name}: hold: {error}"
        ) from None


def encode_data(data: msgspec.Struct) -> dict[str, Any]:
    """Return the reply that carries data, as plain JSON types."""
    return {"data": msgspec.to_builtins(data)}


def encode_error(error: errors.OperationError) -> dict[str, Any]:
    """Return the reply that carries a named error."""
    return {"error": msgspec.to_builtins(errors.ErrorReply.of(error))}


def decode_reply(operation: Operation, reply: Any) -> Any:
    """Return the data that a reply carries, as ``operation.reply``.

    Fields that this version does not know are passed over, so that a newer
    agent can be read.

    :raises errors.OperationError: the one that the reply carries, or
        ``internal`` when the reply is not of the contract
    """
    if isinstance(reply, dict) and "error" in reply:
        try:
            said = msgspec.convert(reply["error"], errors.ErrorReply)
        except msgspec.ValidationError as error:
            raise _unreadable(operation, error) from None
        raise errors.OperationError(said.code, said.message, said.argument)
    if not isinstance(reply, dict) or "data" not in reply:
        raise _unreadable(operation, "neither data nor an error")
    try:
        return msgspec.convert(reply["data"], operation.reply)
    except msgspec.ValidationError as error:
        raise _unreadable(operation, error) from None


def _unreadable(operation: Operation, why: object) -> errors.OperationError:
    return errors.OperationError(
        errors.ErrorCode.INTERNAL,
        f"the reply to {operation.name} is not of the contract: {why}",
    )
