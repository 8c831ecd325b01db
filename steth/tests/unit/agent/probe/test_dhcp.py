# SPDX-License-Identifier: Apache-2.0
"""Tests of ``probe.dhcp``, without the privileged process."""

import unittest
from unittest import mock

import msgspec
from oslo_privsep import daemon

from steth.agent.privileged import dhcp as privileged_dhcp
from steth.agent.probe import dhcp
from steth.model import dhcp as dhcp_model
from steth.rpc import errors
from steth.rpc import requests

_REQUEST = requests.ProbeDhcp(
    places=(requests.DhcpPlace(interface="eth1"),), run=7
)
_REPORT = dhcp_model.DhcpReport(sent=2, duration=5.0)


class ProbeTestCase(unittest.TestCase):
    def setUp(self) -> None:
        patch = mock.patch.object(privileged_dhcp, "run", autospec=True)
        self.run_probe = patch.start()
        self.addCleanup(patch.stop)
        self.run_probe.return_value = msgspec.to_builtins(_REPORT)

    def assert_fails(self, said: str) -> None:
        with self.assertRaisesRegex(errors.OperationError, said) as caught:
            dhcp.probe(_REQUEST, 1000)
        self.assertEqual(errors.ErrorCode.FAILED, caught.exception.code)

    def test_report(self) -> None:
        self.assertEqual(_REPORT, dhcp.probe(_REQUEST, 1000))

    def test_the_agents_pace(self) -> None:
        for pace, expected in ((1000, 100), (5, 5)):
            dhcp.probe(_REQUEST, pace)
            self.assertEqual(expected, self.run_probe.call_args.args[1])

    def test_no_such_interface(self) -> None:
        self.run_probe.side_effect = OSError(19, "No such device")
        self.assert_fails("probe.dhcp on eth1: no such device")

    def test_no_privilege(self) -> None:
        self.run_probe.side_effect = daemon.FailedToDropPrivileges("no")
        self.assert_fails("may not use packet sockets")

    def test_the_agent_stops(self) -> None:
        self.run_probe.return_value = None
        self.assert_fails("the agent is stopping")
