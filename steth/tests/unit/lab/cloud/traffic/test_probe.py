# SPDX-License-Identifier: Apache-2.0
"""How what a tool printed is judged."""

import subprocess
import unittest

from steth.lab.cloud.traffic import cell
from steth.lab.cloud.traffic import probe


class JudgeTestCase(unittest.TestCase):
    """A cell passes where what came is what had to come."""

    def judge(
        self,
        kind: cell.Kind,
        code: int,
        out: str = "",
        err: str = "",
        expected: str = "",
    ) -> tuple[bool, str]:
        """Return whether it passed, and what is said of it."""
        found = probe.judge(
            cell.Cell(name="a/b", kind=kind, expected=expected),
            subprocess.CompletedProcess([], code, out, err),
            1.25,
        )
        return found.passed, found.said

    def test_a_reply_passes(self) -> None:
        self.assertEqual(
            (True, "1.25 s"), self.judge(cell.Kind.PING, 0, "1 received")
        )

    def test_silence_fails(self) -> None:
        self.assertEqual(
            (False, "nothing in 1.2 s"), self.judge(cell.Kind.PING, 1)
        )

    def test_an_impostor_fails(self) -> None:
        self.assertEqual(
            (False, "got other, not web1"),
            self.judge(cell.Kind.HTTP, 0, "other\n", expected="web1"),
        )

    def test_what_the_tool_says_is_kept(self) -> None:
        self.assertEqual(
            (False, "connect: Network is unreachable"),
            self.judge(
                cell.Kind.PING,
                2,
                err="ping: x\nconnect: Network is unreachable\n",
            ),
        )

    def test_blocked_passes_where_nothing_gets_in(self) -> None:
        self.assertEqual(
            (True, "kept out"), self.judge(cell.Kind.BLOCKED, 124)
        )
        self.assertEqual(
            (False, "got in: web2"),
            self.judge(cell.Kind.BLOCKED, 0, "web2\n"),
        )
