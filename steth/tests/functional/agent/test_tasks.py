# SPDX-License-Identifier: Apache-2.0
"""What a real agent's tasks leave behind, however they end: nothing."""

import signal
import subprocess
import time
from typing import Any
import unittest

from steth.tests.functional import needs
from steth.tests.functional.agent import namespaces
from steth.tests.functional.agent import service_fixtures as fixtures

_SOON = 5.0


class TasksTest(unittest.TestCase):
    """iperf3 servers stand for all tasks that are programs."""

    def setUp(self) -> None:
        needs.root()
        needs.programs("iperf3")
        self.host = namespaces.Host(self)
        self.inside = fixtures.Inside(self, self.host)
        self.agent = fixtures.Agent(self, self.host, "")
        fixtures.wait_for(self.is_listening, "the agent listens")

    def is_listening(self) -> bool:
        shown = self.host.run("ss", "-Hltn", f"sport = :{fixtures.PORT}")
        return bool(shown.strip())

    def ask(self, operation: str, **arguments: Any) -> dict[str, Any]:
        """Return the data of a reply."""
        answer = self.inside.call(
            fixtures.post, fixtures.call(operation, **arguments)
        )
        self.assertIn("data", answer.json["result"], answer.json)
        return dict(answer.json["result"]["data"])

    def serve(self, lease: float) -> dict[str, Any]:
        """Start a server that nobody is going to use."""
        return self.ask(
            "probe.throughput_server", address="127.0.0.1", lease=lease
        )

    def programs(self) -> list[str]:
        """Return the iperf3 processes of the host."""
        done = subprocess.run(
            ("ip", "netns", "pids", self.host.name),
            capture_output=True,
            text=True,
            check=True,
        )
        return [pid for pid in done.stdout.split() if _name(pid) == "iperf3"]

    def assert_nothing_left(self) -> None:
        fixtures.wait_for(
            lambda: not self.programs(), "iperf3 has ended", _SOON
        )

    def test_nobody_renews_the_lease(self) -> None:
        """As when the controller was killed."""
        began = time.monotonic()
        self.serve(lease=2.0)
        self.assertEqual(1, len(self.programs()))
        self.assert_nothing_left()
        self.assertGreater(time.monotonic() - began, 1.9)
        self.assertEqual([], self.ask("task.list")["tasks"])

    def test_renewed_and_stopped(self) -> None:
        began = time.monotonic()
        task = self.serve(lease=2.0)["task"]
        self.ask("task.renew", id=task["id"], lease=60.0)
        left = 2.5 - (time.monotonic() - began)
        # What must not happen takes as long as it would.
        time.sleep(max(0.0, left))
        (told,) = self.ask("task.list")["tasks"]
        self.assertEqual(task["id"], told["id"])
        self.assertEqual(1, len(self.programs()))
        self.ask("task.stop", id=task["id"])
        self.assert_nothing_left()

    def test_agent_stops(self) -> None:
        self.serve(lease=600.0)
        self.serve(lease=600.0)
        self.assertEqual(2, len(self.programs()))
        self.assertLess(self.agent.stop(), _SOON)
        self.assert_nothing_left()

    def test_agent_is_killed(self) -> None:
        self.serve(lease=600.0)
        port = self.serve(lease=600.0)["port"]
        client = self.inside.begin(
            fixtures.post,
            fixtures.call(
                "probe.throughput",
                address="127.0.0.1",
                port=port,
                seconds=60,
                rate=1.0,
            ),
        )
        fixtures.wait_for(lambda: len(self.programs()) == 3, "a client")
        self.agent.process.send_signal(signal.SIGKILL)
        self.assert_nothing_left()
        self.assertIsNotNone(client.exception(_SOON))

    def test_agent_stops_during_a_test(self) -> None:
        port = self.serve(lease=600.0)["port"]
        client = self.inside.begin(
            fixtures.post,
            fixtures.call(
                "probe.throughput",
                address="127.0.0.1",
                port=port,
                seconds=60,
                rate=1.0,
            ),
        )
        fixtures.wait_for(lambda: len(self.programs()) == 2, "a client")
        self.assertLess(self.agent.stop(), _SOON)
        self.assert_nothing_left()
        # The caller was told, or at least let go.
        client.exception(_SOON)


def _name(pid: str) -> str:
    done = subprocess.run(
        ("ps", "-o", "comm=", "-p", pid),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip()
