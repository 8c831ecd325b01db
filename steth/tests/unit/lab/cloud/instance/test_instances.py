# SPDX-License-Identifier: Apache-2.0
"""Which instances are started, without a cloud to do it in."""

from typing import Any
import unittest
from unittest import mock

from steth.lab import processes
from steth.lab.cloud import cloud as cloud_module
from steth.lab.cloud.instance import instances
from steth.lab.cloud.instance import machine
from steth.lab.cloud.instance import plug
from steth.lab.cloud.instance import ports
from steth.tests.unit.lab.cloud.scenario import examples


class PowerOnTestCase(unittest.TestCase):
    """An instance is started unless it runs, and as a whole."""

    def setUp(self) -> None:
        process = mock.Mock(spec=processes.Process, pid=1)
        cloud = mock.MagicMock(spec=cloud_module.Cloud, directory="x")
        cloud.inits.return_value = {"compute1": process, "compute2": process}
        self.machine = machine.Machine(
            name="web1", host="compute1", process=process
        )
        self.running = {"web1": self.machine}
        self.booted = True
        self.stop = mock.Mock(spec=machine.stop)
        self.boot = mock.Mock(spec=machine.boot)
        patches: dict[Any, dict[str, Any]] = {
            machine: {
                "running": lambda _: self.running,
                "is_booted": lambda _: self.booted,
                "start": mock.Mock(
                    spec=machine.start, return_value=self.machine
                ),
                "boot": self.boot,
                "stop": self.stop,
                "addresses": lambda _: {
                    one
                    for each in examples.inventory().instances.values()
                    for one in (each.address, each.address6)
                },
            },
            plug: {
                "plug": mock.Mock(spec=plug.plug),
                "unplug": mock.Mock(spec=plug.unplug),
            },
            ports: {
                "nic": mock.Mock(spec=ports.nic),
                "await_active": mock.Mock(spec=ports.await_active),
            },
        }
        for module, names in patches.items():
            self.enterContext(mock.patch.multiple(module, **names))
        self.enterContext(
            mock.patch.object(instances.Instances, "_save", autospec=True)
        )
        self.instances = instances.Instances(cloud, examples.inventory())

    def started(self) -> tuple[int, int]:
        """Return how many were stopped, and how many booted."""
        self.instances.power_on(["web1"])
        return self.stop.call_count, self.boot.call_count

    def test_one_that_runs(self) -> None:
        self.assertEqual((0, 0), self.started())

    def test_one_that_does_not(self) -> None:
        self.running = {}
        self.assertEqual((0, 1), self.started())

    def test_one_that_was_never_booted(self) -> None:
        self.booted = False
        self.assertEqual((1, 1), self.started())

    def test_one_on_another_compute(self) -> None:
        self.running["web1"] = machine.Machine(
            name="web1", host="compute2", process=self.machine.process
        )
        self.assertEqual((1, 1), self.started())
