# SPDX-License-Identifier: Apache-2.0
"""Who heard whom, on which VLAN: what the hosts of a trunk told."""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import NamedTuple
from typing import TypeVar

import msgspec

from steth.checks.mesh import attribution
from steth.model import vlan
from steth.model import vlan_range

_NONE: frozenset[int] = frozenset()
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Turn(NamedTuple):
    """How a frame changed its VLAN on its way; 0 stands for no tag."""

    sent_on: int
    arrived_on: int


class Hearing(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the frames of a trunk.

    ``senders`` sent all they should, ``receivers`` told what they heard and
    lost nothing of it; ``lost`` has the others, with how many frames.
    ``arrived`` are the VLANs on which frames arrived as they were sent;
    ``sent`` and ``frames`` count what each host sent and heard.
    """

    senders: frozenset[str]
    receivers: frozenset[str]
    arrived: dict[attribution.Way, frozenset[int]] = {}
    astray: dict[attribution.Way, frozenset[Turn]] = {}
    own: dict[str, frozenset[int]] = {}
    lost: dict[str, int] = {}
    sent: dict[str, int] = {}
    frames: dict[str, int] = {}

    def alive(self, number: int) -> frozenset[attribution.Way]:
        """Return the ways on which a VLAN's frames arrived."""
        return frozenset(
            way for way, vlans in self.arrived.items() if number in vlans
        )

    def missing(
        self, expected: frozenset[int]
    ) -> dict[int, frozenset[attribution.Way]]:
        """Return by VLAN the ways on which its frames did not arrive.

        Those that arrived on another VLAN did pass. VLANs that miss no way
        are left out.
        """
        found: dict[int, set[attribution.Way]] = {}
        for way in self.ways:
            turned = {turn.sent_on for turn in self.astray.get(way, ())}
            for number in expected - self.arrived.get(way, _NONE) - turned:
                found.setdefault(number, set()).add(way)
        return {number: frozenset(found[number]) for number in sorted(found)}

    def unheard_of(
        self, expected: frozenset[int]
    ) -> dict[str, frozenset[int]]:
        """Return by sender the VLANs that some receiver did not hear."""
        found: dict[str, set[int]] = {}
        for number, ways in self.missing(expected).items():
            for way in ways:
                found.setdefault(way.source, set()).add(number)
        return {host: frozenset(vlans) for host, vlans in found.items()}

    @property
    def ways(self) -> list[attribution.Way]:
        """Every way of which it is known whether frames pass."""
        return [
            attribution.Way(source, target)
            for source in sorted(self.senders)
            for target in sorted(self.receivers)
            if source != target
        ]

    def carried(self, host: str) -> frozenset[int]:
        """Return the VLANs on which a host heard or was heard."""
        return frozenset().union(
            *(vlans for way, vlans in self.arrived.items() if host in way)
        ) - {0}


def build(
    hosts: Sequence[str],
    sent: Mapping[str, vlan.VlanSent],
    reports: Mapping[str, vlan.VlanReport],
) -> Hearing:
    """Return what one pass over a trunk brought.

    :param hosts: by their index in the run
    """
    arrived: dict[attribution.Way, frozenset[int]] = {}
    astray: dict[attribution.Way, set[Turn]] = {}
    for target, report in reports.items():
        for one in report.heard:
            way = attribution.Way(hosts[one.sender], target)
            arrived[way] = _ids(one.vlans, one.untagged)
        for other in report.astray:
            way = attribution.Way(hosts[other.sender], target)
            astray.setdefault(way, set()).update(
                Turn(number, other.arrived_on)
                for number in _ids(other.sent_on, other.sent_untagged)
            )
    return Hearing(
        senders=frozenset(
            host for host, one in sent.items() if one.sent and not one.refused
        ),
        receivers=frozenset(
            host for host, one in reports.items() if not one.lost
        ),
        arrived=arrived,
        astray={way: frozenset(turns) for way, turns in astray.items()},
        own={
            host: _ids(one.own, one.own_untagged)
            for host, one in reports.items()
            if one.own or one.own_untagged
        },
        lost={host: one.lost for host, one in reports.items() if one.lost},
        sent={host: one.sent for host, one in sent.items()},
        frames={host: one.frames for host, one in reports.items()},
    )


def joined(first: Hearing, second: Hearing, asked: Collection[str]) -> Hearing:
    """Return what two parts of a pass tell, each of other VLANs.

    Who fails in the second has failed; who failed in the first is not in it.

    :param asked: who should have sent in the second
    """
    return Hearing(
        senders=first.senders.difference(asked) | second.senders,
        receivers=first.receivers & second.receivers,
        arrived=_united(first.arrived, second.arrived),
        astray=_united(first.astray, second.astray),
        own=_united(first.own, second.own),
        lost=_added(first.lost, second.lost),
        sent=_added(first.sent, second.sent),
        frames=_added(first.frames, second.frames),
    )


def updated(
    first: Hearing, second: Hearing, again: Collection[str]
) -> Hearing:
    """Return what two passes tell; who fails in the second has failed.

    What was lost in the first was asked for again.

    :param again: who should have sent in the second
    """
    return msgspec.structs.replace(
        joined(first, second, again),
        receivers=second.receivers,
        lost=second.lost,
    )


def _united(
    first: Mapping[_Key, frozenset[_Value]],
    second: Mapping[_Key, frozenset[_Value]],
) -> dict[_Key, frozenset[_Value]]:
    return {
        key: first.get(key, frozenset()) | second.get(key, frozenset())
        for key in (*first, *(one for one in second if one not in first))
    }


def _added(
    first: Mapping[str, int], second: Mapping[str, int]
) -> dict[str, int]:
    return {
        host: first.get(host, 0) + second.get(host, 0)
        for host in (*first, *(one for one in second if one not in first))
    }


def _ids(ranges: str, untagged: bool) -> frozenset[int]:
    found: Iterable[int] = vlan_range.parse(ranges) if ranges else ()
    return frozenset(found) | ({0} if untagged else frozenset())
