# SPDX-License-Identifier: Apache-2.0
"""Tests of ``probe.icmp``, without the privileged process."""

from collections.abc import Callable
import os
import threading
from typing import Any
import unittest
from unittest import mock

import msgspec
from oslo_privsep import daemon

from steth.agent.inspect import named
from steth.agent.privileged import icmp as privileged_icmp
from steth.agent.privileged import stopping
from steth.agent.probe import diagnosis
from steth.agent.probe import failure
from steth.agent.probe import icmp
from steth.agent.probe import tally
from steth.model import probe
from steth.rpc import errors
from steth.rpc import requests

_KIND = probe.FailureKind
_REQUEST = requests.ProbeIcmp(
    targets=(
        requests.IcmpTarget(address="10.0.0.2"),
        requests.IcmpTarget(address="10.0.0.3", size=1500),
    )
)
_ANSWERED = tally.TargetTally(
    sent=5,
    received=5,
    duplicates=1,
    rtt_min=1.0,
    rtt_avg=2.0,
    rtt_max=3.0,
    rtt_stddev=0.5,
)
_SILENT = tally.TargetTally(sent=5, received=0, failure=failure.SILENCE)


class _TestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.run_probe = self.patch(privileged_icmp, "run")
        self.cancel = self.patch(stopping, "cancel")
        self.explain = self.patch(diagnosis, "explain")
        self.causes: tuple[failure.Cause, ...] = ()
        self.explain.side_effect = lambda request, found: diagnosis.Explained(
            tally=found, causes=self.causes
        )
        self.finds(_ANSWERED, _ANSWERED)

    def patch(self, module: Any, name: str) -> mock.Mock:
        patched = mock.patch.object(module, name, autospec=True)
        self.addCleanup(patched.stop)
        return patched.start()

    def finds(self, *targets: tally.TargetTally, **values: Any) -> None:
        self.run_probe.return_value = msgspec.to_builtins(
            tally.ProbeTally(targets=targets, duration=1.5, **values)
        )

    def assert_fails(
        self, code: errors.ErrorCode, **arguments: Any
    ) -> errors.OperationError:
        with self.assertRaises(errors.OperationError) as caught:
            icmp.probe(_REQUEST, 1000, **arguments)
        self.assertEqual(code, caught.exception.code)
        return caught.exception

    @staticmethod
    def _until(ended: threading.Event) -> Callable[..., None]:
        def run(*_: object) -> None:
            assert ended.wait(10)

        return run


