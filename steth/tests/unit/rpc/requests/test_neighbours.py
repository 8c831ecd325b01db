# SPDX-License-Identifier: Apache-2.0
"""What the agent's door lets in of asking for addresses."""

from typing import Any
import unittest

from steth.rpc import contract
from steth.rpc import errors

_ONE = {"interface": "eth1", "address": "192.0.2.1"}


class NeighbourRequestsTestCase(unittest.TestCase):
    def assert_refused(self, said: str, *asked: Any, **given: Any) -> None:
        with self.assertRaisesRegex(errors.OperationError, said) as caught:
            contract.decode_request(
                contract.PROBE_NEIGHBOURS, {"neighbours": asked} | given
            )
        self.assertEqual(errors.ErrorCode.BAD_ARGUMENT, caught.exception.code)

    def test_good_ones(self) -> None:
        for more in ({}, {"vlan": 4094}, {"source": "192.0.2.9"}):
            contract.decode_request(
                contract.PROBE_NEIGHBOURS, {"neighbours": [_ONE | more]}
            )

    def test_bad_ones(self) -> None:
        self.assert_refused("neighbours")
        self.assert_refused("vlan", _ONE | {"vlan": 4095})
        self.assert_refused("not an IP", _ONE | {"address": "gateway"})
        self.assert_refused("one host", _ONE | {"address": "224.0.0.1"})
        self.assert_refused("same IP version", _ONE | {"source": "::1"})
        self.assert_refused("attempts", _ONE, attempts=6)
        self.assert_refused("timeout", _ONE, timeout=60)
        self.assert_refused("neighbours", *[_ONE] * 513)
        self.assert_refused(
            "33 interfaces",
            *(_ONE | {"interface": f"eth{number}"} for number in range(33)),
        )
