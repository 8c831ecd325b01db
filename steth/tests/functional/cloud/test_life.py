# SPDX-License-Identifier: Apache-2.0
"""A cloud: its life, and what is in it."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

from steth.lab import configuration as base
from steth.lab import errors
from steth.lab import processes
from steth.lab import services
from steth.lab.cloud import cloud as cloud_module
from steth.lab.cloud import configuration
from steth.lab.cloud import layout
from steth.lab.cloud import programs
from steth.tests.functional import needs

#: Those that only a cloud listens on.
_PORTS = frozenset(
    {
        base.BROKER_PORT,
        configuration.KEYSTONE_PORT,
        configuration.NEUTRON_PORT,
        configuration.NOVA_METADATA_PORT,
    }
)
#: Where programs of a cloud keep things; those of the machine stay empty.
_PLACES = (
    *("/etc/keystone", "/etc/neutron", "/etc/openstack", "/etc/openvswitch"),
    *("/etc/steth", "/run/neutron", "/run/netns", "/run/openvswitch"),
    *("/run/steth", "/var/lib/neutron", "/var/lib/steth-lab"),
    *("/var/log/steth", "/var/www"),
)


def machine() -> dict[str, object]:
    """Return what a cloud that is gone has to have left as it was."""
    own = processes.read(os.getpid())
    assert own is not None
    return {
        "mounts": pathlib.Path("/proc/self/mounts").read_text(),
        "interfaces": sorted(os.listdir("/sys/class/net")),
        "listening": sorted(services.listening(own) & _PORTS),
        "files": {
            str(one)
            for place in _PLACES
            for one in pathlib.Path(place).glob("*")
            # The namespaces of other tests.
            if not one.name.startswith("steth-test-")
        },
    }


class LifeTestCase(unittest.TestCase):
    """Up, mended and down, also after a kill."""

    def setUp(self) -> None:
        needs.cloud()
        parent = tempfile.TemporaryDirectory(prefix="steth-")
        self.addCleanup(parent.cleanup)
        self.cloud = cloud_module.Cloud(pathlib.Path(parent.name, "cloud"))
        self.addCleanup(self.cloud.down)

    def kill_up(self, said: str) -> None:
        """Start ``up`` and kill it when it says something."""
        argv = [
            *(sys.executable, "-m", "steth.lab", "cloud", "up"),
            *("--computes", "1", "--directory", str(self.cloud.directory)),
        ]
        with subprocess.Popen(
            argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        ) as up:
            assert up.stderr is not None
            for line in up.stderr:
                if said in line:
                    break
            up.kill()
        self.assertEqual(-signal.SIGKILL, up.returncode)

    def assert_gone(self) -> None:
        """Check that nothing is left of the cloud."""
        directory = str(self.cloud.directory)
        self.assertEqual([], list(processes.of_lab(directory)))
        self.assertFalse(self.cloud.directory.exists())

    def test_a_life(self) -> None:
        before = machine()
        for moment in ("starting", "wiring"):
            with self.subTest(moment):
                self.kill_up(moment)
                self.assertTrue(self.cloud.down())
                self.assert_gone()
        self.assertEqual(before, machine())
        self.kill_up("starting the agents")
        shape = layout.Shape(computes=1)
        with self.subTest("mended"):
            self.assertFalse(self.cloud.status().complete)
            self.assertTrue(self.cloud.up(shape))
            self.assert_whole()
        with self.subTest("again"):
            self.assertFalse(self.cloud.up(shape))
        with (
            self.subTest("another shape"),
            self.assertRaisesRegex(errors.LabError, "'cloud down'"),
        ):
            self.cloud.up(layout.Shape(computes=2))
        with self.subTest("a host and a program gone"):
            init = self.cloud.inits()["compute1"]
            processes.send(init, signal.SIGKILL)
            self.assertTrue(processes.wait(init, 10))
            network = self.cloud.machine("network1")
            network.service(programs.L3_AGENT).kill(network.init)
            self.assertEqual(
                {"compute1": 1, "network1": 1},
                {
                    one.name: len(one.stopped)
                    for one in self.cloud.status().hosts
                    if one.stopped
                },
            )
            self.assertTrue(self.cloud.up(shape))
            self.assert_whole()
        self.assertTrue(self.cloud.down())
        self.assert_gone()
        self.assertEqual(before, machine())
        self.assertFalse(self.cloud.down())

    def assert_whole(self) -> None:
        """Check that all programs run."""
        status = self.cloud.status()
        self.assertTrue(status.complete)
        self.assertEqual(
            [], [one for one in status.hosts if one.stopped or not one.pid]
        )


class CloudTestCase(unittest.TestCase):
    """What is in it."""

    def setUp(self) -> None:
        self.cloud = needs.cloud()

    def openstack(self, *arguments: str) -> object:
        """Run ``openstack`` where its operator would; return what it says."""
        done = self.cloud.openstack(*arguments, "-f", "json")
        self.assertEqual(0, done.returncode, done.stderr)
        return json.loads(done.stdout)

    def test_neutron_knows_its_agents(self) -> None:
        rows = self.openstack(
            "--os-cloud", "steth", "network", "agent", "list"
        )
        assert isinstance(rows, list)
        self.assertTrue(all(one["Alive"] for one in rows))
        self.assertEqual(
            [
                ("compute1", "neutron-openvswitch-agent"),
                ("compute2", "neutron-openvswitch-agent"),
                ("network1", "neutron-dhcp-agent"),
                ("network1", "neutron-l3-agent"),
                ("network1", "neutron-metadata-agent"),
                ("network1", "neutron-openvswitch-agent"),
            ],
            sorted((one["Host"], one["Binary"]) for one in rows),
        )

    def test_an_agent_of_steth_is_on_every_node(self) -> None:
        rows = self.openstack("steth", "agent", "list")
        assert isinstance(rows, list)
        self.assertEqual(
            {
                one.name: ("up", "bus")
                for one in layout.members(layout.Shape())
            },
            {one["Host"]: (one["Status"], one["Transport"]) for one in rows},
        )

    def test_its_networks_are_healthy(self) -> None:
        for check in ("connectivity", "vlan"):
            with self.subTest(check):
                done = self.cloud.openstack("steth", "check", check)
                self.assertEqual(0, done.returncode, done.stdout + done.stderr)

    def test_the_api_is_reached_from_outside(self) -> None:
        network = self.cloud.connection().network
        found = list(network.agents(binary="neutron-l3-agent"))
        self.assertEqual(["network1"], [one.host for one in found])
        file = self.cloud.directory / "clouds.yaml"
        self.assertIn("auth_url", file.read_text())
        self.assertEqual(0, file.stat().st_mode & 0o077)

    def test_the_world_outside(self) -> None:
        for address in ("198.51.100.10", "[2001:db8:51::10]"):
            self.assertEqual(
                "server\n",
                self.cloud.run(
                    "gateway",
                    ["busybox", "wget", "-qO-", f"http://{address}/"],
                ),
            )
