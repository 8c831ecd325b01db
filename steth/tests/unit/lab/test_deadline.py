# SPDX-License-Identifier: Apache-2.0
"""Waiting for a condition."""

import unittest

from steth.lab import deadline


class DeadlineTestCase(unittest.TestCase):
    """It ends with the condition or with the time."""

    def test_a_condition_that_becomes_true(self) -> None:
        answers = iter([False, False, True])
        self.assertTrue(deadline.until(lambda: next(answers), 10.0))
        self.assertEqual([], list(answers))

    def test_one_that_does_not(self) -> None:
        self.assertFalse(deadline.until(lambda: False, 0.0))
