# SPDX-License-Identifier: Apache-2.0
"""What the agent's door lets in of joining a group."""

from typing import Any
import unittest

from steth.rpc import contract
from steth.rpc import errors

_ONE = {"interface": "eth1", "address": "192.0.2.1"}
_KEPT = {"run": 1, "index": 0, "hosts": 2}


class MulticastRequestsTestCase(unittest.TestCase):
    def assert_refused(self, said: str, *places: Any, **given: Any) -> None:
        with self.assertRaisesRegex(errors.OperationError, said) as caught:
            contract.decode_request(
                contract.PROBE_MULTICAST, {"places": places} | _KEPT | given
            )
        self.assertEqual(errors.ErrorCode.BAD_ARGUMENT, caught.exception.code)

    def test_a_good_one(self) -> None:
        contract.decode_request(
            contract.PROBE_MULTICAST,
            _KEPT | {"places": [_ONE, _ONE | {"address": "2001:db8::1"}]},
        )

    def test_bad_ones(self) -> None:
        self.assert_refused("places")
        self.assert_refused("there twice", _ONE, _ONE)
        self.assert_refused("not an IP", _ONE | {"address": "eth1"})
        self.assert_refused("one host", _ONE | {"address": "239.255.0.1"})
        self.assert_refused("2 is not among 2", _ONE, index=2)
        self.assert_refused("count", _ONE, count=21)
        self.assert_refused("delay", _ONE, delay=6)
        self.assert_refused("run", _ONE, run=0)
