# SPDX-License-Identifier: Apache-2.0
"""Tests of ``probe.multicast``, without the privileged process."""

import unittest
from unittest import mock

import msgspec

from steth.agent.privileged import multicast as privileged_multicast
from steth.agent.probe import multicast
from steth.model import multicast as multicast_model
from steth.rpc import errors
from steth.rpc import requests

_REQUEST = requests.ProbeMulticast(
    places=(
        requests.MulticastPlace(interface="eth1", address="192.0.2.1"),
        requests.MulticastPlace(interface="eth1", address="2001:db8::1"),
    ),
    run=7,
    index=0,
    hosts=2,
)
_REPORT = multicast_model.MulticastReport(duration=2.5)


class ProbeTestCase(unittest.TestCase):
    def setUp(self) -> None:
        patch = mock.patch.object(privileged_multicast, "run", autospec=True)
        self.run_probe = patch.start()
        self.addCleanup(patch.stop)
        self.run_probe.return_value = msgspec.to_builtins(_REPORT)

    def assert_fails(self, said: str) -> None:
        with self.assertRaisesRegex(errors.OperationError, said) as caught:
            multicast.probe(_REQUEST)
        self.assertEqual(errors.ErrorCode.FAILED, caught.exception.code)

    def test_report(self) -> None:
        self.assertEqual(_REPORT, multicast.probe(_REQUEST))

    def test_no_such_interface(self) -> None:
        self.run_probe.side_effect = OSError(19, "No such device")
        self.assert_fails("probe.multicast on eth1: no such device")

    def test_the_agent_stops(self) -> None:
        self.run_probe.return_value = None
        self.assert_fails("the agent is stopping")
