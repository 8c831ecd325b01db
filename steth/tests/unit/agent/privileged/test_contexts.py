# SPDX-License-Identifier: Apache-2.0
"""Tests of what a context does before it starts its process."""

import unittest
from unittest import mock

from oslo_privsep import priv_context

from steth.agent.privileged import contexts

_EVERY = (1 << 41) - 1
_NET_ADMIN = 1 << 12


class StartTestCase(unittest.TestCase):
    def setUp(self) -> None:
        patched = mock.patch.object(
            priv_context.PrivContext, "start", autospec=True
        )
        self.start = patched.start()
        self.addCleanup(patched.stop)

    def bound(self, bounding: int) -> None:
        patched = mock.patch.object(
            contexts, "_bounding_set", return_value=bounding
        )
        patched.start()
        self.addCleanup(patched.stop)

    def test_within_bounds(self) -> None:
        for bounding in (_EVERY, _NET_ADMIN):
            self.bound(bounding)
            contexts.interface.start()
        self.assertEqual(2, self.start.call_count)

    def test_out_of_bounds(self) -> None:
        self.bound(_EVERY & ~_NET_ADMIN)
        contexts.probe.start()
        with self.assertRaisesRegex(
            PermissionError, "CAP_NET_ADMIN not in the agent's bounding set"
        ):
            contexts.interface.start()
        self.start.assert_called_once()

    def test_what_the_kernel_says(self) -> None:
        self.assertGreaterEqual(contexts._bounding_set(), 0)
