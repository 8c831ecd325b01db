# SPDX-License-Identifier: Apache-2.0
"""Tests of what a context does before it starts its process."""

import socket
import unittest
from unittest import mock

from oslo_privsep import comm
from oslo_privsep import priv_context

from steth.agent.privileged import contexts

_EVERY = (1 << 41) - 1
_NET_ADMIN = 1 << 12


class StartTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.forked = self.patch("_ForkedChannel")
        self.helped = self.patch("_HelperChannel")
        for one in (contexts.probe, contexts.interface):
            patched = mock.patch.object(one, "channel", None)
            patched.start()
            self.addCleanup(patched.stop)

    def patch(self, name: str) -> mock.Mock:
        patched = mock.patch.object(contexts, name, autospec=True)
        self.addCleanup(patched.stop)
        return patched.start()

    def bound(self, bounding: int) -> None:
        patched = mock.patch.object(
            contexts,
            "_bounding_set",
            autospec=True,
            return_value=bounding,
        )
        patched.start()
        self.addCleanup(patched.stop)

    def test_within_bounds(self) -> None:
        self.bound(_NET_ADMIN)
        contexts.interface.start()
        self.helped.assert_called_once_with(context=contexts.interface)
        self.assertIs(self.helped.return_value, contexts.interface.channel)
        contexts.interface.start()
        self.helped.assert_called_once()

    def test_by_a_fork(self) -> None:
        self.bound(_EVERY)
        contexts.interface.start(priv_context.Method.FORK)
        self.forked.assert_called_once_with(context=contexts.interface)
        self.helped.assert_not_called()

    def test_out_of_bounds(self) -> None:
        self.bound(_EVERY & ~_NET_ADMIN)
        contexts.probe.start()
        with self.assertRaisesRegex(
            PermissionError, "CAP_NET_ADMIN not in the agent's bounding set"
        ):
            contexts.interface.start()
        self.helped.assert_called_once_with(context=contexts.probe)

    def test_what_the_kernel_says(self) -> None:
        self.assertGreaterEqual(contexts._bounding_set(), 0)


class ChannelTestCase(unittest.TestCase):
    """A process ends while its first question lies unread."""

    def test_it_is_noticed(self) -> None:
        here, there = socket.socketpair()
        self.addCleanup(here.close)

        class Channel(contexts._Noticing, comm.ClientChannel):
            """Without a process."""

        here.sendall(b"unread")
        channel = Channel(here)
        there.close()
        channel.reader_thread.join(10)
        self.assertFalse(channel.reader_thread.is_alive())
        self.assertFalse(channel.running)
        with self.assertRaises(OSError):
            channel.send_recv(("ping",), timeout=10)
