# SPDX-License-Identifier: Apache-2.0
"""Whether KVM is used."""

import pathlib
import tempfile
import unittest
from unittest import mock

from steth.lab.kernel import acceleration
from steth.lab.kernel import image as image_module
from steth.lab.kernel import machine


class AccelerationTestCase(unittest.TestCase):
    """It is tried once a boot, where there is a device at all."""

    def setUp(self) -> None:
        directory = pathlib.Path(
            self.enterContext(tempfile.TemporaryDirectory())
        )
        self.image = image_module.Image(directory)
        self.device = directory / "kvm"
        self.device.touch()
        self.boot = directory / "boot_id"
        self.boot.write_text("first\n")
        for name, value in (("_DEVICE", self.device), ("_BOOT", self.boot)):
            self.enterContext(mock.patch.object(acceleration, name, value))
        self.attempt = self.enterContext(
            mock.patch.object(acceleration, "_try", autospec=True)
        )

    def choose(self) -> machine.Accelerator:
        """Return what is chosen."""
        return acceleration.choose(self.image, lambda text: None)

    def test_no_device(self) -> None:
        self.device.unlink()
        self.assertIs(machine.Accelerator.TCG, self.choose())
        self.attempt.assert_not_called()

    def test_once_a_boot(self) -> None:
        self.attempt.return_value = machine.Accelerator.KVM
        chosen = [self.choose(), self.choose()]
        self.attempt.assert_called_once_with(self.image)
        self.boot.write_text("second\n")
        self.attempt.return_value = machine.Accelerator.TCG
        chosen += [self.choose(), self.choose()]
        self.assertEqual(2, self.attempt.call_count)
        self.assertEqual(["kvm", "kvm", "tcg", "tcg"], chosen)
