# SPDX-License-Identifier: Apache-2.0

import threading
from typing import Any
import unittest
from unittest import mock

from steth.controller import hold
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests

_PING = requests.ProbeIcmp(targets=(requests.IcmpTarget(address="192.0.2.1"),))


class HoldTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.said: list[tuple[str, Any, requests.Hold | None]] = []
        self.renewed = threading.Semaphore(0)
        self.problem: Exception | None = None
        self.hold = hold.Hold(self.ask)
        patched = mock.patch.object(hold, "_EVERY", 0.001)
        patched.start()
        self.addCleanup(patched.stop)

    def ask(
        self,
        operation: contract.Operation,
        request: requests.Request,
        *,
        timeout: float,
        hold: requests.Hold | None = None,
    ) -> Any:
        """Stand for an agent that replies when it heard two renewals."""
        self.said.append((operation.name, request, hold))
        if operation is contract.PROBE_ICMP:
            for _ in range(2):
                self.assertTrue(self.renewed.acquire(timeout=10))
            return 42
        self.renewed.release()
        if self.problem is not None:
            raise self.problem
        return None

    def call(self) -> Any:
        return self.hold.call(contract.PROBE_ICMP, _PING, timeout=60.0)

    def test_it_is_renewed_while_it_is_waited_for(self) -> None:
        self.assertEqual(42, self.call())
        (name, request, terms), *renewals = self.said
        assert terms is not None
        self.assertEqual(("probe.icmp", _PING), (name, request))
        self.assertGreater(terms.lease, 2 * hold._TIMEOUT)
        self.assertEqual(
            {("task.renew", terms.id, terms.lease, None)},
            {(one[0], one[1].id, one[1].lease, one[2]) for one in renewals},
        )

    def test_a_renewal_that_fails_is_not_the_last(self) -> None:
        self.problem = errors.OperationError(
            errors.ErrorCode.NO_ANSWER, "lost"
        )
        self.assertEqual(42, self.call())

    def test_a_renewal_that_breaks_is_not_the_last(self) -> None:
        self.problem = ZeroDivisionError()
        self.assertEqual(42, self.call())

    def test_it_is_not_renewed_when_it_was_let_go(self) -> None:
        self.hold.let_go()
        self.renewed.release(2)
        self.assertEqual(42, self.call())
        self.assertEqual(["probe.icmp"], [one[0] for one in self.said])

    def test_ended(self) -> None:
        self.problem = errors.OperationError(
            errors.ErrorCode.BAD_ARGUMENT, "there is no task"
        )
        self.hold.end()
        self.renewed.release(2)
        self.call()
        (stop, _, _), (_, _, terms) = self.said
        assert terms is not None
        self.assertEqual("task.stop", stop)
        self.assertEqual(requests.TaskStop(id=terms.id), self.said[0][1])


class TermsTestCase(unittest.TestCase):
    def test_some_messages_may_get_lost(self) -> None:
        self.assertLess(2 * hold._EVERY + hold._TIMEOUT, hold.LEASE)
