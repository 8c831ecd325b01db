# SPDX-License-Identifier: Apache-2.0
"""Tests of the diagnosis, with a kernel that answers from tables."""

from collections.abc import Iterator
import errno
import os
import socket
import struct
from typing import cast
import unittest
from unittest import mock

from steth.agent.inspect import netlink
from steth.agent.inspect import rtnetlink
from steth.agent.probe import diagnosis
from steth.agent.probe import failure
from steth.agent.probe import session
from steth.agent.probe import tally
from steth.model import probe
from steth.rpc import requests
from steth.tests.unit.agent.inspect import messages

_KIND = probe.FailureKind
_INCOMPLETE, _REACHABLE, _STALE, _FAILED = 0x01, 0x02, 0x04, 0x20
_NOARP = 0x80
_OIF, _GATEWAY = 4, 5


class _Kernel:
    """Answers what a diagnosis asks; remembers what that was."""

    def __init__(self) -> None:
        self.gateway: str | None = None
        self.route_kind = 1
        self.route_error = 0
        self.state: int | None = _REACHABLE
        self.neighbour_error = errno.ENOENT
        self.flags = 0x1
        self.table = (10, 1024)
        self.asked: list[int] = []

    def get(
        self,
        kind: int,
        body: bytes,
        attributes: rtnetlink.Attributes | None = None,
    ) -> bytes:
        self.asked.append(kind)
        if kind == rtnetlink.RTM_GETROUTE:
            if self.route_error:
                raise OSError(self.route_error, os.strerror(self.route_error))
            more = {_OIF: messages.number(2)}
            if self.gateway:
                more[_GATEWAY] = socket.inet_aton(self.gateway)
            return messages.route(
                "10.0.0.0/24", kind=self.route_kind, more=more
            )
        if kind == rtnetlink.RTM_GETLINK:
            mtu = {4: messages.number(1400)}
            return messages.link(2, "eth0", self.flags, more=mtu)
        assert kind == rtnetlink.RTM_GETNEIGH
        if self.state is None:
            number = self.neighbour_error
            raise OSError(number, os.strerror(number))
        return messages.neighbour(2, "10.0.0.2", self.state)

    def dump(self, kind: int, body: bytes) -> Iterator[bytes]:
        self.asked.append(kind)
        if kind == rtnetlink.RTM_GETADDR:
            yield messages.address(2, "10.0.0.1", 24)
            yield messages.address(2, "fd00::1", 64)
            return
        assert kind == rtnetlink.RTM_GETNEIGHTBL
        entries, limit = self.table
        config = struct.pack("=HHI", 4, 300, entries)
        yield rtnetlink.NDTMSG.pack(2) + messages.attributes(
            {4: messages.number(limit), 5: config}
        )
        yield rtnetlink.NDTMSG.pack(2)


class DiagnosisTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.kernel = _Kernel()
        self.diagnosis = diagnosis.Diagnosis(
            cast(netlink.RouteSocket, self.kernel)
        )

    def cause(
        self,
        found: failure.Failure = failure.SILENCE,
        address: str = "10.0.0.2",
        source: str | None = None,
        device: str | None = None,
    ) -> failure.Cause:
        target = session.Target.of(
            requests.IcmpTarget(address=address, source=source, device=device)
        )
        return self.diagnosis.cause(target, found)

    def test_silence_of_somebody_who_is_there(self) -> None:
        for state in (_REACHABLE, _STALE):
            self.kernel.state = state
            self.assertEqual(
                failure.Cause(kind=_KIND.SILENT),
                diagnosis.Diagnosis(
                    cast(netlink.RouteSocket, self.kernel)
                ).cause(
                    session.Target.of(requests.IcmpTarget(address="10.0.0.2")),
                    failure.SILENCE,
                ),
            )

    def test_silence_of_somebody_who_does_not_resolve(self) -> None:
        for state in (_INCOMPLETE, _FAILED, None):
            with self.subTest(state=state):
                self.setUp()
                self.kernel.state = state
                self.assertEqual(
                    failure.Cause(kind=_KIND.NO_NEIGHBOUR), self.cause()
                )

    def test_it_is_the_next_hop_that_does_not_resolve(self) -> None:
        self.kernel.state = _FAILED
        self.kernel.gateway = "10.0.0.254"
        cause = self.cause()
        self.assertEqual(_KIND.NO_NEIGHBOUR, cause.kind)
        self.assertIn("10.0.0.254", cause.detail or "")

    def test_no_room_for_neighbours(self) -> None:
        self.kernel.state = None
        self.kernel.table = (1000, 1024)
        cause = self.cause()
        self.assertEqual(_KIND.NO_NEIGHBOUR, cause.kind)
        self.assertIn("gc_thresh3", cause.detail or "")
        self.assertIn("1000 of 1024", cause.detail or "")

    def test_a_device_where_nothing_is_resolved(self) -> None:
        self.kernel.flags |= _NOARP
        self.kernel.state = None
        self.assertEqual(_KIND.SILENT, self.cause().kind)

    def test_this_host_itself_does_not_answer(self) -> None:
        self.kernel.route_kind = 2
        self.kernel.state = None
        self.assertEqual(_KIND.SILENT, self.cause().kind)

    def test_in_doubt_it_is_silence(self) -> None:
        # The route has gone, and a kernel that can't be asked for one entry.
        self.kernel.route_error = errno.ENETUNREACH
        self.assertEqual(_KIND.SILENT, self.cause().kind)
        self.setUp()
        self.kernel.state = None
        self.kernel.neighbour_error = errno.EOPNOTSUPP
        self.assertEqual(_KIND.SILENT, self.cause().kind)
        self.assertEqual(_KIND.SILENT, self.cause(device="no0such").kind)

    def test_nothing_is_asked_twice(self) -> None:
        for _ in range(3):
            self.cause()
        self.assertEqual(
            [
                rtnetlink.RTM_GETROUTE,
                rtnetlink.RTM_GETLINK,
                rtnetlink.RTM_GETNEIGH,
            ],
            self.kernel.asked,
        )

    def test_too_big_for_the_device(self) -> None:
        cause = self.cause(failure.Failure(number=errno.EMSGSIZE))
        self.assertEqual((_KIND.TOO_BIG, 1400), (cause.kind, cause.mtu))

    def test_no_route(self) -> None:
        unreachable = failure.Failure(number=errno.ENETUNREACH)
        self.assertEqual(_KIND.NO_ROUTE, self.cause(unreachable).kind)
        cause = self.cause(unreachable, source="10.0.0.1")
        self.assertEqual(_KIND.NO_ROUTE, cause.kind)

    def test_a_source_that_is_not_ours(self) -> None:
        # The kernel calls that unreachable, or invalid.
        for number, address, source in (
            (errno.ENETUNREACH, "10.0.0.2", "10.0.0.77"),
            (errno.EINVAL, "fd00::2", "fd00::77"),
        ):
            cause = self.cause(failure.Failure(number=number), address, source)
            self.assertEqual(_KIND.NOT_SENT, cause.kind)
            self.assertIn("source", cause.detail or "")

    def test_who_reported(self) -> None:
        for address, kind, code, own, other in (
            ("10.0.0.2", 3, 1, "10.0.0.1", "10.0.0.254"),
            ("fd00::2", 1, 3, "fd00::1", "fd00::254"),
        ):
            told = failure.Failure(type=kind, code=code, reporter=own)
            self.assertEqual(
                _KIND.NO_NEIGHBOUR, self.cause(told, address).kind
            )
            told = failure.Failure(type=kind, code=code, reporter=other)
            cause = self.cause(told, address)
            self.assertEqual(
                (_KIND.FILTERED, other), (cause.kind, cause.reported_by)
            )


class ExplainTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.kernel = mock.MagicMock()
        self.kernel.__enter__.return_value = _Kernel()
        patched = mock.patch.object(
            netlink, "RouteSocket", autospec=True, return_value=self.kernel
        )
        self.opened = patched.start()
        self.addCleanup(patched.stop)

    def explain(
        self, *failures: failure.Failure | None
    ) -> diagnosis.Explained:
        request = requests.ProbeIcmp(
            targets=(requests.IcmpTarget(address="10.0.0.2"),) * len(failures)
        )
        counted = tally.ProbeTally(
            targets=tuple(
                tally.TargetTally(sent=1, received=0, failure=one)
                for one in failures
            ),
            duration=1.0,
        )
        found = diagnosis.explain(request, counted)
        self.assertEqual(counted, found.tally)
        return found

    def test_in_order(self) -> None:
        found = self.explain(
            failure.SILENCE, None, failure.Failure(number=errno.EPERM)
        )
        self.assertEqual(
            [_KIND.SILENT, _KIND.NOT_SENT], [one.kind for one in found.causes]
        )
        self.kernel.__exit__.assert_called_once()

    def test_nothing_to_explain(self) -> None:
        self.assertEqual((), self.explain(None, None).causes)
        self.opened.assert_not_called()
