# SPDX-License-Identifier: Apache-2.0
"""Tests of ``inspect.host``."""

import datetime
import types
import unittest
from unittest import mock

from steth.agent.inspect import host
from steth.agent.inspect import named
from steth.agent.inspect import namespace
from steth.model import host as host_model
from steth.rpc import errors
from steth.rpc import requests


class SnapshotTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.own = self.patch(namespace, "read")
        self.own.return_value = host_model.Namespace()
        self.named = self.patch(named, "read_all")
        self.named.return_value = [host_model.Namespace(name="blue")]

    def patch(self, module: types.ModuleType, name: str) -> mock.Mock:
        patched = mock.patch.object(module, name, autospec=True)
        self.addCleanup(patched.stop)
        return patched.start()

    def test_all_namespaces(self) -> None:
        before = datetime.datetime.now(datetime.UTC)
        found = host.snapshot(requests.InspectHost(), "compute1")
        self.assertEqual("compute1", found.host)
        self.assertEqual(["", "blue"], [one.name for one in found.namespaces])
        taken_at = datetime.datetime.fromisoformat(found.taken_at)
        self.assertLess(abs(taken_at - before), datetime.timedelta(seconds=5))

    def test_the_own_one_only(self) -> None:
        found = host.snapshot(
            requests.InspectHost(all_namespaces=False), "compute1"
        )
        self.assertEqual([""], [one.name for one in found.namespaces])
        self.named.assert_not_called()

    def test_the_kernel_does_not_answer(self) -> None:
        self.own.side_effect = TimeoutError("timed out")
        with self.assertRaises(errors.OperationError) as caught:
            host.snapshot(requests.InspectHost(), "compute1")
        self.assertEqual(errors.ErrorCode.FAILED, caught.exception.code)
        self.assertIn("timed out", caught.exception.message)
