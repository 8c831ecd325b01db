# SPDX-License-Identifier: Apache-2.0
"""``probe.packet_send``: frames that a user made up."""

from typing import Any

from steth.agent.inspect import named
from steth.agent.inspect import namespace
from steth.agent.privileged import packets as privileged_packets
from steth.agent.probe import icmp
from steth.agent.probe import packet_defaults
from steth.agent.probe import privilege
from steth.agent.probe import sending
from steth.model import host as host_model
from steth.model import packet as packet_model
from steth.rpc import errors
from steth.rpc import requests

#: Seconds that a neighbour has to say its hardware address.
_RESOLVING = 0.5
_TOLD = 10
#: What is told when the agent filled it in.
_FILLED = ("source_mac", "destination_mac", "source")
#: Stands for the hardware address that is not known.
_UNKNOWN_MAC = "00:00:00:00:00:00"


def send(
    request: requests.PacketSend,
    max_packet_rate: int,
    cancelled: privilege.Signal,
) -> packet_model.PacketsSent:
    """Send the frames of a request, or say what would be sent.

    In a dry run nothing at all is sent, so that a neighbour's hardware
    address can stay unknown.

    :param max_packet_rate: frames per second that this agent sends at most
    :param cancelled: once it is set, the sending ends within half a second
    :raises errors.OperationError: ``bad-argument`` when something is not
        there, cannot be filled in, or goes beyond a ceiling; ``failed`` when
        it may not be sent, or the agent was told to end
    """
    # Only now: it imports scapy.
    from steth.agent.probe import packet_frames  # noqa: PLC0415

    space = _space(request.netns)
    link = space.link(request.interface)
    if link is None:
        raise _bad(
            "interface",
            f"there is no interface {request.interface!r}"
            + errors.instead_of(
                request.interface, (one.name for one in space.links)
            ),
        )
    filled = {}
    resolver = _Resolver(request, space)
    if request.file is not None:
        frames = packet_frames.read(request.file)
    elif request.frame is not None:
        whole = packet_defaults.fill(request.frame, link, space, resolver)
        frames = [packet_frames.build(whole)]
        filled = {
            name: getattr(whole, name)
            for name in _FILLED
            if getattr(whole, name) != getattr(request.frame, name)
        }
        if resolver.sought is not None:
            del filled["destination_mac"]
    interval = max(request.interval, 1 / max_packet_rate)
    _check(request, frames, interval)
    sent = sending.Sent(0, 0, None, 0.0)
    if not request.dry_run:
        total = request.count * len(frames)
        most = max(1, int(sending.PART / interval))
        sent = sending.send(
            "probe.packet_send",
            total,
            interval,
            lambda first: _send(
                request,
                _part(frames, first, min(most, total - first)),
                interval,
            ),
            cancelled,
        )
    return packet_model.PacketsSent(
        frames=tuple(
            packet_frames.describe(
                one, resolver.sought and f"MAC of {resolver.sought}"
            )
            for one in frames[:_TOLD]
        ),
        packets=len(frames),
        length=sum(map(len, frames)),
        interval=interval,
        filled=filled,
        sought=resolver.sought,
        sent=sent.sent,
        refused=sent.refused,
        reason=sent.reason,
        duration=sent.duration,
    )


class _Resolver:
    """Finds hardware addresses as the kernel of this host does.

    ``sought`` is of the neighbour that a dry run would have to ask.
    """

    def __init__(
        self, request: requests.PacketSend, space: host_model.Namespace
    ) -> None:
        self._request = request
        self._space = space
        self.sought: str | None = None

    def __call__(self, address: str) -> str | None:
        known = self._known(address)
        if known is not None:
            return known
        if self._request.dry_run:
            self.sought = address
            return _UNKNOWN_MAC
        return self._asked(address)

    def _known(self, address: str) -> str | None:
        for one in self._space.neighbours:
            if (one.device, one.address) == (self._request.interface, address):
                return one.mac
        return None

    def _asked(self, address: str) -> str | None:
        """Have the kernel ask, by a ping that may stay without an answer."""
        icmp.probe(
            requests.ProbeIcmp(
                targets=(
                    requests.IcmpTarget(
                        address=address, device=self._request.interface
                    ),
                ),
                count=1,
                timeout=_RESOLVING,
                netns=self._request.netns,
            ),
            10,
        )
        self._space = _space(self._request.netns)
        return self._known(address)


def _space(netns: str | None) -> host_model.Namespace:
    """Read a namespace.

    :raises errors.OperationError: there is none, or it can't be read
    """
    if netns is not None:
        return named.read(netns)
    try:
        return namespace.read("")
    except OSError as error:
        raise errors.OperationError(
            errors.ErrorCode.FAILED,
            f"cannot read the host's network state: {error}",
        ) from error


def _check(
    request: requests.PacketSend, frames: list[bytes], interval: float
) -> None:
    """Hold it against the ceilings.

    :raises errors.OperationError: naming the argument to change
    """
    packets = len(frames) * request.count
    for argument, unit, found, most in (
        ("count", "packets", packets, requests.MAX_SENT_PACKETS),
        (
            *("count", "bytes", sum(map(len, frames)) * request.count),
            requests.MAX_SENT_BYTES,
        ),
        (
            *("interval", "seconds", packets * interval),
            requests.MAX_SENDING_SECONDS,
        ),
    ):
        if found > most:
            raise _bad(
                argument,
                f"{found:.0f} {unit} in all, at most {most:.0f} are allowed",
            )


def _part(frames: list[bytes], first: int, most: int) -> list[bytes]:
    """Return what one call sends, in order.

    At least one frame: none is longer than what a call takes.

    :param frames: of one round
    :param first: the number of the first frame, over all rounds
    :param most: how many there may be
    """
    part: list[bytes] = []
    size = 0
    for number in range(first, first + most):
        frame = frames[number % len(frames)]
        size += len(frame)
        if size > privileged_packets.MAX_BYTES:
            break
        part.append(frame)
    return part


def _send(
    request: requests.PacketSend, part: list[bytes], interval: float
) -> tuple[int, int, str | None]:
    def call() -> Any:
        spacing = interval if len(part) > 1 else 0.0
        if request.netns is None:
            return privileged_packets.send(request.interface, part, spacing)
        return privileged_packets.send_inside(
            request.netns, request.interface, part, spacing
        )

    inside = request.netns is not None
    done, refused, reason = privilege.call(
        "probe.packet_send",
        request.interface,
        "packet",
        call,
        privilege.NAMESPACE_PROBE if inside else privilege.PROBE,
    )
    return done, refused, reason


def _bad(argument: str, why: str) -> errors.OperationError:
    return errors.OperationError(
        errors.ErrorCode.BAD_ARGUMENT, f"{argument}: {why}", argument
    )
