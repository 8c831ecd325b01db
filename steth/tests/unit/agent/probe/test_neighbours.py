# SPDX-License-Identifier: Apache-2.0
"""Tests of ``probe.neighbours``, without the privileged process."""

import unittest
from unittest import mock

import msgspec

from steth.agent.privileged import neighbours as privileged_neighbours
from steth.agent.probe import neighbours
from steth.model import neighbours as neighbours_model
from steth.rpc import errors
from steth.rpc import requests

_REQUEST = requests.ProbeNeighbours(
    neighbours=(
        requests.Neighbour(interface="eth2", address="192.0.2.1"),
        requests.Neighbour(interface="eth1", address="192.0.2.1"),
    )
)
_REPORT = neighbours_model.NeighbourReport(sent=6, duration=2.0)


class ProbeTestCase(unittest.TestCase):
    def setUp(self) -> None:
        patch = mock.patch.object(privileged_neighbours, "run", autospec=True)
        self.run_probe = patch.start()
        self.addCleanup(patch.stop)
        self.run_probe.return_value = msgspec.to_builtins(_REPORT)

    def assert_fails(self, said: str) -> None:
        with self.assertRaisesRegex(errors.OperationError, said) as caught:
            neighbours.probe(_REQUEST, 1000)
        self.assertEqual(errors.ErrorCode.FAILED, caught.exception.code)

    def test_report(self) -> None:
        self.assertEqual(_REPORT, neighbours.probe(_REQUEST, 1000))

    def test_the_agents_pace(self) -> None:
        for pace, expected in ((1000, 200), (5, 5)):
            neighbours.probe(_REQUEST, pace)
            self.assertEqual(expected, self.run_probe.call_args.args[1])

    def test_no_such_interface(self) -> None:
        self.run_probe.side_effect = OSError(19, "No such device")
        self.assert_fails("probe.neighbours on eth1, eth2: no such device")

    def test_the_agent_stops(self) -> None:
        self.run_probe.return_value = None
        self.assert_fails("the agent is stopping")
