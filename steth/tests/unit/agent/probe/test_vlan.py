# SPDX-License-Identifier: Apache-2.0
"""Tests of the ``probe.vlan_…`` operations, without the privileged process."""

import threading
from typing import Any
import unittest
from unittest import mock

import msgspec
from oslo_privsep import daemon

from steth.agent.privileged import vlan as privileged_vlan
from steth.agent.probe import vlan
from steth.model import vlan as vlan_model
from steth.rpc import errors
from steth.rpc import requests

_LISTEN = requests.VlanListen(
    interface="eth3", run=7, index=0, hosts=2, seconds=5.0
)
_SEND = requests.VlanSend(
    interface="eth3", run=7, index=0, vlans="1-1000", rate=1000
)


class VlanTestCase(unittest.TestCase):
    def setUp(self) -> None:
        for name in ("listen", "send", "heard"):
            patch = mock.patch.object(privileged_vlan, name, autospec=True)
            setattr(self, name, patch.start())
            self.addCleanup(patch.stop)
        self.send: mock.Mock
        self.listen: mock.Mock
        self.heard: mock.Mock
        self.send.side_effect = self._sent

    def _sent(
        self, arguments: dict[str, Any], first: int, count: int, rate: int
    ) -> tuple[int, int, str | None]:
        return min(count, 1001 - first), 1, "no"

    def assert_fails(
        self, code: errors.ErrorCode, said: str, call: Any, *arguments: Any
    ) -> None:
        with self.assertRaisesRegex(errors.OperationError, said) as caught:
            call(*arguments)
        self.assertEqual(code, caught.exception.code)

    def test_listening(self) -> None:
        self.listen.return_value = True
        self.assertEqual(5.0, vlan.listen(_LISTEN).seconds)
        self.listen.return_value = False
        self.assert_fails(
            errors.ErrorCode.BUSY, "8 runs are listening", vlan.listen, _LISTEN
        )

    def test_no_such_interface(self) -> None:
        self.listen.side_effect = OSError(19, "No such device")
        self.assert_fails(
            errors.ErrorCode.FAILED,
            "vlan_listen on eth3: no such device",
            vlan.listen,
            _LISTEN,
        )

    def test_no_privilege(self) -> None:
        self.listen.side_effect = daemon.FailedToDropPrivileges("no")
        self.assert_fails(
            errors.ErrorCode.FAILED, "may not use", vlan.listen, _LISTEN
        )

    def test_sending_in_parts(self) -> None:
        waits = mock.Mock()
        waits.wait.return_value = False
        done = vlan.send(_SEND, 500, waits)
        self.assertEqual(
            [(0, 200, 500), (200, 200, 500), (400, 200, 500),
             (600, 200, 500), (800, 200, 500), (1000, 200, 500)],
            [call.args[1:] for call in self.send.call_args_list],
        )  # fmt: skip
        self.assertEqual(
            (995, 6, "no"), (done.sent, done.refused, done.reason)
        )

    def test_too_slow_an_agent(self) -> None:
        self.assert_fails(
            errors.ErrorCode.BAD_ARGUMENT,
            "max_packet_rate",
            vlan.send,
            msgspec.structs.replace(_SEND, rounds=10),
            10,
            threading.Event(),
        )

    def test_an_agent_that_stops(self) -> None:
        stopping = threading.Event()
        stopping.set()
        self.assert_fails(
            errors.ErrorCode.FAILED,
            "stopping",
            vlan.send,
            _SEND,
            500,
            stopping,
        )
        self.send.assert_not_called()

    def test_heard(self) -> None:
        told = vlan_model.VlanReport(frames=3, lost=1, own="7")
        self.heard.return_value = msgspec.to_builtins(told)
        self.assertEqual(told, vlan.heard(requests.VlanHeard(run=7)))
        self.heard.return_value = None
        self.assert_fails(
            errors.ErrorCode.FAILED,
            "nothing listens",
            vlan.heard,
            requests.VlanHeard(run=7),
        )
