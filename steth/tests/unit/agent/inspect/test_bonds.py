# SPDX-License-Identifier: Apache-2.0
"""Tests of reading bonds."""

import pathlib
import tempfile
import unittest

from steth.agent.inspect import bonds
from steth.model import node

_LACP = """\
Ethernet Channel Bonding Driver: v6.1.0-18-amd64

Bonding Mode: IEEE 802.3ad Dynamic link aggregation
Transmit Hash Policy: layer3+4 (1)
MII Status: up
MII Polling Interval (ms): 100
Up Delay (ms): 0
Down Delay (ms): 0
Peer Notification Delay (ms): 0

802.3ad info
LACP active: on
LACP rate: fast
Min links: 0
Aggregator selection policy (ad_select): stable

Slave Interface: ens1f0
MII Status: up
Speed: 10000 Mbps
Duplex: full
Link Failure Count: 2
Permanent HW addr: 02:00:00:00:00:01
Slave queue ID: 0
Aggregator ID: 1

Slave Interface: ens1f1
MII Status: down
Speed: Unknown
Duplex: Unknown
Link Failure Count: 7
Permanent HW addr: 02:00:00:00:00:02
Slave queue ID: 0
Aggregator ID: 2
"""
_BACKUP = """\
Bonding Mode: fault-tolerance (active-backup)
Primary Slave: None
Currently Active Slave: eth0
MII Status: up

Slave Interface: eth0
MII Status: up
Link Failure Count: 0
"""


class BondsTestCase(unittest.TestCase):
    def test_bonds_and_their_members(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory)
            (root / "bond1").write_text(_LACP)
            (root / "bond0").write_text(_BACKUP)
            found = bonds.read(root)
        self.assertEqual(
            (
                node.Bond(
                    name="bond0",
                    mode="fault-tolerance (active-backup)",
                    members=(node.BondMember(name="eth0", up=True),),
                ),
                node.Bond(
                    name="bond1",
                    mode="IEEE 802.3ad Dynamic link aggregation",
                    members=(
                        node.BondMember(
                            name="ens1f0", up=True, failures=2, aggregator=1
                        ),
                        node.BondMember(
                            name="ens1f1", up=False, failures=7, aggregator=2
                        ),
                    ),
                ),
            ),
            found,
        )

    def test_what_a_member_knows_of_lacp(self) -> None:
        told = _LACP.replace(
            "Aggregator ID: 2\n",
            "Aggregator ID: 2\nActor Churn State: churned\n"
            "Partner Churn State: none\n",
        ).replace(
            "Aggregator ID: 1\n",
            "Aggregator ID: 1\nActor Churn State: none\n"
            "Partner Churn State: monitoring\n",
        )
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory, "proc")
            root.mkdir()
            (root / "bond1").write_text(told)
            devices = pathlib.Path(directory, "sys")
            # Active, aggregating, in sync, collecting and distributing; and
            # one that has heard of nobody.
            for name, state in (("ens1f0", 61), ("ens1f1", 69)):
                slave = devices / name / "bonding_slave"
                slave.mkdir(parents=True)
                (slave / "ad_actor_oper_port_state").write_text(f"{state}\n")
            (bond,) = bonds.read(root, devices)
        self.assertEqual(
            [(True, False), (False, True)],
            [(one.partner, one.churned) for one in bond.members],
        )

    def test_a_kernel_without_bonds(self) -> None:
        self.assertEqual((), bonds.read(pathlib.Path("/nonexistent")))
