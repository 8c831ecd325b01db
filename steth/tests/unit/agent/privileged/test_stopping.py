# SPDX-License-Identifier: Apache-2.0
"""Tests of ending what runs with privileges."""

import contextlib
import os
import unittest
from unittest import mock

from steth.agent.privileged import contexts
from steth.agent.privileged import stopping


class CancelTestCase(unittest.TestCase):
    def setUp(self) -> None:
        for one in (contexts.probe, contexts.namespace_probe):
            one.set_client_mode(False)
            self.addCleanup(one.set_client_mode, True)

    def test_it_wakes_the_probe(self) -> None:
        waker = os.eventfd(0)
        self.addCleanup(os.close, waker)
        for cancel in (stopping.cancel, stopping.cancel_inside):
            with mock.patch.dict(stopping._wakers, {5: waker}):
                cancel(5)
            self.assertEqual(1, os.eventfd_read(waker))

    def test_one_that_is_over(self) -> None:
        stopping.cancel(5)

    def test_it_is_polled(self) -> None:
        with contextlib.ExitStack() as stack:
            stops = stopping.stops(5, os.getpid(), stack)
            self.assertEqual([], stops.poll(0))
            stopping.cancel(5)
            self.assertEqual(1, len(stops.poll(0)))
        self.assertEqual({}, stopping._wakers)

    def test_numbers_that_cannot_be(self) -> None:
        for token, agent in ((0, 5), (1 << 63, 5), (5, 0), (5, "1")):
            with (
                self.subTest(token=token, agent=agent),
                contextlib.ExitStack() as stack,
                self.assertRaises(ValueError),
            ):
                stopping.stops(token, agent, stack)  # type: ignore[arg-type]
