# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterable
import threading
import unittest

from steth.controller import errors as controller_errors
from steth.model import agent
from steth.model import inventory
from steth.tests.unit.controller import fakes

UP = agent.AgentStatus.UP
SILENT = agent.AgentStatus.SILENT
BUS = agent.Transport.BUS
DIRECT = agent.Transport.DIRECT


def only_direct(host: str) -> fakes.Agent:
    one = fakes.well(host)
    one.bus = None
    return one


class DiscoveryTestCase(unittest.TestCase):
    """Who is found, who is expected, and what is said of each."""

    def rows(
        self, world: fakes.World, **options: object
    ) -> dict[str, agent.AgentRow]:
        with world.fleet(**options) as fleet:
            return {one.host: one for one in fleet.agents}

    def test_on_the_bus(self) -> None:
        world = fakes.World(self, fakes.well("a"))
        rows = self.rows(world)
        self.assertEqual(
            {
                "a": agent.AgentRow(
                    host="a",
                    status=UP,
                    transport=BUS,
                    version="1.0.0",
                    uptime=5.0,
                    operations=rows["a"].operations,
                )
            },
            rows,
        )
        self.assertEqual([], world.calls)

    def test_expected_and_on_the_bus(self) -> None:
        world = fakes.World(self, fakes.well("a"))
        world.expect(a="192.0.2.1")
        row = self.rows(world)["a"]
        self.assertEqual("192.0.2.1", row.address)
        self.assertEqual(("configuration",), row.expected_by)
        self.assertIs(BUS, row.transport)

    def test_expected_and_not_on_the_bus(self) -> None:
        world = fakes.World(self, fakes.well("a"), only_direct("b"))
        world.expect(a="192.0.2.1", b="192.0.2.2", c="192.0.2.3")
        rows = self.rows(world)
        self.assertIs(DIRECT, rows["b"].transport)
        self.assertEqual("not on the bus", rows["b"].reason)
        self.assertEqual("192.0.2.2", world.addresses["b"])
        self.assertIs(SILENT, rows["c"].status)
        self.assertEqual(
            "no answer on bus or 9698: bus: it did not announce itself; "
            "9698: connection refused",
            rows["c"].reason,
        )
        self.assertEqual(
            {
                ("direct", "b", "inspect.agent"),
                ("direct", "c", "inspect.agent"),
            },
            set(world.calls),
        )

    def test_another_agent_at_the_address(self) -> None:
        b = only_direct("b")
        b.info = fakes.info("c")
        world = fakes.World(self, b)
        world.agents = {"b": b}
        world.expect(b="192.0.2.2")
        row = self.rows(world)["b"]
        self.assertIs(SILENT, row.status)
        self.assertRegex(
            row.reason or "", "at 192.0.2.2 calls itself c: correct its option"
        )

    def test_no_bus(self) -> None:
        world = fakes.World(self, fakes.well("a"))
        world.problem = "broker:5672: Connection refused"
        world.expect(a="192.0.2.1", b="192.0.2.2")
        rows = self.rows(world)
        self.assertEqual(
            (DIRECT, "no bus"), (rows["a"].transport, rows["a"].reason)
        )
        self.assertEqual(
            "no answer on bus or 9698: bus: broker:5672: Connection refused; "
            "9698: connection refused",
            rows["b"].reason,
        )
        self.assertEqual(
            ["no bus: broker:5672: Connection refused"], world.notes
        )

    def test_no_bus_configured(self) -> None:
        world = fakes.World(self, fakes.well("a"))
        world.transport_url = False
        world.expect(a="192.0.2.1")
        row = self.rows(world)["a"]
        self.assertEqual((DIRECT, None), (row.transport, row.reason))
        self.assertEqual([], world.notes)

    def test_bus_only(self) -> None:
        world = fakes.World(self, fakes.well("a"), only_direct("b"))
        world.expect(a="192.0.2.1", b="192.0.2.2")
        rows = self.rows(world, transport="bus")
        self.assertIs(UP, rows["a"].status)
        self.assertIs(SILENT, rows["b"].status)
        self.assertEqual("no answer on bus: it is not there", rows["b"].reason)
        self.assertEqual({"bus"}, {how for how, _, _ in world.calls})

    def test_bus_only_without_bus(self) -> None:
        world = fakes.World(self, fakes.well("a"))
        world.transport_url = False
        world.expect(a="192.0.2.1")
        row = self.rows(world, transport="bus")["a"]
        self.assertEqual(
            "no answer on bus: [DEFAULT] transport_url is not set", row.reason
        )

    def test_direct_only(self) -> None:
        world = fakes.World(self, fakes.well("a"), fakes.well("b"))
        world.expect(a="192.0.2.1")
        rows = self.rows(world, transport="direct")
        self.assertEqual(["a"], list(rows))
        self.assertEqual(
            (DIRECT, None), (rows["a"].transport, rows["a"].reason)
        )

    def test_direct_only_without_hosts(self) -> None:
        world = fakes.World(self, fakes.well("a"))
        with self.assertRaisesRegex(
            controller_errors.NoAgentError, "not asked"
        ):
            self.rows(world, transport="direct")

    def test_no_bus_configured_and_no_hosts(self) -> None:
        world = fakes.World(self, fakes.well("a"))
        world.transport_url = False
        with self.assertRaisesRegex(
            controller_errors.NoAgentError,
            r"no bus: \[DEFAULT\] transport_url is not set.*none is expected",
        ):
            self.rows(world)

    def test_nameless_agents_are_noted(self) -> None:
        world = fakes.World(self, fakes.well("a"))
        world.missing = 2
        world.expect(a="192.0.2.1", b="192.0.2.2")
        self.rows(world)
        self.assertEqual(1, len(world.notes))
        self.assertRegex(world.notes[0], "^1 of .* did not announce")

    def test_expected_agents_account_for_the_nameless(self) -> None:
        world = fakes.World(self, fakes.well("a"))
        world.missing = 1
        world.expect(a="192.0.2.1", b="192.0.2.2")
        self.rows(world)
        self.assertEqual([], world.notes)

    def test_two_of_one_name(self) -> None:
        world = fakes.World(self, fakes.well("a"))
        world.twice = ("a",)
        self.rows(world)
        self.assertRegex(world.notes[0], "more than one agent .* a:")


