# SPDX-License-Identifier: Apache-2.0
"""Tests of what failures mean."""

import errno
import unittest

from steth.agent.probe import failure
from steth.model import probe

_KIND = probe.FailureKind


class OfErrnoTestCase(unittest.TestCase):
    def test_kinds(self) -> None:
        for number, kind in (
            (errno.ENETUNREACH, _KIND.NO_ROUTE),
            (errno.EHOSTUNREACH, _KIND.NO_ROUTE),
            (errno.EPERM, _KIND.NOT_SENT),
            (errno.EACCES, _KIND.NOT_SENT),
            (errno.EINVAL, _KIND.NOT_SENT),
            (errno.ENOMEM, _KIND.NOT_SENT),
        ):
            with self.subTest(number=errno.errorcode[number]):
                cause = failure.of_errno(failure.Failure(number=number), 1500)
                self.assertEqual(kind, cause.kind)
                self.assertTrue(cause.detail)
                self.assertIsNone(cause.mtu)
                self.assertIsNone(cause.reported_by)

    def test_too_big_for_the_device(self) -> None:
        cause = failure.of_errno(failure.Failure(number=errno.EMSGSIZE), 1400)
        self.assertEqual(
            failure.Cause(kind=_KIND.TOO_BIG, mtu=1400, reported_by=None),
            cause,
        )


class OfIcmpTestCase(unittest.TestCase):
    def cause(
        self,
        version: int,
        kind: int,
        code: int,
        *,
        local: bool = False,
        mtu: int = 0,
    ) -> failure.Cause:
        return failure.of_icmp(
            failure.Failure(type=kind, code=code, mtu=mtu, reporter="R"),
            version,
            local=local,
        )

    def test_refused_by_somebody(self) -> None:
        for version, kind, code, word in (
            (4, 3, 1, "host unreachable"),
            (4, 3, 3, "port unreachable"),
            (4, 3, 13, "administratively"),
            (4, 11, 0, "time to live"),
            (4, 3, 15, "type 3 code 15"),
            (6, 1, 1, "administratively"),
            (6, 1, 3, "address unreachable"),
            (6, 3, 0, "hop limit"),
        ):
            with self.subTest(version=version, type=kind, code=code):
                cause = self.cause(version, kind, code)
                self.assertEqual(_KIND.FILTERED, cause.kind)
                self.assertEqual("R", cause.reported_by)
                self.assertIn(word, cause.detail or "")

    def test_our_own_host_could_not_resolve_it(self) -> None:
        for version, kind, code in ((4, 3, 1), (6, 1, 3)):
            cause = self.cause(version, kind, code, local=True)
            self.assertEqual(_KIND.NO_NEIGHBOUR, cause.kind)
            self.assertIsNone(cause.reported_by)

    def test_our_own_host_refuses(self) -> None:
        cause = self.cause(4, 3, 13, local=True)
        self.assertEqual(_KIND.FILTERED, cause.kind)
        self.assertEqual("R", cause.reported_by)

    def test_too_big(self) -> None:
        for version, kind, code in ((4, 3, 4), (6, 2, 0)):
            self.assertEqual(
                failure.Cause(kind=_KIND.TOO_BIG, mtu=1300, reported_by="R"),
                self.cause(version, kind, code, mtu=1300),
            )
            self.assertEqual(
                failure.Cause(kind=_KIND.TOO_BIG, mtu=1300),
                self.cause(version, kind, code, mtu=1300, local=True),
            )

    def test_too_big_without_saying_how_big(self) -> None:
        # As routers before RFC 1191 do.
        self.assertIsNone(self.cause(4, 3, 4).mtu)
