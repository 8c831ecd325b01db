# SPDX-License-Identifier: Apache-2.0

from typing import Any
import unittest

from steth.osc import columns


class ColumnsTestCase(unittest.TestCase):
    """People read one thing, machines the plain value."""

    def test_plain(self) -> None:
        for value, plain in (
            (columns.Text(None), None),
            (columns.Uptime(1.5), 1.5),
            (columns.Number(3), 3),
            ("a", "a"),
            (4, 4),
        ):
            self.assertEqual(plain, columns.plain(value))
        for kept in (
            columns.Answer(True),
            columns.Text("a"),
            columns.Names("ab"),
        ):
            self.assertIs(kept, columns.plain(kept))

    def test_uptime(self) -> None:
        for seconds, said in (
            (None, "-"),
            (0.4, "0 s"),
            (59.9, "59 s"),
            (60.0, "1 min 0 s"),
            (3725.0, "1 h 2 min"),
            (86400.0, "1 d 0 s"),
            (93784.5, "1 d 2 h"),
        ):
            one = columns.Uptime(seconds)
            self.assertEqual(said, one.human_readable())
            self.assertEqual(seconds, one.machine_readable())

    def test_text(self) -> None:
        self.assertEqual("-", columns.Text(None).human_readable())
        self.assertIsNone(columns.Text(None).machine_readable())
        self.assertEqual("a", columns.Text("a").human_readable())

    def test_names(self) -> None:
        one = columns.Names(name for name in ("a", "b"))
        self.assertEqual("a, b", one.human_readable())
        self.assertEqual(["a", "b"], one.machine_readable())
        self.assertEqual("-", columns.Names([]).human_readable())
        self.assertEqual("a\nb", columns.Lines("ab").human_readable())

    def test_wrapped(self) -> None:
        names = ["100000baseSR4/Full", "50000baseSR2/Full"] * 2
        one = columns.Wrapped(names)
        self.assertEqual(
            "100000baseSR4/Full, 50000baseSR2/Full,\n"
            "100000baseSR4/Full, 50000baseSR2/Full",
            one.human_readable(),
        )
        self.assertEqual(names, one.machine_readable())
        self.assertEqual("-", columns.Wrapped([]).human_readable())

    def test_pairs(self) -> None:
        one = columns.Pairs(
            {"a": "b", "c": True, "d": False, "e": None, "f": ["g", "h"]}
        )
        self.assertEqual("a=b\nc=yes\nd=no\ne=-\nf=g, h", one.human_readable())
        self.assertIs(True, one.machine_readable()["c"])
        self.assertEqual("-", columns.Pairs({}).human_readable())

    def test_rows(self) -> None:
        rows: list[dict[str, Any]] = [
            {"a": "x", "b": ["y", "z"]},
            {"a": None, "b": []},
        ]
        one = columns.Rows(rows)
        self.assertEqual("a  b\nx  y, z\n-  -", one.human_readable())
        self.assertEqual(rows, one.machine_readable())

    def test_namespace(self) -> None:
        for name, said in (
            ("blue", "blue"),
            ("", "the host's own"),
            (None, "-"),
        ):
            one = columns.Namespace(name)
            self.assertEqual(said, one.human_readable())
            self.assertEqual(name, one.machine_readable())

    def test_offloads(self) -> None:
        offloads = [
            {"name": name, "active": active, "fixed": fixed}
            for name, active, fixed in (
                ("rx-lro", False, True),
                ("highdma", True, True),
                ("rx-all", False, False),
            )
        ]
        one = columns.Offloads(offloads)
        self.assertEqual("on: highdma\noff: rx-all", one.human_readable())
        self.assertEqual(offloads, one.machine_readable())
        self.assertEqual(
            "on: -\noff: -", columns.Offloads([]).human_readable()
        )

    def test_clock_offset(self) -> None:
        self.assertEqual("-", columns.ClockOffset(None).human_readable())
        self.assertEqual(
            "+0.001 s", columns.ClockOffset(0.00123).human_readable()
        )
        self.assertEqual("-2.000 s", columns.ClockOffset(-2).human_readable())

    def test_links(self) -> None:
        for column, shown in (
            (columns.Number(42), "42"),
            (columns.Number(0), "0"),
            (columns.Number(None), "-"),
            (columns.Answer(True), "yes"),
            (columns.Answer(False), "no"),
            (columns.Answer(None), "-"),
            (columns.Speed(25000), "25 Gbit/s"),
            (columns.Speed(2500), "2500 Mbit/s"),
            (columns.Speed(100), "100 Mbit/s"),
            (columns.Speed(None), "-"),
        ):
            with self.subTest(shown=shown):
                self.assertEqual(shown, column.human_readable())
