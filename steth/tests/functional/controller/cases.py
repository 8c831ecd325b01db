# SPDX-License-Identifier: Apache-2.0
"""A lab for all tests of a class, and what they do to it."""

from collections.abc import Callable
from collections.abc import Iterator
from concurrent import futures
import contextlib
import json
import pathlib
import subprocess
import tempfile
import time
from typing import Any
from typing import ClassVar
import unittest

from steth.lab import broker
from steth.lab import lab as lab_module
from steth.lab import layout
from steth.tests.functional import needs

CONTROLLER = layout.CONTROLLER
_BROKER_PID = f"{broker.DIRECTORY}/pid"

Done = subprocess.CompletedProcess[str]


def wait_for(
    condition: Callable[[], bool], what: str, timeout: float = 30.0
) -> None:
    """Return when a condition holds.

    :raises AssertionError: when it does not in time
    """
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {what}")
        time.sleep(0.05)


class LabTestCase(unittest.TestCase):
    """Three hosts with an agent each."""

    with_broker: ClassVar[bool] = True
    tls: ClassVar[bool] = False
    lab: ClassVar[lab_module.Lab]

    maxDiff = None

    @classmethod
    def setUpClass(cls) -> None:
        """Start the lab."""
        needs.root()
        directory = pathlib.Path(tempfile.mkdtemp(prefix="steth-"))
        cls.addClassCleanup(directory.rmdir)
        cls.lab = lab_module.Lab(directory / "lab")
        cls.addClassCleanup(cls.lab.down)
        cls.lab.up(hosts=3, broker=cls.with_broker, tls=cls.tls)

    def inside(self, host: str, *argv: str) -> str:
        """Return what a command in a host prints."""
        done = self.lab.exec(host, argv)
        self.assertEqual(0, done.returncode, done.stderr)
        return done.stdout

    def steth(
        self, *arguments: str, config: pathlib.Path | None = None
    ) -> Done:
        """Run ``openstack steth``, perhaps with another configuration."""
        options = ["--steth-config-file", str(config)] if config else []
        return self.lab.openstack(*options, "steth", *arguments)

    def agents(
        self, *arguments: str, config: pathlib.Path | None = None
    ) -> dict[str, dict[str, Any]]:
        """Return the rows of ``agent list`` by host."""
        done = self.steth(
            *("agent", "list", "-f", "json", *arguments), config=config
        )
        self.assertEqual(0, done.returncode, done.stderr)
        return {one["Host"]: one for one in json.loads(done.stdout)}

    def changed_config(self, *changes: tuple[str, str]) -> pathlib.Path:
        """Return the lab's configuration with lines replaced.

        :param changes: the beginning of a line, and the line instead; an
            empty one removes it
        """
        lines = self.inside(
            CONTROLLER, "cat", "/etc/steth/steth.conf"
        ).splitlines()
        for begin, instead in changes:
            self.assertTrue(any(one.startswith(begin) for one in lines))
            lines = [
                instead if one.startswith(begin) else one for one in lines
            ]
        directory = tempfile.TemporaryDirectory(prefix="steth-")
        self.addCleanup(directory.cleanup)
        file = pathlib.Path(directory.name) / "steth.conf"
        file.write_text("\n".join(lines) + "\n")
        return file

    @contextlib.contextmanager
    def checking(
        self, *arguments: str, config: pathlib.Path | None = None
    ) -> Iterator[futures.Future[Done]]:
        """Run ``check connectivity``, and go on when its packets flow."""
        pinged = self._pings("compute1")
        with futures.ThreadPoolExecutor(1) as pool:
            running = pool.submit(
                self.steth,
                *("check", "connectivity", "--count", "25", "-f", "json"),
                *arguments,
                config=config,
            )
            wait_for(
                lambda: running.done() or self._pings("compute1") > pinged,
                "the check sends packets",
            )
            self.assertFalse(running.done(), "the check was over before")
            yield running

    def _pings(self, host: str) -> int:
        """Return how many echo requests a host has received."""
        lines = [
            line.split()
            for line in self.inside(host, "cat", "/proc/net/snmp").split("\n")
            if line.startswith("Icmp:")
        ]
        return int(dict(zip(*lines, strict=True))["InEchos"])

    @contextlib.contextmanager
    def frozen_broker(self) -> Iterator[None]:
        """Stop the broker's process, with its connections open."""
        pid = self.inside(CONTROLLER, "cat", _BROKER_PID).strip()
        self.inside(CONTROLLER, "kill", "-STOP", pid)
        try:
            yield
        finally:
            self.inside(CONTROLLER, "kill", "-CONT", pid)
