# SPDX-License-Identifier: Apache-2.0

import unittest

from steth.checks import base
from steth.checks import bridges
from steth.model import bridge
from steth.model import inventory
from steth.rpc import errors
from steth.tests.unit.checks import talking


def _snapshot(host: str, _: object) -> bridge.BridgeSnapshot:
    if host == "compute3":
        raise errors.OperationError(errors.ErrorCode.FAILED, "no database")
    return bridge.BridgeSnapshot(
        host=host,
        taken_at="",
        bridges=(
            bridge.Bridge(
                name="br-ex",
                kind=bridge.BridgeKind.OPEN_VSWITCH,
                ports=tuple(
                    bridge.Port(
                        name=name,
                        interfaces=(bridge.Interface(name=name, kind=kind),),
                    )
                    for name, kind in (
                        ("br-ex", "internal"),
                        ("em1", "system"),
                    )
                ),
            ),
        ),
    )


class BridgesTestCase(unittest.TestCase):
    def test_once_a_run_and_who_can(self) -> None:
        rack = talking.rack(4)
        rack.replies["inspect.bridges"] = _snapshot
        rack.silent.add("compute4")
        context = base.Context(fleet=rack, inventory=inventory.Inventory())
        bridges.read(context, ["compute1"])
        bridges.read(context, ["compute1", "compute3", "compute4"])
        self.assertEqual([("inspect.bridges", 1)] * 2, rack.asked)
        self.assertEqual(
            {"compute1": {"br-ex": frozenset({"em1"})}}, bridges.ports(context)
        )
