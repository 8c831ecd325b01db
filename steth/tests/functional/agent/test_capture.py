# SPDX-License-Identifier: Apache-2.0
"""tcpdump, as an agent with no more rights than the systemd unit's runs it."""

import pathlib
import re
import signal
import subprocess
from typing import Any
import unittest

from steth.tests.functional import needs
from steth.tests.functional.agent import namespaces
from steth.tests.functional.agent import service_fixtures as fixtures

_UNIT = pathlib.Path(__file__).parents[4] / "etc" / "steth-agent.service"
_SOON = 5.0
_NOBODY = "65534"
_NET_RAW = 1 << 13


class _Host(namespaces.Host):
    """Runs the agent with the capabilities of the unit."""

    def command(self, *command: str) -> tuple[str, ...]:
        if "steth.agent" in command:
            found = re.search(r"(?m)^CapabilityBoundingSet=(.*)$",
                              _UNIT.read_text())  # fmt: skip
            assert found
            names = found.group(1).lower().replace("cap_", "+").split()
            command = (
                *("setpriv", "--no-new-privs", "--inh-caps=-all"),
                f"--bounding-set=-all,{','.join(names)}",
                *command,
            )
        return super().command(*command)


class CaptureTest(unittest.TestCase):
    """A host that captures its own loopback."""

    def setUp(self) -> None:
        needs.root()
        needs.programs("tcpdump", "setpriv", "ping")
        self.host = _Host(self)
        self.inside = fixtures.Inside(self, self.host)
        self.agent = fixtures.Agent(self, self.host, "")
        fixtures.wait_for(self._is_listening, "the agent listens")

    def _is_listening(self) -> bool:
        shown = self.host.run("ss", "-Hltn", f"sport = :{fixtures.PORT}")
        return bool(shown.strip())

    def ask(self, operation: str, **arguments: Any) -> dict[str, Any]:
        """Return the data of a reply."""
        answer = self.inside.call(
            fixtures.post, fixtures.call(operation, **arguments)
        )
        self.assertIn("data", answer.json["result"], answer.json)
        return dict(answer.json["result"]["data"])

    def start(self) -> str:
        """Capture until somebody ends it; return the task's id."""
        started = self.ask(
            "capture.start",
            points=[{"device": "lo"}, {"device": "any"}],
            filter="icmp",
            size=1 << 20,
            seconds=600.0,
            lease=600.0,
        )
        self.assertEqual([None, None], started["errors"])
        self.assertEqual(2, len(self.programs()))
        return str(started["task"]["id"])

    def programs(self) -> list[dict[str, str]]:
        """Return what /proc tells of each tcpdump of the host."""
        found = []
        for pid in self.host.processes():
            done = subprocess.run(
                ("cat", f"/proc/{pid}/status"),
                capture_output=True,
                text=True,
                check=False,
            )
            told = dict(
                line.split(":\t", 1)
                for line in done.stdout.splitlines()
                if ":\t" in line
            )
            if told.get("Name") == "tcpdump":
                found.append(told)
        return found

    def assert_nothing_left(self) -> None:
        fixtures.wait_for(
            lambda: not self.programs(), "tcpdump has ended", _SOON
        )

    def test_with_one_capability_until_it_is_stopped(self) -> None:
        task = self.start()
        for told in self.programs():
            self.assertEqual({_NOBODY}, set(told["Uid"].split()))
            self.assertEqual({_NOBODY}, set(told["Gid"].split()))
            self.assertEqual("1", told["NoNewPrivs"])
            for name in ("CapPrm", "CapEff"):
                self.assertEqual(_NET_RAW, int(told[name], 16))
        self.host.run("ping", "-q", "-c", "3", "-i", "0.1", "127.0.0.1")
        self.ask("capture.end", id=task)
        for piece in self.ask(
            "capture.read", id=task, offsets=[0, 0], limit=1 << 20
        )["pieces"]:
            self.assertEqual((6, True), (piece["packets"], piece["ended"]))
        self.ask("task.stop", id=task)
        self.assert_nothing_left()

    def test_agent_stops(self) -> None:
        self.start()
        self.assertLess(self.agent.stop(), _SOON)
        self.assert_nothing_left()

    def test_agent_is_killed(self) -> None:
        self.start()
        self.agent.process.send_signal(signal.SIGKILL)
        self.assert_nothing_left()
