# SPDX-License-Identifier: Apache-2.0
"""How hosts are awaited and entered, without one."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

from steth.lab import errors
from steth.lab import namespace
from steth.lab import processes

INIT = processes.Process(
    pid=os.getpid(),
    started=1,
    inner_pid=1,
    inner_session=0,
    namespace="pid:[1]",
    command="tini",
    state="S",
)


class AwaitReadyTestCase(unittest.TestCase):
    """What hosts say on their way up."""

    def await_ready(self, said: bytes, *names: str) -> None:
        """Let the hosts say something and fall silent."""
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        os.write(writing, said)
        os.close(writing)
        namespace._await_ready(reading, set(names))

    def test_all_are_ready(self) -> None:
        self.await_ready(b"b ready\na ready\n", "a", "b")

    def test_one_failed(self) -> None:
        with self.assertRaisesRegex(
            errors.LabError, "^b did not come up: mount: no overlay$"
        ):
            self.await_ready(
                b"a ready\nmount: no overlay\nb failed\n", "a", "b"
            )

    def test_the_first_name_is_not_the_tenth(self) -> None:
        with self.assertRaisesRegex(errors.LabError, "^a1 did not come up"):
            self.await_ready(b"a10 ready\n", "a1", "a10")

    def test_a_line_that_is_cut_off_says_nothing(self) -> None:
        with self.assertRaisesRegex(errors.LabError, "^a did not come up"):
            self.await_ready(b"a ready", "a")


class EnterTestCase(unittest.TestCase):
    """Command lines and files."""

    def test_inside(self) -> None:
        with mock.patch.dict(
            os.environ, {"LANG": "C.UTF-8", "OS_CLOUD": "prod"}, clear=True
        ):
            argv = namespace.inside(INIT, ["id", "-u"], {"A": "b c"})
        pid = str(os.getpid())
        self.assertEqual(["nsenter", "-t", pid], argv[:3])
        self.assertEqual(["id", "-u"], argv[-2:])
        self.assertIn("LANG=C.UTF-8", argv)
        self.assertIn("A=b c", argv)
        self.assertNotIn("OS_CLOUD=prod", argv)
        (path,) = [one for one in argv if one.startswith("PATH=")]
        self.assertEqual(
            str(pathlib.Path(sys.executable).parent),
            path.removeprefix("PATH=").split(":")[0],
        )
        # What follows nsenter is a command line of its own.
        inner = argv[argv.index("--") + 1 :]
        shown = subprocess.run(
            [*inner[:-2], "printenv", "A"], capture_output=True, check=True
        )
        self.assertEqual(b"b c\n", shown.stdout)

    def test_write_replaces(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            name = f"{directory}/etc/steth.conf"
            namespace.write(INIT, name, "one", 0o600)
            namespace.write(INIT, name, "two", 0o640)
            self.assertEqual("two", pathlib.Path(name).read_text())
            self.assertEqual(0o640, os.stat(name).st_mode & 0o777)
