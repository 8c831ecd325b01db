# SPDX-License-Identifier: Apache-2.0
"""Tests of who a host is."""

import pathlib
import tempfile
import unittest
from unittest import mock

from steth.agent import programs
from steth.agent.inspect import names
from steth.agent.inspect import neutron_agents
from steth.agent.inspect import node
from steth.model import node as node_model
from steth.rpc import errors
from steth.rpc import requests

_ID = "0123456789abcdef0123456789abcdef"


class NodeTestCase(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = pathlib.Path(directory.name)
        (self.root / "etc").mkdir()
        self._write(_ID)

    def _write(self, machine_id: str) -> None:
        (self.root / "etc/machine-id").write_text(machine_id + "\n")

    def _describe(self) -> node_model.Node:
        return node.describe(requests.InspectNode(), "compute1", self.root)

    def test_the_machine_id_is_compared_and_not_told(self) -> None:
        first, again = self._describe(), self._describe()
        self.assertEqual(first.machine_id, again.machine_id)
        self.assertRegex(first.machine_id or "", "^[0-9a-f]{32}$")
        self.assertNotEqual(_ID, first.machine_id)
        self._write(_ID[::-1])
        self.assertNotEqual(first.machine_id, self._describe().machine_id)

    def test_a_host_without_a_machine_id(self) -> None:
        for text in ("", "uninitialized"):
            self._write(text)
            self.assertIsNone(self._describe().machine_id)
        (self.root / "etc/machine-id").unlink()
        self.assertIsNone(self._describe().machine_id)

    def test_the_id_of_a_container_image_is_not_the_host_s(self) -> None:
        (self.root / ".dockerenv").touch()
        self.assertIsNone(self._describe().machine_id)

    def test_names_its_own_and_those_asked_for(self) -> None:
        found = {
            "compute1": ("127.0.1.1",),
            "compute2": ("192.0.2.2", "2001:db8::2"),
        }
        with (
            mock.patch(
                "socket.gethostname", autospec=True, return_value="compute1"
            ),
            mock.patch.object(
                names,
                "resolve",
                autospec=True,
                side_effect=lambda wanted, _: tuple(
                    node_model.Name(name=one, addresses=found[one])
                    for one in wanted
                ),
            ),
            mock.patch.object(
                names,
                "reverse",
                autospec=True,
                side_effect=lambda wanted, _: tuple(
                    node_model.ReverseName(address=one) for one in wanted
                ),
            ),
        ):
            told = node.describe(
                requests.InspectNode(names=("compute2",)), "c1", self.root
            )
        self.assertEqual(
            ["compute2", "compute1"], [one.name for one in told.names]
        )
        self.assertEqual(
            ["192.0.2.2", "2001:db8::2"],
            [one.address for one in told.reverse],
        )

    def test_the_agents_of_neutron_on_the_same_host(self) -> None:
        agents = (node_model.NeutronAgent(name="neutron-l3-agent"),)
        with mock.patch.object(
            neutron_agents, "read", autospec=True, return_value=agents
        ):
            self.assertEqual(agents, self._describe().neutron_agents)
            (self.root / ".dockerenv").touch()
            self.assertEqual((), self._describe().neutron_agents)

    def test_tools(self) -> None:
        missing = errors.OperationError(errors.ErrorCode.MISSING, "no")
        for effect, installed in ((None, True), (missing, False)):
            with mock.patch.object(
                programs, "find", autospec=True, side_effect=effect
            ):
                self.assertEqual(
                    tuple(
                        node_model.Tool(
                            name=name, operation=operation, installed=installed
                        )
                        for name, operation in (
                            ("iperf3", "probe.throughput"),
                            ("tcpdump", "capture.start"),
                        )
                    ),
                    self._describe().tools,
                )
