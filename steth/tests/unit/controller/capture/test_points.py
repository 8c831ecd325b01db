# SPDX-License-Identifier: Apache-2.0

import unittest

from steth.controller.capture import points


class PointsTestCase(unittest.TestCase):
    def test_good(self) -> None:
        for text, expected in (
            ("compute1:eth1", ("compute1", "eth1", None)),
            ("a.example.org:any", ("a.example.org", "any", None)),
            ("c1:eth0:1", ("c1", "eth0:1", None)),
            ("net1:qr-1@qrouter-5", ("net1", "qr-1", "qrouter-5")),
        ):
            one = points.parse(text)
            self.assertEqual(expected, (one.host, one.device, one.netns))
            self.assertEqual(text, one.name)
            self.assertEqual(one.device, one.request.device)

    def test_bad(self) -> None:
        for text in (
            "",
            "compute1",
            "compute1:",
            ":eth1",
            "compute1:eth1@",
            "compute1:eth/1",
            "compute1:sixteen-letters-",
            "compute1:eth1@../x",
            "compute1:eth1@..",
            "compute1:eth1 @x",
        ):
            with (
                self.subTest(text),
                self.assertRaisesRegex(ValueError, "is not a point"),
            ):
                points.parse(text)