class ProbeTestCase(_TestCase):
    def test_what_the_privileged_process_is_told(self) -> None:
        icmp.probe(_REQUEST, 700)
        arguments, asked, rate, token, agent = self.run_probe.call_args.args
        self.assertEqual([], asked)
        self.assertEqual(
            _REQUEST, msgspec.convert(arguments, requests.ProbeIcmp)
        )
        self.assertEqual((700, os.getpid()), (rate, agent))
        self.assertGreater(token, 0)

    def test_answers(self) -> None:
        report = icmp.probe(_REQUEST, 1000)
        self.assertEqual(
            probe.IcmpResult(
                address="10.0.0.3",
                size=1500,
                sent=5,
                received=5,
                rtt_min=1.0,
                rtt_avg=2.0,
                rtt_max=3.0,
                rtt_stddev=0.5,
                duplicates=1,
            ),
            report.results[1],
        )
        self.assertEqual(1.5, report.duration)

    def test_failures(self) -> None:
        self.finds(_ANSWERED, _SILENT)
        self.causes = (
            failure.Cause(
                kind=_KIND.TOO_BIG, mtu=1400, reported_by="10.0.0.9"
            ),
        )
        report = icmp.probe(_REQUEST, 1000)
        self.assertIsNone(report.results[0].failure)
        found = report.results[1]
        self.assertEqual(
            (_KIND.TOO_BIG, 1400, "10.0.0.9"),
            (found.failure, found.mtu, found.reported_by),
        )

    def test_what_the_prober_lost_itself(self) -> None:
        self.finds(_SILENT, _SILENT, lost=7)
        self.causes = (
            failure.Cause(kind=_KIND.SILENT),
            failure.Cause(kind=_KIND.NO_NEIGHBOUR),
        )
        with self.assertLogs(icmp.LOG):
            report = icmp.probe(_REQUEST, 1000)
        self.assertIn("7 answers", report.results[0].detail or "")
        self.assertIsNone(report.results[1].detail)

    def test_sightings(self) -> None:
        seen = probe.Sighting(
            kind=probe.PacketKind.ARP,
            outgoing=True,
            device="eth0",
            source="10.0.0.1",
            destination="10.0.0.2",
            size=0,
            count=3,
        )
        self.finds(_ANSWERED, _ANSWERED, sightings=(seen,), lost_by_watch=2)
        report = icmp.probe(_REQUEST, 1000)
        self.assertEqual((seen,), report.sightings)
        self.assertEqual(2, report.lost_by_watch)

    def test_too_long_at_this_agents_pace(self) -> None:
        request = requests.ProbeIcmp(
            targets=(requests.IcmpTarget(address="10.0.0.2"),) * 4000,
            count=40,
            interval=0.01,
        )
        with self.assertRaises(errors.OperationError) as caught:
            icmp.probe(request, 1000)
        self.assertEqual(errors.ErrorCode.BAD_ARGUMENT, caught.exception.code)
        self.assertEqual("count", caught.exception.argument)
        self.assertIn("1000 packets", caught.exception.message)
        self.run_probe.assert_not_called()

    def test_without_the_privilege(self) -> None:
        for failed in (
            PermissionError(1, "Operation not permitted"),
            FileNotFoundError(2, "No such file or directory", "sudo"),
            daemon.FailedToDropPrivileges("helper exited non-zero"),
        ):
            self.run_probe.side_effect = failed
            error = self.assert_fails(errors.ErrorCode.FAILED)
            self.assertIn("[steth_probe] helper_command", error.message)
            self.assertIn(str(failed), error.message)

    def test_the_privileged_process_died(self) -> None:
        self.run_probe.side_effect = OSError("Premature eof")
        error = self.assert_fails(errors.ErrorCode.FAILED)
        self.assertIn("Premature eof", error.message)
        self.assertNotIn("helper_command", error.message)

    def test_stopped(self) -> None:
        stopping = threading.Event()
        stopping.set()
        ended = threading.Event()
        self.cancel.side_effect = lambda token: ended.set()
        self.run_probe.side_effect = self._until(ended)
        error = self.assert_fails(errors.ErrorCode.FAILED, cancelled=stopping)
        self.assertIn("stopping", error.message)
        self.assertEqual(
            self.run_probe.call_args.args[3], self.cancel.call_args.args[0]
        )

    def test_said_again_when_it_came_too_early(self) -> None:
        stopping = threading.Event()
        stopping.set()
        ended = threading.Event()

        def cancel(token: int) -> None:
            if self.cancel.call_count > 1:
                ended.set()

        self.cancel.side_effect = cancel
        self.run_probe.side_effect = self._until(ended)
        self.assert_fails(errors.ErrorCode.FAILED, cancelled=stopping)

    def test_not_stopped(self) -> None:
        report = icmp.probe(_REQUEST, 1000, threading.Event())
        self.assertEqual(2, len(report.results))
        self.cancel.assert_not_called()


class InsideTestCase(_TestCase):
    """The same, in another network namespace."""

    def setUp(self) -> None:
        super().setUp()
        self.request = msgspec.structs.replace(_REQUEST, netns="qrouter-1")
        self.run_inside = self.patch(privileged_icmp, "run_inside")
        self.check = self.patch(named, "check")
        self.cancel_inside = self.patch(stopping, "cancel_inside")

    def test_what_is_found_there(self) -> None:
        cause = failure.Cause(kind=_KIND.NO_NEIGHBOUR)
        self.run_inside.return_value = msgspec.to_builtins(
            diagnosis.Explained(
                tally=tally.ProbeTally(
                    targets=(_SILENT, _ANSWERED), duration=1.0
                ),
                causes=(cause,),
            )
        )
        report = icmp.probe(self.request, 700)
        self.assertEqual(
            [_KIND.NO_NEIGHBOUR, None],
            [one.failure for one in report.results],
        )
        netns, arguments, rate, _, agent = self.run_inside.call_args.args
        self.assertEqual(("qrouter-1", 700, os.getpid()), (netns, rate, agent))
        self.assertEqual(
            self.request, msgspec.convert(arguments, requests.ProbeIcmp)
        )
        # Neither is done in the agent's own namespace.
        self.run_probe.assert_not_called()
        self.explain.assert_not_called()

    def test_no_such_namespace(self) -> None:
        self.check.side_effect = errors.OperationError(
            errors.ErrorCode.BAD_ARGUMENT, "there is none"
        )
        with self.assertRaisesRegex(errors.OperationError, "there is none"):
            icmp.probe(self.request, 1000)
        self.run_inside.assert_not_called()

    def test_without_the_other_privilege(self) -> None:
        self.run_inside.side_effect = PermissionError(1, "no")
        with self.assertRaisesRegex(
            errors.OperationError, r"\[steth_namespace_probe\] helper_command"
        ):
            icmp.probe(self.request, 1000)

    def test_ended_there(self) -> None:
        signal = threading.Event()
        signal.set()
        ended = threading.Event()
        self.cancel_inside.side_effect = lambda token: ended.set()
        self.run_inside.side_effect = self._until(ended)
        with self.assertRaisesRegex(errors.OperationError, "stopping"):
            icmp.probe(self.request, 1000, signal)
        self.cancel.assert_not_called()
