# SPDX-License-Identifier: Apache-2.0
"""``openstack steth check mtu`` in a lab with real limits."""

import json
from typing import Any

from steth.model import report
from steth.tests.functional.controller import cases

HOST = "compute2"
NETWORK = "tunnel"


class MtuTestCase(cases.LabTestCase):
    """The exact size is found, and who limits it."""

    def check(self) -> tuple[int, dict[str, Any]]:
        done = self.steth("check", "mtu", "-f", "json")
        self.assertTrue(done.stdout, done.stderr)
        return done.returncode, json.loads(done.stdout)

    def rows(self, told: dict[str, Any]) -> dict[str, dict[str, Any]]:
        (check,) = told["checks"]
        return {one["name"]: one for one in check["measurements"]["networks"]}

    def assert_healthy(self) -> None:
        code, told = self.check()
        self.assertEqual(report.ExitCode.HEALTHY, code, told)
        self.assertEqual([], told["findings"])
        self.assertEqual(
            [
                ("mgmt", 1500, 1500, 6),
                ("storage", 9000, 9000, 6),
                ("tunnel", 9000, 9000, 6),
            ],
            sorted(
                (name, one["needed"], one["smallest"], one["pairs_ok"])
                for name, one in self.rows(told).items()
            ),
        )

    def test_limits(self) -> None:
        self.assert_healthy()
        for fault, size, code, host in (
            ("mtu-path", 8123, "underlay-mtu-black-hole", HOST),
            ("mtu-small", 1400, "host-mtu-small", HOST),
            ("mtu-reported", 1492, "underlay-mtu-reported", None),
        ):
            with self.subTest(fault=fault):
                self.lab.fault(
                    fault, hosts=[HOST], network=NETWORK, value=size
                )
                try:
                    exit_code, told = self.check()
                finally:
                    self.lab.heal()
                self.assertEqual(report.ExitCode.FAULT_FOUND, exit_code)
                (found,) = told["findings"]
                self.assertEqual(
                    (code, host, NETWORK),
                    (
                        found["code"],
                        found["location"]["host"],
                        found["location"]["network"],
                    ),
                    found,
                )
                rows = self.rows(told)
                self.assertEqual(size, rows[NETWORK]["smallest"])
                self.assertEqual(2, rows[NETWORK]["pairs_ok"])
                self.assertEqual(
                    {size},
                    {one["path_mtu"] for one in rows[NETWORK]["too_small"]},
                )
                self.assertEqual("passed", rows["storage"]["status"])
