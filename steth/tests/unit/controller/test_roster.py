# SPDX-License-Identifier: Apache-2.0

import unittest

from steth.controller import dispatch
from steth.controller import outcome
from steth.controller import roster
from steth.model import agent
from steth.model import inventory
from steth.rpc import contract
from steth.rpc import errors
from steth.tests.unit.controller import fakes

BUS = agent.Transport.BUS
DIRECT = agent.Transport.DIRECT


def known(**changed: object) -> roster.Known:
    return roster.found(fakes.info("a", **changed), "a", None, BUS)


def settled(
    transport: agent.Transport | None,
    error: errors.OperationError | None = None,
    *failures: str,
) -> dispatch.Settled:
    return dispatch.Settled(
        outcome=outcome.Outcome(host="a", error=error, transport=transport),
        failures=tuple(
            dispatch.Failure(
                transport=BUS,
                name="bus",
                error=errors.OperationError(errors.ErrorCode.NO_ANSWER, one),
            )
            for one in failures
        ),
    )


class RefusalTestCase(unittest.TestCase):
    """It is known without asking what an agent cannot answer."""

    def test_able(self) -> None:
        self.assertIsNone(known().refusal(contract.PROBE_ICMP))

    def test_older_agent(self) -> None:
        one = known(version="0.3", operations=("inspect.agent",))
        error = one.refusal(contract.PROBE_ICMP)
        assert error is not None
        self.assertIs(errors.ErrorCode.UNKNOWN_OPERATION, error.code)
        self.assertEqual("agent 0.3 on a has no probe.icmp", error.message)

    def test_newer_minor_version(self) -> None:
        one = known(contract="1.99")
        self.assertIsNone(one.refusal(contract.PROBE_ICMP))

    def test_other_major_version(self) -> None:
        error = known(contract="2.0").refusal(contract.PROBE_ICMP)
        assert error is not None
        self.assertIs(errors.ErrorCode.UNSUPPORTED_VERSION, error.code)
        self.assertIn("2.0", error.message)
        self.assertIn(contract.VERSION, error.message)

    def test_silent(self) -> None:
        one = roster.silent(
            inventory.ExpectedHost(name="a"),
            errors.OperationError(errors.ErrorCode.NO_ANSWER, "not a word"),
        )
        error = one.refusal(contract.INSPECT_AGENT)
        assert error is not None
        self.assertIs(errors.ErrorCode.NO_ANSWER, error.code)
        self.assertEqual("not a word", error.message)

    def test_refused(self) -> None:
        one = roster.silent(
            inventory.ExpectedHost(name="a"),
            errors.OperationError(errors.ErrorCode.REFUSED, "password"),
        )
        self.assertIs(agent.AgentStatus.REFUSED, one.row.status)
        error = one.refusal(contract.INSPECT_AGENT)
        assert error is not None
        self.assertIs(errors.ErrorCode.REFUSED, error.code)


class FoundTestCase(unittest.TestCase):
    """Where an agent is found when the bus is lost later."""

    def address(
        self, announced: str | None, configured: str | None = None
    ) -> str | None:
        expected = inventory.ExpectedHost(name="a", address=configured)
        return roster.found(
            fakes.info("a", address=announced), "a", expected, BUS
        ).row.address

    def test_as_it_says(self) -> None:
        self.assertEqual("192.0.2.1", self.address("192.0.2.1"))
        self.assertEqual("192.0.2.1", known(address="192.0.2.1").row.address)

    def test_the_configuration_comes_first(self) -> None:
        self.assertEqual("192.0.2.9", self.address("192.0.2.1", "192.0.2.9"))

    def test_nothing_but_an_address_is_believed(self) -> None:
        for text in (None, "", "192.0.2.1/x", "other.example.org"):
            self.assertIsNone(self.address(text))


class MergedTestCase(unittest.TestCase):
    """A host that several sources expect is one host."""

    def test_sources_and_addresses(self) -> None:
        hosts = roster.merged(
            [
                inventory.ExpectedHost(name="a", address="192.0.2.1"),
                inventory.ExpectedHost(name="b"),
            ],
            [
                inventory.ExpectedHost(
                    name="a", address="192.0.2.9", sources=("nova",)
                ),
                inventory.ExpectedHost(
                    name="b", address="192.0.2.2", sources=("nova",)
                ),
                inventory.ExpectedHost(name="b", sources=("nova",)),
            ],
        )
        self.assertEqual(["a", "b"], list(hosts))
        self.assertEqual("192.0.2.1", hosts["a"].address)
        self.assertEqual("192.0.2.2", hosts["b"].address)
        self.assertEqual(("configuration", "nova"), hosts["b"].sources)


class LearnedTestCase(unittest.TestCase):
    """What an agent did when it was asked changes its row."""

    def test_nothing_new(self) -> None:
        one = known()
        self.assertEqual(one, roster.learned(one, settled(BUS)))

    def test_lost_the_bus(self) -> None:
        row = roster.learned(known(), settled(DIRECT, None, "timed out")).row
        self.assertIs(agent.AgentStatus.UP, row.status)
        self.assertIs(DIRECT, row.transport)
        self.assertEqual("lost the bus: timed out", row.reason)

    def test_fell_silent(self) -> None:
        error = errors.OperationError(errors.ErrorCode.NO_ANSWER, "gone")
        row = roster.learned(known(), settled(None, error)).row
        self.assertIs(agent.AgentStatus.SILENT, row.status)
        self.assertIsNone(row.transport)
        self.assertEqual("gone", row.reason)

    def test_could_not(self) -> None:
        error = errors.OperationError(errors.ErrorCode.BUSY, "busy")
        one = known()
        self.assertEqual(one, roster.learned(one, settled(BUS, error)))
