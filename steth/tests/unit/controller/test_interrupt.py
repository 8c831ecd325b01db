# SPDX-License-Identifier: Apache-2.0

import unittest

from steth.controller import interrupt
from steth.model import agent

BUS = agent.Transport.BUS


class InterruptTestCase(unittest.TestCase):
    """Who waits for a transport is told once that it is gone."""

    def test_first_reason_stands(self) -> None:
        one = interrupt.Interrupt()
        woken: list[bool] = []
        self.assertIsNone(one.reason(BUS))
        with one.waking(lambda: woken.append(True)):
            one.give_up(BUS, "closed")
            one.give_up(BUS, "something later")
        self.assertEqual("closed", one.reason(BUS))
        self.assertIsNone(one.reason(agent.Transport.DIRECT))
        self.assertEqual([True], woken)

    def test_nobody_waits_any_more(self) -> None:
        one = interrupt.Interrupt()
        woken: list[bool] = []
        with one.waking(lambda: woken.append(True)):
            pass
        one.give_up(BUS, "closed")
        self.assertEqual([], woken)
