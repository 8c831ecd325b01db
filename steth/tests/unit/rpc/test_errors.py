# SPDX-License-Identifier: Apache-2.0

import unittest

from steth.rpc import errors


class InsteadOfTestCase(unittest.TestCase):
    def test_close(self) -> None:
        self.assertEqual(
            "; did you mean 'eth1'?; there are: bond0, eth1",
            errors.instead_of("eht1", ["eth1", "bond0"]),
        )

    def test_none(self) -> None:
        self.assertEqual(
            "; br0 has: none", errors.instead_of("x", [], "br0 has")
        )

    def test_many(self) -> None:
        said = errors.instead_of("x", (f"host{one:03}" for one in range(300)))
        self.assertTrue(said.endswith("host019 and 280 more"), said)
