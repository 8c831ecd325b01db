# SPDX-License-Identifier: Apache-2.0

import pathlib
import tempfile
import unittest

from steth.agent.inspect import neutron_agents
from steth.model import node

_SYSTEMD = "0::/system.slice/neutron-l3-agent.service\n"


class NeutronAgentsTestCase(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory(prefix="steth-")
        self.addCleanup(directory.cleanup)
        self.root = pathlib.Path(directory.name, "proc")
        self.bin = pathlib.Path(directory.name, "bin")
        for one in (self.root, self.bin):
            one.mkdir()
        for name in ("haproxy", "ip", "iptables"):
            self.install(name)

    def install(self, name: str) -> None:
        (self.bin / name).touch(0o755)

    def run_process(
        self, number: int, *words: str, group: str | None = _SYSTEMD
    ) -> None:
        process = self.root / str(number)
        process.mkdir()
        command = "".join(f"{one}\0" for one in words)
        (process / "cmdline").write_text(command)
        if group is not None:
            (process / "cgroup").write_text(group)

    def read(self) -> tuple[node.NeutronAgent, ...]:
        return neutron_agents.read(self.root, str(self.bin))

    def test_a_program_is_missing(self) -> None:
        self.run_process(
            7, "/usr/bin/python3", "/usr/bin/neutron-l3-agent", "--config-file"
        )
        self.run_process(8, "/opt/bin/neutron-ovn-metadata-agent")
        self.assertEqual(
            (
                node.NeutronAgent(
                    name="neutron-l3-agent", missing=("conntrack",)
                ),
                node.NeutronAgent(name="neutron-ovn-metadata-agent"),
            ),
            self.read(),
        )
        self.install("conntrack")
        self.assertEqual(((), ()), tuple(one.missing for one in self.read()))

    def test_a_container_has_programs_of_its_own(self) -> None:
        for number, group in enumerate(
            (
                "0::/system.slice/docker-0123.scope\n",
                "0::/machine.slice/libpod-0123.scope/container\n",
                "12:cpu:/kubepods/burstable/pod0123\n",
                "0::/system.slice/snap.openstack-hypervisor.neutron.service\n",
            ),
            1,
        ):
            self.run_process(number, "neutron-l3-agent", group=group)
            (one,) = self.read()
            self.assertEqual(
                node.NeutronAgent(name="neutron-l3-agent"), one, group
            )
            (self.root / str(number) / "cmdline").write_text("")

    def test_others(self) -> None:
        self.run_process(1, "vi", "notes", "neutron-l3-agent")
        self.run_process(2)
        (self.root / "self").mkdir()
        (self.root / "3").mkdir()
        # It ended while we looked.
        self.run_process(4, "neutron-l3-agent", group=None)
        self.assertEqual((), self.read())
