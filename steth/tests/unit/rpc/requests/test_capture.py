# SPDX-License-Identifier: Apache-2.0
"""What a capture may be asked for."""

from typing import Any
import unittest

from steth.rpc import contract
from steth.rpc import errors

_GOOD: dict[str, Any] = {
    "points": [{"device": "eth1"}, {"device": "any", "netns": "qdhcp-1"}],
    "size": 1 << 20,
    "seconds": 10,
}


class CaptureStartTestCase(unittest.TestCase):
    def test_good(self) -> None:
        contract.decode_request(contract.CAPTURE_START, _GOOD)

    def test_bad(self) -> None:
        for argument, value in (
            ("points", []),
            ("points", [{"device": "eth1"}] * 17),
            ("points[0].device", [{"device": "a/b"}]),
            ("points[0].device", [{"device": ""}]),
            ("points[0].netns", [{"device": "eth1", "netns": "../x"}]),
            ("points[0].netns", [{"device": "eth1", "netns": ""}]),
            ("filter", "x" * 8193),
            ("filter", "tcp\0port 1"),
            ("snaplen", 13),
            ("packets", 0),
            ("size", 1 << 31),
            ("seconds", 3661),
            ("lease", 601),
        ):
            name = argument.partition("[")[0]
            with (
                self.subTest(argument=argument, value=value),
                self.assertRaises(errors.OperationError) as caught,
            ):
                contract.decode_request(
                    contract.CAPTURE_START, _GOOD | {name: value}
                )
            self.assertEqual(argument, caught.exception.argument)

    def test_a_namespace_that_is_none(self) -> None:
        with self.assertRaisesRegex(errors.OperationError, "no namespace"):
            contract.decode_request(
                contract.CAPTURE_START,
                _GOOD | {"points": [{"device": "eth1", "netns": ".."}]},
            )
