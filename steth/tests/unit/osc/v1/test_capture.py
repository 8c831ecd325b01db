# SPDX-License-Identifier: Apache-2.0

import contextlib
import io
import json
import os
import pathlib
import signal
import tempfile
from typing import Any
from typing import cast
from unittest import mock

from osc_lib import exceptions as osc_exceptions

from steth.controller.capture import file
from steth.controller.capture import gather
from steth.model import report
from steth.osc.v1 import capture
from steth.rpc import contract
from steth.tests.unit.controller.capture import agents
from steth.tests.unit.controller.capture import blocks
from steth.tests.unit.osc import fakes


class CapturePacketsTestCase(fakes.CommandTestCase):
    def setUp(self) -> None:
        super().setUp()
        # As on a terminal: who runs tests in the background has them ignored.
        for number, handler in (
            (signal.SIGINT, signal.default_int_handler),
            (signal.SIGHUP, signal.SIG_DFL),
        ):
            self.addCleanup(
                signal.signal, number, signal.signal(number, handler)
            )
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = pathlib.Path(directory.name) / "a.pcapng"
        patcher = mock.patch.object(gather, "_INTERVAL", 0.01)
        patcher.start()
        self.addCleanup(patcher.stop)
        self.hosts = {
            "a": agents.Agent(refused={"bad": "bad: No such device"}),
            "b": agents.Agent(),
        }
        self.scripted = agents.Fleet(self.hosts)
        self.fleet = cast(fakes.Fleet, self.scripted)

    def capture(self, *arguments: str) -> int:
        return self.run_command(
            capture.CapturePackets,
            *("--timeout", "30", "--write", str(self.path)),
            *arguments,
        )

    def rows(self) -> list[dict[str, Any]]:
        return cast(list[dict[str, Any]], json.loads(self.output))

    def test_all_is_well(self) -> None:
        self.assertEqual(0, self.capture("a:eth1", "b:eth1", "-f", "json"))
        self.assertEqual(
            {
                "Point": "b:eth1",
                "Status": "captured",
                "Packets": 3,
                "Bytes": 180,
                "Lost Kernel": 0,
                "Lost Interface": 0,
                "Lost Bound": 0,
                "Lost Bound Bytes": 0,
                "Clock Offset": 0.0,
                "Clock Error": 0.002,
                "Detail": None,
            },
            self.rows()[1],
        )
        self.assertEqual(["a", "b"], self.asked["hosts"])
        # One agent that is silent does not cost what the others have.
        self.assertEqual({80.0}, self.hosts["b"].leases)
        self.assertEqual(6, len(blocks.read(self.path).packets))

    def test_something_is_missing(self) -> None:
        code = self.capture("a:eth1", "a:bad", "-f", "json")
        self.assertEqual(report.ExitCode.INCONCLUSIVE, code)
        bad = self.rows()[1]
        self.assertEqual(
            ("failed", "bad: No such device", None),
            (bad["Status"], bad["Detail"], bad["Lost Kernel"]),
        )

    def test_for_people(self) -> None:
        self.capture("a:eth1", "a:bad")
        self.assertIn("0 / 0", self.output)
        self.assertIn("failed: bad: No such device", self.output)

    def test_nothing_at_all(self) -> None:
        for before in (None, b"of yesterday"):
            if before:
                self.path.write_bytes(before)
            with self.assertRaisesRegex(
                osc_exceptions.CommandError,
                "nothing was captured: bad: No such",
            ):
                self.capture("a:bad")
            self.assertEqual(
                before, self.path.read_bytes() if before else None
            )
            self.assertEqual(before is not None, self.path.exists())

    def test_the_disk_is_full(self) -> None:
        with mock.patch.object(
            file.CaptureFile,
            "add_packets",
            autospec=True,
            side_effect=file.FileError("cannot write x: No space left"),
        ), self.assertLogs(level="ERROR") as said:  # fmt: skip
            code = self.capture("a:eth1", "b:eth1", "-f", "json")
        self.assertEqual(report.ExitCode.FAILED, code)
        self.assertIn("No space left", said.output[0])
        # What there is, is told, and that it is not all.
        self.assertEqual(
            [
                ("incomplete", "not all of it could be written"),
                ("failed", "not fetched, since the file could not be written"),
            ],
            [(one["Status"], one["Detail"]) for one in self.rows()],
        )

    def test_cannot_be_written(self) -> None:
        self.path = self.path / "x"
        with self.assertRaisesRegex(osc_exceptions.CommandError, "such file"):
            self.capture("a:eth1")
        self.assertEqual([], self.hosts["a"].heard)

    def test_interrupted(self) -> None:
        self.hosts["a"].ended = False
        before = signal.getsignal(signal.SIGINT)

        def interrupt(operation: contract.Operation) -> None:
            if operation is contract.CAPTURE_READ:
                self.scripted.before = lambda _: None
                os.kill(os.getpid(), signal.SIGINT)

        self.scripted.before = interrupt
        self.assertEqual(0, self.capture("a:eth1", "--duration", "600"))
        self.assertEqual(3, len(blocks.read(self.path).packets))
        self.assertIs(before, signal.getsignal(signal.SIGINT))

    def test_interrupted_twice(self) -> None:
        self.hosts["a"].ended = False

        def interrupt(operation: contract.Operation) -> None:
            if operation is contract.CAPTURE_READ:
                os.kill(os.getpid(), signal.SIGINT)

        self.scripted.before = interrupt
        with self.assertRaises(KeyboardInterrupt):
            self.capture("a:eth1", "--duration", "600")

    def test_the_terminal_is_closed(self) -> None:
        """What hangs up may do so several times, and is not impatient."""
        self.hosts["a"].ended = False

        def hang_up(operation: contract.Operation) -> None:
            if operation is contract.CAPTURE_READ:
                os.kill(os.getpid(), signal.SIGHUP)

        self.scripted.before = hang_up
        self.assertEqual(0, self.capture("a:eth1", "--duration", "600"))
        self.assertEqual(3, len(blocks.read(self.path).packets))

    def test_wrong_usage(self) -> None:
        for arguments in (
            (),
            ("a",),
            ("a:eth1", "--duration", "0"),
            ("a:eth1", "--size", "0"),
            ("a:eth1", "--snaplen", "262145"),
            ("a:eth1", "--write", ""),
            ("a:eth1", "--write", "-"),
        ):
            with (
                self.subTest(arguments),
                contextlib.redirect_stderr(io.StringIO()),
                self.assertRaises(SystemExit),
            ):
                self.capture(*arguments)

    def test_points_that_do_not_go_together(self) -> None:
        many = [f"a:eth{number}" for number in range(17)]
        for arguments, said in (
            (("a:eth1", "b:eth1", "a:eth1"), "a:eth1 is given twice"),
            (many, "17 points on a"),
        ):
            with self.assertRaisesRegex(osc_exceptions.CommandError, said):
                self.capture(*arguments)
