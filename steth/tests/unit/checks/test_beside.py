# SPDX-License-Identifier: Apache-2.0

import threading
import unittest

from steth.checks import beside


class BesideTestCase(unittest.TestCase):
    def test_it_goes_on_meanwhile(self) -> None:
        both = threading.Barrier(2)
        found = beside.start(lambda: both.wait(10))
        self.assertEqual({0, 1}, {both.wait(10), found.result(10)})

    def test_what_it_raises(self) -> None:
        def fail() -> None:
            raise KeyError("x")

        with self.assertRaises(KeyError):
            beside.start(fail).result(10)
