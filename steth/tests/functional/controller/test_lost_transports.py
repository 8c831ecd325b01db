# SPDX-License-Identifier: Apache-2.0
"""The bus, or an agent, is lost while a check waits for its replies."""

import json
import re
import time
from typing import Any

from steth.model import report
from steth.tests.functional.controller import cases


class LostTransportsTestCase(cases.LabTestCase):
    """The run finishes by the other way, and says so."""

    def finish(self, done: cases.Done) -> dict[str, Any]:
        self.assertEqual("", done.stderr)
        told: dict[str, Any] = json.loads(done.stdout)
        return told

    def assert_finished_over_9698(self, done: cases.Done, why: str) -> None:
        told = self.finish(done)
        self.assertEqual(report.ExitCode.HEALTHY, done.returncode, told)
        self.assertEqual([], told["findings"])
        self.assertEqual(
            ["direct"] * 3, [one["transport"] for one in told["agents"]]
        )
        # Two are asked for something else beside what all are asked for.
        (note,) = told["notes"]
        self.assertRegex(
            note,
            rf"^bus lost during the run \({re.escape(why)}\): "
            r"([23]) of \1 hosts answered over 9698$",
        )

    def test_broker_killed(self) -> None:
        with self.checking() as running:
            self.lab.kill_broker()
            done = running.result(60)
        self.addCleanup(self.lab.start_broker)
        self.assert_finished_over_9698(
            done, "the broker closed the connection"
        )

    def test_broker_killed_and_no_name_resolves(self) -> None:
        """The agents have said where they listen."""
        config = self.changed_config(("hosts = ", ""))
        hosts = self.inside(cases.CONTROLLER, "cat", "/etc/hosts")
        write = ["sh", "-c", 'printf %s "$1" >/etc/hosts', "sh"]
        self.inside(cases.CONTROLLER, *write, "127.0.0.1 localhost\n")
        self.addCleanup(self.inside, cases.CONTROLLER, *write, hosts)
        with self.checking(config=config) as running:
            self.lab.kill_broker()
            done = running.result(60)
        self.addCleanup(self.lab.start_broker)
        self.assert_finished_over_9698(
            done, "the broker closed the connection"
        )

    def test_broker_frozen(self) -> None:
        with self.checking() as running, self.frozen_broker():
            started = time.monotonic()
            done = running.result(60)
            # Noticed in 3 s, then all once more; no time-out of a call.
            self.assertLess(time.monotonic() - started, 25)
        self.assert_finished_over_9698(
            done, "the broker gave no sign of life for 2.5 s"
        )

    def test_broker_killed_with_the_bus_only(self) -> None:
        with self.checking("--transport", "bus") as running:
            self.lab.kill_broker()
            done = running.result(60)
        self.addCleanup(self.lab.start_broker)
        told = self.finish(done)
        self.assertEqual(report.ExitCode.FAULT_FOUND, done.returncode)
        self.assertEqual(
            ["silent"] * 3, [one["status"] for one in told["agents"]]
        )
        self.assertEqual(
            [
                "bus lost during the run (the broker closed the connection); "
                "the run is limited to it"
            ],
            told["notes"],
        )

    def test_agent_killed(self) -> None:
        self.addCleanup(self.lab.heal)
        with self.checking() as running:
            self.lab.fault("agent-stopped", hosts=["compute2"])
            done = running.result(60)
        told = self.finish(done)
        self.assertEqual(report.ExitCode.FAULT_FOUND, done.returncode)
        rows = {one["host"]: one for one in told["agents"]}
        self.assertEqual("silent", rows["compute2"]["status"])
        self.assertRegex(
            rows["compute2"]["reason"],
            r"^no answer on bus or 9698: .*; 9698: connection refused$",
        )
        self.assertEqual("up", rows["compute1"]["status"])
        self.assertIn(
            ("agent-no-answer", "compute2"),
            [(x["code"], x["location"]["host"]) for x in told["findings"]],
        )
        self.assertEqual([], told["notes"])