class ChosenHostsTestCase(unittest.TestCase):
    """Only the hosts of interest are asked and shown."""

    def test_chosen(self) -> None:
        world = fakes.World(self, fakes.well("a"), fakes.well("b"))
        world.expect(c="192.0.2.3")
        with world.fleet(hosts=["b", "b"]) as fleet:
            self.assertEqual(["b"], [one.host for one in fleet.agents])
        self.assertEqual([], world.calls)

    def test_expected_and_silent(self) -> None:
        world = fakes.World(self, fakes.well("a"))
        world.expect(c="192.0.2.3")
        with world.fleet(hosts=["c"]) as fleet:
            (row,) = fleet.agents
        self.assertIs(SILENT, row.status)

    def test_stranger_that_answers(self) -> None:
        world = fakes.World(self, only_direct("z"))
        with world.fleet(hosts=["z"]) as fleet:
            (row,) = fleet.agents
        self.assertIs(UP, row.status)
        self.assertIsNone(world.addresses["z"])

    def test_stranger_by_its_address(self) -> None:
        one = only_direct("192.0.2.2")
        one.info = fakes.info("b")
        world = fakes.World(self)
        world.agents = {"192.0.2.2": one}
        with (
            self.assertRaisesRegex(
                controller_errors.UnknownHostError,
                "the agent at 192.0.2.2 calls itself b: give that name",
            ),
            world.fleet(hosts=["192.0.2.2"]),
        ):
            pass

    def test_stranger_that_does_not(self) -> None:
        world = fakes.World(self, fakes.well("compute1"))
        world.expect(compute2="192.0.2.2")
        with (
            self.assertRaisesRegex(
                controller_errors.UnknownHostError,
                r"'compute11' \(no answer on bus or 9698.* did you mean "
                r"'compute1'\?; known hosts: compute1, compute2$",
            ),
            world.fleet(hosts=["compute11", "compute12"]),
        ):
            pass


class CloudTestCase(unittest.TestCase):
    """The cloud's hosts are expected too, if it says them in time."""

    def world(self) -> fakes.World:
        world = fakes.World(self, fakes.well("a"), only_direct("b"))
        world.expect(a="192.0.2.1")
        world.conf.set_override("timeout", 0.5, group="controller")
        return world

    def test_merged(self) -> None:
        def cloud() -> Iterable[inventory.ExpectedHost]:
            yield inventory.ExpectedHost(name="a", sources=("neutron",))
            yield inventory.ExpectedHost(
                name="b", address="192.0.2.2", sources=("nova",)
            )

        world = self.world()
        with world.fleet(cloud=cloud) as fleet:
            rows = {one.host: one for one in fleet.agents}
        self.assertEqual(("configuration", "neutron"), rows["a"].expected_by)
        self.assertEqual(("nova",), rows["b"].expected_by)
        self.assertIs(DIRECT, rows["b"].transport)
        self.assertEqual("192.0.2.2", world.addresses["b"])

    def test_failing(self) -> None:
        def cloud() -> Iterable[inventory.ExpectedHost]:
            raise ValueError("not today\nnor ever")

        world = self.world()
        with world.fleet(cloud=cloud) as fleet:
            self.assertEqual(["a"], [one.host for one in fleet.agents])
        self.assertEqual(1, len(world.notes))
        self.assertTrue(world.notes[0].endswith(": not today"))

    def test_slow(self) -> None:
        hold = threading.Event()
        self.addCleanup(hold.set)

        def cloud() -> Iterable[inventory.ExpectedHost]:
            hold.wait(30)
            return ()

        world = self.world()
        with world.fleet(cloud=cloud) as fleet:
            self.assertEqual(["a"], [one.host for one in fleet.agents])
        self.assertRegex(world.notes[0], "did not say within 0.5 s")

    def test_switched_off(self) -> None:
        world = self.world()
        world.conf.set_override("use_cloud", False, group="controller")
        with world.fleet(cloud=self.fail) as fleet:
            self.assertEqual(["a"], [one.host for one in fleet.agents])
        self.assertEqual([], world.notes)
