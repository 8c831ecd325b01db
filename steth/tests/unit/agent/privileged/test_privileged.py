# SPDX-License-Identifier: Apache-2.0
"""Tests of starting and stopping the privileged processes."""

import os
from typing import Any
import unittest
from unittest import mock

from oslo_config import cfg
from oslo_privsep import capabilities
from oslo_privsep import priv_context

from steth.agent import privileged
from steth.agent.privileged import contexts

_RAW = int(capabilities.CAP_NET_RAW)
_ADMIN = int(capabilities.CAP_SYS_ADMIN)
_NET_ADMIN = int(capabilities.CAP_NET_ADMIN)
_USER = [
    int(capabilities.CAP_SETUID),
    int(capabilities.CAP_SETGID),
    int(capabilities.CAP_KILL),
]


class ContextsTestCase(unittest.TestCase):
    def test_what_each_may_do(self) -> None:
        self.assertEqual(
            [
                [_RAW],
                [_ADMIN],
                [_RAW, _ADMIN, *_USER],
                [_RAW, _ADMIN],
                [_NET_ADMIN],
            ],
            [list(one.conf.capabilities) for one in contexts.ALL],
        )

    def test_a_section_each(self) -> None:
        for one in contexts.ALL:
            self.assertIn(one.cfg_section, cfg.CONF)

    def test_several_probes_at_once(self) -> None:
        # As many as [agent] max_operations allows, and one to end them.
        self.assertGreater(contexts.probe.conf.thread_pool_size, 64)

    def test_the_helper_finds_them_by_name(self) -> None:
        for one in contexts.ALL:
            command = one.helper_command("/tmp/socket")
            self.assertIn("--privsep_context", command)
            self.assertIn(one.pypath, command)


class StartTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.started = [self.patch(one, "start") for one in contexts.ALL]
        self.init = self.patch(priv_context, "init")
        self.uid = self.patch(os, "geteuid", return_value=0)
        self.capabilities = self.patch(capabilities, "get_caps")
        self.have(_RAW, _ADMIN, *_USER, _NET_ADMIN)

    def patch(self, module: Any, name: str, **values: Any) -> Any:
        patched = mock.patch.object(module, name, autospec=True, **values)
        self.addCleanup(patched.stop)
        return patched.start()

    def have(self, *effective: int) -> None:
        self.capabilities.return_value = ([*effective], [], [])

    def started_sections(self) -> list[str]:
        return [
            one.cfg_section
            for one, start in zip(contexts.ALL, self.started, strict=True)
            if start.called
        ]

    def test_as_root(self) -> None:
        privileged.start()
        for one in self.started:
            one.assert_called_once_with(priv_context.Method.FORK)
        (prefix,) = self.init.call_args.kwargs.values()
        self.assertEqual("env", prefix[0])

    def test_with_one_capability(self) -> None:
        self.uid.return_value = 1000
        self.have(_RAW)
        privileged.start()
        self.assertEqual([contexts.probe.cfg_section], self.started_sections())
        self.init.assert_not_called()

    def test_as_the_unit_has_it(self) -> None:
        self.have(_RAW, _ADMIN, *_USER)
        privileged.start()
        self.assertNotIn("steth_interface", self.started_sections())
        self.assertEqual(len(contexts.ALL) - 1, len(self.started_sections()))

    def test_without_any(self) -> None:
        self.uid.return_value = 1000
        self.have()
        privileged.start()
        self.assertFalse(any(one.called for one in self.started))

    def test_twice(self) -> None:
        connected = mock.patch.object(contexts.probe, "channel", object())
        connected.start()
        self.addCleanup(connected.stop)
        privileged.start()
        self.assertEqual(
            [one.cfg_section for one in contexts.ALL[1:]],
            self.started_sections(),
        )

    def test_the_new_process_never_comes_back(self) -> None:
        self.started[0].side_effect = ConnectionResetError
        self.patch(os, "getpid", side_effect=[100, 101])
        leave = self.patch(os, "_exit", side_effect=SystemExit)
        with self.assertRaises(SystemExit):
            privileged.start()
        leave.assert_called_once_with(1)

    def test_the_agent_hears_why(self) -> None:
        self.started[0].side_effect = ConnectionResetError
        leave = self.patch(os, "_exit")
        with self.assertRaises(ConnectionResetError):
            privileged.start()
        leave.assert_not_called()


class StopTestCase(unittest.TestCase):
    def test_stop(self) -> None:
        channels = []
        for one in contexts.ALL:
            channel = mock.Mock()
            patched = mock.patch.object(one, "channel", channel)
            patched.start()
            self.addCleanup(patched.stop)
            channels.append(channel)
        privileged.stop()
        for channel in channels:
            channel.close.assert_called_once_with()
        self.assertEqual({None}, {one.channel for one in contexts.ALL})


class ForkTestCase(unittest.TestCase):
    def test_a_child_has_no_part_in_them(self) -> None:
        with mock.patch.object(contexts.probe, "channel", mock.Mock()):
            child = os.fork()
            if not child:
                os._exit(0 if contexts.probe.channel is None else 1)
            _, status = os.waitpid(child, 0)
            self.assertEqual(0, os.waitstatus_to_exitcode(status))
            self.assertIsNotNone(contexts.probe.channel)
