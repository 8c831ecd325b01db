# SPDX-License-Identifier: Apache-2.0
"""Clocks: off only where it is certain, and then on the right host."""

import unittest

from steth.checks.host import clocks
from steth.controller import clock


def _measured(
    error: float = 0.01, **offsets: float
) -> dict[str, clock.Reading]:
    return {
        host: clock.Reading(offset=1e9 + offset, error=error)
        for host, offset in offsets.items()
    }


class ClocksTestCase(unittest.TestCase):
    def assert_off(
        self, measured: dict[str, clock.Reading], *hosts: str | None
    ) -> None:
        self.assertEqual(
            list(hosts), [one.host for one in clocks.causes(measured)]
        )

    def test_the_one_that_is_off(self) -> None:
        self.assert_off(_measured(a=0.0, b=0.2, c=5.0), "c")
        self.assert_off(_measured(a=0.0, b=-7.0, c=0.1, d=9.0), None)
        self.assert_off(
            _measured(a=0.0, b=-7.0, c=0.1, d=9.0, e=0.0), "b", "d"
        )

    def test_two_hosts_do_not_tell_who_is_right(self) -> None:
        (found,) = clocks.causes(_measured(a=0.0, b=5.0))
        self.assertIsNone(found.host)
        self.assertEqual({"a", "b"}, {one.host for one in found.evidence})

    def test_within_the_bound(self) -> None:
        self.assert_off(_measured(a=0.0, b=0.9, c=0.4))
        self.assert_off({})
        self.assert_off(_measured(a=3600.0))

    def test_never_by_what_may_be_the_measurement_s_error(self) -> None:
        slow = {"c": clock.Reading(offset=1e9 + 2.0, error=1.5)}
        measured = {**_measured(a=0.0, b=0.0), **slow}
        self.assert_off(measured)
        self.assertEqual(["c"], clocks.unclear(measured))

    def test_a_slow_answer_still_proves_a_large_offset(self) -> None:
        slow = {"c": clock.Reading(offset=1e9 + 20.0, error=1.5)}
        measured = {**_measured(a=0.0, b=0.0), **slow}
        self.assert_off(measured, "c")
        self.assertEqual([], clocks.unclear(measured))

    def test_slow_answers_do_not_spoil_the_others(self) -> None:
        slow = {name: clock.Reading(offset=1e9, error=1.5) for name in "def"}
        self.assert_off({**_measured(a=0.0, b=0.0, c=5.0), **slow}, "c")
