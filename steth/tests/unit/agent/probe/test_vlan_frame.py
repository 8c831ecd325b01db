# SPDX-License-Identifier: Apache-2.0
"""Marked frames, and the filter that lets those of a run pass."""

import unittest

from steth.agent.probe import filters
from steth.agent.probe import vlan_frame
from steth.tests.unit.agent.probe import bpf

MAC = bytes.fromhex("02004c4f4f50")
RUN = 0xCAFE1234
_OUTGOING = 4


def without_tag(frame: bytes) -> bytes:
    """Return a frame as the kernel gives it, without its outer tag."""
    return frame[:12] + frame[16:] if frame[12:14] == b"\x81\0" else frame


class VlanFrameTestCase(unittest.TestCase):
    def test_there_and_back(self) -> None:
        for vlan in (0, 1, 4094):
            frame = vlan_frame.build(MAC, RUN, 7, vlan)
            self.assertEqual(b"\xff" * 6 + MAC, frame[:12])
            self.assertEqual(60 + 4 * bool(vlan), len(frame))
            self.assertEqual(
                (7, vlan), vlan_frame.read(without_tag(frame), RUN)
            )

    def test_the_tag(self) -> None:
        frame = vlan_frame.build(MAC, RUN, 7, 258)
        self.assertEqual(b"\x81\x00\x01\x02\x88\xb5", frame[12:18])

    def test_others(self) -> None:
        frame = vlan_frame.build(MAC, RUN, 7, 0)
        self.assertIsNone(vlan_frame.read(frame, RUN + 1))
        self.assertIsNone(vlan_frame.read(frame[:20], RUN))
        self.assertIsNone(vlan_frame.read(bytes(60), RUN))


class FilterTestCase(unittest.TestCase):
    program = filters.marked_frames(RUN)

    def passes(self, frame: bytes, kind: int = 0) -> bool:
        return bpf.run(self.program, frame, packet_type=kind) > 0

    def test_those_of_the_run(self) -> None:
        for vlan in (0, 100):
            frame = without_tag(vlan_frame.build(MAC, RUN, 7, vlan))
            self.assertTrue(self.passes(frame))
            self.assertFalse(self.passes(frame, _OUTGOING))

    def test_others(self) -> None:
        frame = vlan_frame.build(MAC, RUN, 7, 0)
        self.assertFalse(self.passes(vlan_frame.build(MAC, RUN + 1, 7, 0)))
        self.assertFalse(self.passes(frame[:12] + b"\x08\0" + frame[14:]))
        self.assertFalse(self.passes(frame[:14] + bytes(46)))
        self.assertFalse(self.passes(frame[:20]))
