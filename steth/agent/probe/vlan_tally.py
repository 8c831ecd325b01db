# SPDX-License-Identifier: Apache-2.0
"""Counting what a host hears in a run over the VLANs of a trunk."""

from steth.agent.probe import vlan_frame
from steth.model import vlan
from steth.model import vlan_range

_IDS = vlan_range.HIGHEST + 2
#: Ways to go astray that are told apart; a switch that confuses more than
#: these is broken beyond counting.
_MOST_ASTRAY = 512


class VlanTally:
    """What one host heard.

    :param index: this host's own among those of the run
    :param hosts: how many hosts the run has
    """

    def __init__(self, index: int, hosts: int) -> None:
        self._index = index
        self._heard = [bytearray(_IDS) for _ in range(hosts)]
        self._astray: dict[tuple[int, int], set[int]] = {}
        self._own: set[int] = set()
        self.frames = 0

    def see(self, mark: vlan_frame.Mark, arrived_on: int) -> None:
        """Note a frame that came in.

        :param arrived_on: the VLAN of its tag, 0 without one
        """
        sender, sent_on = mark
        if sender >= len(self._heard) or sent_on >= _IDS:
            return
        self.frames += 1
        if sender == self._index:
            self._own.add(sent_on)
        elif sent_on == arrived_on:
            self._heard[sender][sent_on] = 1
        else:
            way = (sender, arrived_on)
            if way in self._astray or len(self._astray) < _MOST_ASTRAY:
                self._astray.setdefault(way, set()).add(sent_on)

    def report(self, lost: int) -> vlan.VlanReport:
        """Return what was heard.

        :param lost: frames that arrived and were not seen
        """
        return vlan.VlanReport(
            heard=tuple(
                vlan.HeardFrom(
                    sender=sender,
                    vlans=vlan_range.compact(
                        one for one in range(1, _IDS) if heard[one]
                    ),
                    untagged=bool(heard[0]),
                )
                for sender, heard in enumerate(self._heard)
                if any(heard)
            ),
            astray=tuple(
                vlan.Astray(
                    sender=sender,
                    sent_on=vlan_range.compact(sent_on - {0}),
                    sent_untagged=0 in sent_on,
                    arrived_on=arrived_on,
                )
                for (sender, arrived_on), sent_on in sorted(
                    self._astray.items()
                )
            ),
            own=vlan_range.compact(self._own - {0}),
            own_untagged=0 in self._own,
            frames=self.frames,
            lost=lost,
        )
