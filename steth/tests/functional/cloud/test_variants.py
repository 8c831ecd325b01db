# SPDX-License-Identifier: Apache-2.0
"""Clouds of other kinds are healthy, and Steth finds nothing in them."""

import json
from typing import ClassVar

from steth.lab.cloud import layout
from steth.tests.functional.cloud import cases


class _VariantTestCase(cases.ScenarioTestCase):
    """The traffic matrix, and all checks but that of the throughput."""

    def assert_healthy(self) -> None:
        self.assert_state(cases.HEALTHY)
        with self.subTest("checks"):
            done = self.cloud.openstack(
                *("steth", "check", "run", "--suite", "predeploy"),
                *("--skip", "bandwidth", "--timeout", "30", "-f", "json"),
            )
            self.assertEqual(0, done.returncode, done.stdout + done.stderr)
            self.assertEqual([], json.loads(done.stdout)["findings"])


class DefaultTestCase(_VariantTestCase):
    """Open vSwitch agents, their own firewall, a router on one node."""

    def test_healthy(self) -> None:
        self.assert_healthy()


class HybridTestCase(_VariantTestCase):
    """Security groups by iptables, on bridges of their own."""

    shape: ClassVar[layout.Shape] = layout.Shape(
        firewall=layout.Firewall.IPTABLES_HYBRID
    )

    def test_healthy(self) -> None:
        self.assert_healthy()


class DistributedTestCase(_VariantTestCase):
    """Distributed routers."""

    shape: ClassVar[layout.Shape] = layout.Shape(dvr=True)

    def test_healthy(self) -> None:
        self.assert_healthy()


class OvnTestCase(_VariantTestCase):
    """OVN."""

    shape: ClassVar[layout.Shape] = layout.Shape(
        mechanism=layout.Mechanism.OVN
    )

    def test_healthy(self) -> None:
        self.assert_healthy()
