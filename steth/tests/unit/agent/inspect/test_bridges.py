# SPDX-License-Identifier: Apache-2.0

from typing import Any
import unittest
from unittest import mock

from steth.agent.inspect import bridges
from steth.agent.inspect import linux_bridges
from steth.agent.inspect import openvswitch
from steth.agent.inspect import ovsdb
from steth.model import bridge
from steth.rpc import errors

_LINUX = bridge.Bridge(name="br0", kind=bridge.BridgeKind.LINUX)
_OVS = bridge.Bridge(name="br-int", kind=bridge.BridgeKind.OPEN_VSWITCH)


class SnapshotTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.linux = self.patch(linux_bridges, return_value=((_LINUX,), True))
        self.openvswitch = self.patch(
            openvswitch,
            return_value=openvswitch.Found(
                bridge.OpenVswitch(connection="t", running=True),
                (_OVS,),
                True,
            ),
        )

    def patch(self, module: Any, **values: Any) -> mock.Mock:
        patched = mock.patch.object(module, "read", autospec=True, **values)
        self.addCleanup(patched.stop)
        return patched.start()

    def test_both(self) -> None:
        found = bridges.snapshot("h", ["t", "u"])
        self.openvswitch.assert_called_once_with(["t", "u"])
        self.assertEqual((_OVS, _LINUX), found.bridges)
        self.assertEqual(_OVS, found.bridge("br-int"))
        self.assertEqual({"linux", "openvswitch"}, set(found.truncated))
        self.assertIsNone(found.reason)

    def test_without_open_vswitch(self) -> None:
        self.openvswitch.side_effect = ovsdb.OvsdbError("t: gone")
        found = bridges.snapshot("h", ["t"])
        self.assertEqual((_LINUX,), found.bridges)
        self.assertIsNone(found.openvswitch)
        self.assertEqual("t: gone", found.reason)

    def test_the_kernel_does_not_answer(self) -> None:
        self.linux.side_effect = TimeoutError("timed out")
        with self.assertRaisesRegex(errors.OperationError, "timed out"):
            bridges.snapshot("h", ["t"])
