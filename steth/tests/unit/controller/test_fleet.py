# SPDX-License-Identifier: Apache-2.0

import threading
from typing import Any
import unittest

from steth.controller import errors as controller_errors
from steth.model import agent
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests
from steth.tests.unit.controller import fakes

BUS = agent.Transport.BUS
DIRECT = agent.Transport.DIRECT
ASKED = {"a": requests.InspectAgent(), "b": requests.InspectAgent()}


class FleetTestCase(unittest.TestCase):
    """The real controller over fake transports."""

    def test_ask(self) -> None:
        world = fakes.World(self, fakes.well("b"), fakes.well("a"))
        with world.fleet() as fleet:
            self.assertEqual(["a", "b"], [one.host for one in fleet.agents])
            outcomes = fleet.ask(contract.INSPECT_AGENT, ASKED, seconds=0)
        self.assertEqual(["a", "b"], list(outcomes))
        self.assertEqual(
            ["a", "b"], [one.data.host for one in outcomes.values()]
        )
        self.assertEqual({BUS}, {one.transport for one in outcomes.values()})
        self.assertEqual([], world.notes)
        self.assertEqual(2, len(world.calls))

    def test_one_leaves_the_bus(self) -> None:
        b = fakes.well("b")
        world = fakes.World(self, fakes.well("a"), b)
        with world.fleet() as fleet:
            b.bus = fakes.no_answer("timed out")
            outcomes = fleet.ask(contract.INSPECT_AGENT, ASKED, seconds=0)
            rows = {one.host: one for one in fleet.agents}
            world.calls.clear()
            fleet.ask(contract.INSPECT_AGENT, ASKED, seconds=0)
        self.assertIs(DIRECT, outcomes["b"].transport)
        self.assertEqual("lost the bus: timed out", rows["b"].reason)
        self.assertIs(BUS, rows["a"].transport)
        # It is not tried again where it was not there a moment ago.
        self.assertEqual(
            {("bus", "a", "inspect.agent"), ("direct", "b", "inspect.agent")},
            set(world.calls),
        )
        self.assertEqual([], world.notes)

    def test_what_is_done_together(self) -> None:
        """Each waits for the other, though one is asked at a time."""
        world = fakes.World(self, fakes.well("a"), fakes.well("b"))
        world.conf.set_override("concurrency", 1, group="controller")
        both = threading.Barrier(2)
        for one in world.agents.values():
            one.bus = lambda *_: both.wait(10)
        request = requests.ProbeIcmp(
            targets=(requests.IcmpTarget(address="192.0.2.1"),)
        )
        with world.fleet() as fleet:
            outcomes = fleet.ask(
                contract.PROBE_ICMP, {"a": request, "b": request}, seconds=0
            )
        self.assertEqual(
            {0, 1}, {one.data for one in outcomes.values()}, outcomes
        )

    def test_one_falls_silent(self) -> None:
        b = fakes.well("b")
        world = fakes.World(self, fakes.well("a"), b)
        with world.fleet() as fleet:
            b.bus = b.direct = None
            first = fleet.ask(contract.INSPECT_AGENT, ASKED, seconds=0)
            world.calls.clear()
            second = fleet.ask(contract.INSPECT_AGENT, ASKED, seconds=0)
            rows = {one.host: one for one in fleet.agents}
        for outcomes in (first, second):
            error = outcomes["b"].error
            assert error is not None
            self.assertIs(errors.ErrorCode.NO_ANSWER, error.code)
            self.assertIn("9698: connection refused", error.message)
        self.assertEqual(["a"], [host for _, host, _ in world.calls])
        self.assertIs(agent.AgentStatus.SILENT, rows["b"].status)

    def test_one_that_fell_silent_is_asked_again(self) -> None:
        b = fakes.well("b")
        world = fakes.World(self, b)
        asked = {"b": requests.InspectAgent()}
        with world.fleet() as fleet:
            answer = b.bus
            b.bus = b.direct = None
            fleet.ask(contract.INSPECT_AGENT, asked, seconds=0)
            b.bus = answer
            for again, found in ((False, None), (True, "b"), (False, "b")):
                (one,) = fleet.ask(
                    contract.INSPECT_AGENT, asked, seconds=0, again=again
                ).values()
                self.assertEqual(found, one.data and one.data.host)
            (row,) = fleet.agents
        self.assertEqual(
            (agent.AgentStatus.UP, BUS, None),
            (row.status, row.transport, row.reason),
        )

    def lose_bus(
        self, **options: Any
    ) -> tuple[fakes.World, set[agent.Transport | None]]:
        """Lose the bus in a call; return also who answered all the same."""
        a, b = fakes.well("a"), fakes.well("b")
        world = fakes.World(self, a, b)
        begun = threading.Barrier(3)
        hold = threading.Event()
        self.addCleanup(hold.set)

        def hang(_: contract.Operation, __: requests.Request) -> Any:
            begun.wait(10)
            hold.wait(30)

        def lose() -> None:
            begun.wait(10)
            assert world.interrupt is not None
            world.interrupt.give_up(BUS, "the broker is gone")

        with world.fleet(**options) as fleet:
            a.bus = b.bus = hang
            threading.Thread(target=lose, daemon=True).start()
            outcomes = fleet.ask(contract.INSPECT_AGENT, ASKED, seconds=20)
            fleet.ask(contract.INSPECT_AGENT, ASKED, seconds=20)
        return world, {one.transport for one in outcomes.values()}

    def test_bus_lost_meanwhile(self) -> None:
        world, transports = self.lose_bus()
        self.assertEqual({DIRECT}, transports)
        self.assertEqual(
            [
                "bus lost during the run (the broker is gone): 2 of 2 hosts "
                "answered over 9698"
            ],
            world.notes,
        )

    def test_bus_lost_and_there_is_no_other_way(self) -> None:
        world, transports = self.lose_bus(transport="bus")
        self.assertEqual({None}, transports)
        self.assertEqual(
            [
                "bus lost during the run (the broker is gone); the run is "
                "limited to it"
            ],
            world.notes,
        )

    def test_what_takes_long_is_held(self) -> None:
        a = fakes.well("a")
        world = fakes.World(self, a)
        ping = requests.ProbeIcmp(
            targets=(requests.IcmpTarget(address="192.0.2.1"),)
        )
        with world.fleet() as fleet:
            for operation, request, seconds in (
                (contract.PROBE_ICMP, ping, 10.0),
                (contract.INSPECT_AGENT, requests.InspectAgent(), 60.0),
                (contract.PROBE_ICMP, ping, 10.5),
            ):
                fleet.ask(operation, {"a": request}, seconds=seconds)
            # Each way by itself: the first may be going on.
            a.bus = fakes.no_answer("timed out")
            fleet.ask(contract.PROBE_ICMP, {"a": ping}, seconds=10.5)
        *without, first, second, third = world.holds
        self.assertEqual([None, None], without)
        assert first is not None
        assert second is not None
        assert third is not None
        self.assertEqual(3, len({first.id, second.id, third.id}))
        self.assertEqual(
            ["bus", "bus", "direct"], [one[0] for one in world.calls[-3:]]
        )

    def test_older_and_newer_agents(self) -> None:
        world = fakes.World(
            self,
            fakes.well("a", version="0.3", operations=("inspect.agent",)),
            fakes.well("b", contract="2.1"),
        )
        asked = {
            host: requests.ProbeIcmp(
                targets=(requests.IcmpTarget(address="192.0.2.1"),)
            )
            for host in ("a", "b", "c")
        }
        with world.fleet() as fleet:
            outcomes = fleet.ask(contract.PROBE_ICMP, asked, seconds=0)
        self.assertEqual(
            {
                "a": errors.ErrorCode.UNKNOWN_OPERATION,
                "b": errors.ErrorCode.UNSUPPORTED_VERSION,
                "c": errors.ErrorCode.NO_ANSWER,
            },
            {
                host: one.error and one.error.code
                for host, one in outcomes.items()
            },
        )
        self.assertEqual([], world.calls)

    def test_nobody(self) -> None:
        world = fakes.World(self)
        with (
            self.assertRaisesRegex(
                controller_errors.NoAgentError, r"none is on the bus.*hosts"
            ),
            world.fleet(),
        ):
            pass
