# SPDX-License-Identifier: Apache-2.0

import unittest

import msgspec

from steth.checks import catalogue
from steth.checks.mesh import cause


def _cause(network: str, device: str | None = "eth1") -> cause.Cause:
    return cause.Cause(
        entry=catalogue.UNDERLAY_NO_CARRIER,
        summary="no carrier",
        host="a",
        device=device,
        networks=(network,),
        evidence=(),
        covers=frozenset({cause.Pair(network, "a", "b")}),
    )


class CauseTestCase(unittest.TestCase):
    """Causes are merged, and counted in what they affect."""

    def test_one_nic_on_two_networks_is_one_cause(self) -> None:
        (one,) = cause.merged([_cause("n1"), _cause("n2")])
        self.assertEqual(("n1", "n2"), one.networks)
        self.assertEqual(2, len(one.covers))

    def test_different_devices_are_different_causes(self) -> None:
        self.assertEqual(
            2, len(cause.merged([_cause("n1"), _cause("n1", "eth2")]))
        )

    def test_of_a_host_the_words_tell(self) -> None:
        one, other = _cause("n1", None), _cause("n2", None)
        self.assertEqual(1, len(cause.merged([one, other])))
        other = msgspec.structs.replace(other, summary="no address of n2")
        self.assertEqual(2, len(cause.merged([one, other])))

    def test_finding_counts_the_troubled_pairs_only(self) -> None:
        pair = cause.Pair("n1", "a", "b")
        told = cause.to_finding(
            _cause("n1"), "x", frozenset({pair}), {"n1": 6}
        )
        self.assertEqual(("1 of 6 pairs on n1",), told.affects)
        self.assertEqual("underlay-no-carrier", told.code)
        self.assertEqual("n1", told.location.network)
        told = cause.to_finding(_cause("n1"), "x", frozenset(), {"n1": 6})
        self.assertEqual((), told.affects)

    def test_both_ways(self) -> None:
        pair = cause.Pair("n", "a", "b")
        self.assertEqual(
            {pair, cause.Pair("n", "b", "a")}, cause.both_ways([pair])
        )

    def test_listed(self) -> None:
        self.assertEqual("a, b", cause.listed(["a", "b"]))
        self.assertEqual("a, b and 3 more", cause.listed(list("abcde"), 2))
