# SPDX-License-Identifier: Apache-2.0
"""What ip(8) is told to wire a lab."""

import unittest
from unittest import mock

from steth.lab import commands
from steth.lab import layout
from steth.lab import processes
from steth.lab import switch

SHAPE = layout.Shape(hosts=1)
MARK = {"STETH_LAB": "/nonexistent"}


def init(pid: int) -> processes.Process:
    """Return the first process of a host."""
    return processes.Process(
        pid=pid,
        started=1,
        inner_pid=1,
        inner_session=0,
        namespace=f"pid:[{pid}]",
        command="tini",
        state="S",
    )


INITS = {"switch": init(2), "controller": init(3), "compute1": init(4)}


class SwitchTestCase(unittest.TestCase):
    """What is there is not made again."""

    def setUp(self) -> None:
        patch = mock.patch.object(commands, "run", autospec=True)
        self.run_tool = patch.start()
        self.addCleanup(patch.stop)

    def wire(self, *present: str) -> dict[str, list[str]]:
        """Wire a lab; return the lines that ip was given, by process id."""
        table = "Inter-| Receive\n face |bytes\n" + "".join(
            f"  {name}: 0 0\n" for name in present
        )
        with mock.patch.object(
            processes, "network_file", autospec=True, return_value=table
        ):
            switch.wire(INITS, layout.hosts(SHAPE), MARK)
        calls = [call.args for call in self.run_tool.call_args_list]
        for argv, _, mark in calls:
            self.assertEqual(["nsenter", "-t"], argv[:2])
            self.assertEqual(MARK, mark)
        return {
            argv[2]: script.splitlines()
            for argv, script, _ in calls
            if argv[-3] == "ip"
        }

    def test_a_new_lab(self) -> None:
        lines = self.wire()
        self.assertIn(
            "link add tunnel type bridge stp_state 0 forward_delay 0 "
            "mcast_snooping 0",
            lines["2"],
        )
        self.assertIn(
            "link add compute1-eth1 mtu 9000 gso_max_segs 1 type veth "
            "peer name eth1 mtu 9000 gso_max_segs 1 netns 4",
            lines["2"],
        )
        self.assertIn(
            "link set controller-eth0 mtu 1500 master mgmt up", lines["2"]
        )
        self.assertEqual(
            [
                "link set lo up",
                "link set eth0 mtu 1500 up",
                "address replace 10.77.0.1/24 broadcast + dev eth0",
            ],
            lines["3"],
        )

    def test_what_is_there_stays(self) -> None:
        added = [
            line
            for line in self.wire("lo", "mgmt", "tunnel", "compute1-eth1")["2"]
            if line.startswith("link add")
        ]
        self.assertEqual(
            ["storage", "controller-eth0", "compute1-eth0", "compute1-eth2"],
            [line.split()[2] for line in added],
        )
