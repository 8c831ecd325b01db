# SPDX-License-Identifier: Apache-2.0
"""QEMU's command line, and that nothing is left of it."""

import os
import pathlib
import subprocess
import unittest
from unittest import mock

from steth.lab.kernel import image as image_module
from steth.lab.kernel import machine

IMAGE = image_module.Image(pathlib.Path("/cache/key"))


class MachineTestCase(unittest.TestCase):
    """Instead of QEMU, a process that does not end by itself."""

    def argv(self, *, interactive: bool = False) -> list[str]:
        """Start a machine; return how."""
        job = os.open("/dev/null", os.O_RDONLY)
        self.addCleanup(os.close, job)
        with (
            mock.patch.object(
                machine, "_argv", autospec=True, return_value=["sleep", "60"]
            ) as argv,
            machine.start(
                IMAGE, job, machine.Accelerator.TCG, interactive=interactive
            ) as one,
        ):
            self.process = one.process
            self.assertIsNone(one.process.poll())
            self.assertEqual(set(machine.PORTS), set(one.ports))
            self.assertEqual(interactive, one.console is None)
            arguments = argv.call_args.args
        return machine._argv(*arguments)

    def test_it_is_gone_in_the_end(self) -> None:
        self.argv()
        self.assertEqual(-9, self.process.returncode)

    def test_it_ends_with_its_starter(self) -> None:
        argv = self.argv()
        self.assertEqual(["setpriv", "--pdeathsig", "KILL"], argv[:3])
        self.assertIn("-no-reboot", argv)

    def test_disks_cannot_be_written(self) -> None:
        disks = [one for one in self.argv() if "format=raw" in one]
        self.assertIn("file=/cache/key/root.ext4", disks[0])
        self.assertTrue(all("readonly=on" in one for one in disks))
        self.assertEqual(2, len(disks))

    def test_the_console(self) -> None:
        self.assertIn("chardev:console", self.argv())
        self.assertIn("mon:stdio", self.argv(interactive=True))

    def test_a_machine_that_ends_by_itself(self) -> None:
        with (
            mock.patch.object(
                machine, "_argv", autospec=True, return_value=["true"]
            ),
            machine.start(IMAGE, 0, machine.Accelerator.TCG) as one,
        ):
            one.process.wait()
            self.assertEqual(b"", one.ports[machine.STATUS].recv(1))
        self.assertIsInstance(one.process, subprocess.Popen)
