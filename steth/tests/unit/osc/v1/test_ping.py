# SPDX-License-Identifier: Apache-2.0

from collections.abc import Mapping
import contextlib
import io
import json
from typing import Any
from unittest import mock

from osc_lib import exceptions as osc_exceptions

from steth.conf import inventory as inventory_conf
from steth.controller import outcome
from steth.model import inventory
from steth.osc.v1 import ping
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests
from steth.tests.unit.checks.mesh import simulation
from steth.tests.unit.osc import fakes


class _Refusing(simulation.Rack):
    def ask(
        self,
        operation: contract.Operation,
        asked: Mapping[str, requests.Request],
        *,
        seconds: float,
    ) -> dict[str, outcome.Outcome]:
        error = errors.OperationError(errors.ErrorCode.BUSY, "come back later")
        return {
            host: outcome.Outcome(host=host, error=error) for host in asked
        }


class PingTestCase(fakes.CommandTestCase):
    """Destinations are pinged from a host and shown one a row."""

    def setUp(self) -> None:
        super().setUp()
        self.rack = self.fleet = simulation.rack(3)  # type: ignore[assignment]
        patcher = mock.patch.object(
            inventory_conf, "read", lambda conf: inventory.Inventory()
        )
        patcher.start()
        self.addCleanup(patcher.stop)

    def ping(self, *arguments: str) -> int:
        return self.run_command(ping.PingHost, *arguments)

    def rows(self, *arguments: str) -> list[dict[str, Any]]:
        self.ping(*arguments, "-f", "json")
        found: list[dict[str, Any]] = json.loads(self.output)
        return found

    def test_for_people(self) -> None:
        self.assertEqual(0, self.ping("compute1", "compute2"))
        self.assertIn(
            "| compute2    | 10.0.0.2 | 5/5      | 0 %  |", self.output
        )

    def test_for_machines(self) -> None:
        (row,) = self.rows("compute1", "compute2", "--count", "3")
        self.assertEqual(
            ("compute2", "10.0.0.2", 3, 3, 0.0, 0.1, None),
            (
                row["Destination"],
                row["Address"],
                row["Sent"],
                row["Received"],
                row["Loss Percent"],
                row["RTT Avg ms"],
                row["Failure"],
            ),
        )

    def test_network(self) -> None:
        rows = self.rows(
            "compute1", "compute2", "compute3", "--network", "10.0.1.0/24"
        )
        self.assertEqual(
            ["10.0.1.2", "10.0.1.3"], [one["Address"] for one in rows]
        )

    def test_some_answer(self) -> None:
        self.rack.nics["compute3"]["mgmt"].carrier = False
        self.assertEqual(0, self.ping("compute1", "compute2", "compute3"))
        self.assertIn("no-neighbour", self.output)

    def test_nothing_answers(self) -> None:
        self.rack.nics["compute3"]["mgmt"].carrier = False
        self.assertEqual(3, self.ping("compute1", "compute3"))

    def test_a_silent_destination_is_pinged_all_the_same(self) -> None:
        self.rack.dies_after["compute2"] = 0
        (row,) = self.rows("compute1", "compute2")
        self.assertEqual(("10.0.0.2", 5), (row["Address"], row["Sent"]))

    def test_an_address_needs_no_snapshot(self) -> None:
        self.ping("compute1", "192.0.2.1")
        self.assertEqual([("probe.icmp", 1)], self.rack.asked)
        self.assertEqual(["compute1"], self.asked["hosts"])

    def test_too_big(self) -> None:
        (row,) = self.rows(
            "compute1", "compute2", "--size", "1501", "--dont-fragment"
        )
        self.assertEqual(
            (0, None, "too-big"),
            (row["Sent"], row["Loss Percent"], row["Failure"]),
        )

    def test_mistakes(self) -> None:
        for arguments, said in (
            (("compute2", "--network", "x"), "there is no network 'x'"),
            (
                ("192.0.2.1", "compute2", "--netns", "qrouter-1"),
                "compute2 is not an IP address, as --netns needs it",
            ),
            (("224.0.0.1",), "224.0.0.1 is not of one host"),
            (
                ("192.0.2.1", "--count", "1000", "--interval", "10"),
                "interval: it would take 10001 s",
            ),
        ):
            with (
                self.subTest(arguments=arguments),
                self.assertRaisesRegex(osc_exceptions.CommandError, said),
            ):
                self.ping("compute1", *arguments)

    def test_the_agent_refuses(self) -> None:
        self.fleet = _Refusing(nics={})  # type: ignore[assignment]
        for to in ("192.0.2.1", "compute2"):
            with (
                self.subTest(to=to),
                self.assertRaisesRegex(
                    osc_exceptions.CommandError, "^compute1: come back later$"
                ),
            ):
                self.ping("compute1", to)

    def test_wrong_usage(self) -> None:
        for arguments in (
            ("compute1",),
            ("compute1", "192.0.2.1", "--size", "63"),
            ("compute1", "192.0.2.1", "--count", "0"),
            ("compute1", "192.0.2.1", "--interval", "0"),
            (
                *("compute1", "192.0.2.1", "--netns", "a"),
                *("--network", "b"),
            ),
        ):
            with (
                self.subTest(arguments=arguments),
                contextlib.redirect_stderr(io.StringIO()),
                self.assertRaises(SystemExit) as caught,
            ):
                self.ping(*arguments)
            self.assertEqual(2, caught.exception.code)
