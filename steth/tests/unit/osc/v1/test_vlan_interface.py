# SPDX-License-Identifier: Apache-2.0

from collections.abc import Mapping
import contextlib
import io
import json
from typing import Any

from steth.controller import outcome
from steth.model import task
from steth.model import vlan_interface
from steth.osc.v1 import vlan_interface as commands
from steth.rpc import contract
from steth.rpc import requests
from steth.tests.unit.osc import fakes

_TASK = task.TaskInfo(
    id="0" * 32,
    kind="probe.vlan_interface",
    detail="VLAN 100 of eth0",
    started_at="2026-01-01T00:00:00.000+00:00",
    lease_end="2026-01-01T00:10:00.000+00:00",
    remaining=600.0,
)


class _Fleet(fakes.Fleet):
    """Does what it is asked to."""

    def __init__(self) -> None:
        super().__init__(fakes.row("compute1"))
        self.asked: list[Any] = []

    def ask(
        self,
        operation: contract.Operation,
        asked: Mapping[str, requests.Request],
        *,
        seconds: float,
    ) -> Mapping[str, outcome.Outcome]:
        """Answer as the agent does."""
        (request,) = asked.values()
        self.asked.append(request)
        data: Any = _TASK
        if operation is contract.PROBE_VLAN_INTERFACE:
            data = vlan_interface.VlanInterface(
                name="steth00000000", interface="eth0", vlan=100, task=_TASK
            )
        return {"compute1": outcome.Outcome(host="compute1", data=data)}


class VlanInterfaceTestCase(fakes.CommandTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.fleet: _Fleet = _Fleet()

    def create(self, *arguments: str) -> None:
        self.run_command(commands.CreateVlanInterface, "compute1", *arguments)

    def test_create(self) -> None:
        self.create(
            *("eth0", "100", "--cidr", "192.0.2.1/24", "--lifetime", "60"),
            *("-f", "json"),
        )
        self.assertEqual(
            [
                requests.VlanInterface(
                    interface="eth0",
                    vlan=100,
                    cidr="192.0.2.1/24",
                    lifetime=60.0,
                )
            ],
            self.fleet.asked,
        )
        told = json.loads(self.output)
        self.assertEqual(
            ("steth00000000", _TASK.id, 600.0),
            (told["name"], told["task"], told["lease_left"]),
        )

    def test_delete(self) -> None:
        self.run_command(
            commands.DeleteVlanInterface, "compute1", "eth0", "100"
        )
        self.assertEqual(
            [requests.VlanInterfaceRemove(interface="eth0", vlan=100)],
            self.fleet.asked,
        )

    def test_mistake(self) -> None:
        with (
            contextlib.redirect_stderr(io.StringIO()) as said,
            self.assertRaises(SystemExit) as caught,
        ):
            self.create("eth0", "100", "--cidr", "192.0.2.1")
        self.assertEqual(2, caught.exception.code)
        self.assertIn("--cidr: 192.0.2.1 lacks its prefix", said.getvalue())

    def test_wrong_usage(self) -> None:
        for arguments in (
            ("eth0",),
            ("eth0", "4095"),
            ("eth0", "100", "--lifetime", "0"),
            ("eth0", "100", "--lifetime", "3601"),
        ):
            with (
                contextlib.redirect_stderr(io.StringIO()),
                self.assertRaises(SystemExit),
            ):
                self.create(*arguments)
