# SPDX-License-Identifier: Apache-2.0
"""What a host has heard, in short."""

import unittest

from steth.agent.probe import vlan_frame
from steth.agent.probe import vlan_tally
from steth.model import vlan


class VlanTallyTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.tally = vlan_tally.VlanTally(0, 3)

    def see(self, sender: int, sent_on: int, arrived_on: int) -> None:
        self.tally.see(vlan_frame.Mark(sender, sent_on), arrived_on)

    def test_nothing(self) -> None:
        self.assertEqual(vlan.VlanReport(), self.tally.report(0))

    def test_ranges_by_sender(self) -> None:
        for number in (0, 4094, 1, 2, 2):
            self.see(1, number, number)
        self.see(2, 7, 7)
        told = self.tally.report(3)
        self.assertEqual(
            (
                vlan.HeardFrom(sender=1, vlans="1-2,4094", untagged=True),
                vlan.HeardFrom(sender=2, vlans="7"),
            ),
            told.heard,
        )
        self.assertEqual((6, 3), (told.frames, told.lost))

    def test_astray(self) -> None:
        self.see(1, 100, 0)
        self.see(1, 101, 0)
        self.see(1, 0, 100)
        self.assertEqual(
            (
                vlan.Astray(sender=1, sent_on="100-101", arrived_on=0),
                vlan.Astray(sender=1, sent_untagged=True, arrived_on=100),
            ),
            self.tally.report(0).astray,
        )

    def test_own(self) -> None:
        self.see(0, 100, 100)
        self.see(0, 0, 5)
        told = self.tally.report(0)
        self.assertEqual(("100", True), (told.own, told.own_untagged))
        self.assertEqual(((), ()), (told.heard, told.astray))

    def test_what_no_host_of_the_run_sends(self) -> None:
        self.see(3, 1, 1)
        self.see(1, 5000, 1)
        self.assertEqual(0, self.tally.report(0).frames)

    def test_a_bound_on_confusion(self) -> None:
        for number in range(1, 2000):
            self.see(1, number, number + 1)
        self.assertEqual(512, len(self.tally.report(0).astray))
