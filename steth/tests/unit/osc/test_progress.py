# SPDX-License-Identifier: Apache-2.0

import io
import os
import unittest
from unittest import mock

from steth.osc import progress


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class ProgressTestCase(unittest.TestCase):
    """It is seen on a terminal only, and leaves nothing there."""

    def test_terminal(self) -> None:
        stream = _Terminal()
        with (
            mock.patch.dict(os.environ, {"COLUMNS": "20"}),
            progress.Progress(stream) as show,
        ):
            show("looking for agents everywhere")
            self.assertEqual("\r\x1b[Klooking for agents ", stream.getvalue())
        self.assertTrue(stream.getvalue().endswith("\r\x1b[K"))

    def test_gone_after_an_error(self) -> None:
        stream = _Terminal()
        with (
            self.assertRaises(KeyboardInterrupt),
            progress.Progress(stream) as show,
        ):
            show("looking")
            raise KeyboardInterrupt
        self.assertTrue(stream.getvalue().endswith("\r\x1b[K"))

    def test_nothing_to_show(self) -> None:
        stream = _Terminal()
        with progress.Progress(stream):
            pass
        self.assertEqual("", stream.getvalue())

    def test_announced(self) -> None:
        stream = _Terminal()
        with progress.Progress(stream) as show:
            show("looking")
            show.announce("a load of 3 tests")
            show("sending")
        self.assertEqual(
            "\r\x1b[Klooking\r\x1b[Ka load of 3 tests\n"
            "\r\x1b[Ksending\r\x1b[K",
            stream.getvalue(),
        )

    def test_announced_without_a_terminal(self) -> None:
        stream = io.StringIO()
        with progress.Progress(stream) as show:
            show.announce("a load of 3 tests")
        self.assertEqual("a load of 3 tests\n", stream.getvalue())

    def test_the_terminal_is_closed(self) -> None:
        stream = _Terminal()
        with progress.Progress(stream) as show:
            show("looking")
            with mock.patch.object(
                stream, "write", autospec=True, side_effect=OSError
            ):
                show("sending")
        self.assertTrue(stream.getvalue().startswith("\r\x1b[Klooking"))

    def test_no_terminal(self) -> None:
        stream = io.StringIO()
        with progress.Progress(stream) as show:
            show("looking")
        self.assertEqual("", stream.getvalue())
