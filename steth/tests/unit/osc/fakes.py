# SPDX-License-Identifier: Apache-2.0
"""A fake of the OpenStackClient shell, and agents that need no transport."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
import contextlib
import io
import types
from typing import Any
import unittest
from unittest import mock

from osc_lib.command import command

from steth.controller import outcome
from steth.model import agent
from steth.osc import session
from steth.rpc import contract
from steth.rpc import requests


class App:
    """What a command uses of the shell."""

    def __init__(self) -> None:
        self.stdout = io.StringIO()
        self.stderr = io.StringIO()
        self.options = types.SimpleNamespace(
            debug=False, steth_config_file="", cloud=""
        )
        self.cloud = types.SimpleNamespace(config={})
        self.cloud_config = mock.MagicMock()
        self.NAME = "openstack"


class Fleet:
    """Agents as a command sees them."""

    def __init__(
        self,
        *rows: agent.AgentRow,
        answer: Callable[[str], Any] = lambda host: None,
    ) -> None:
        self.agents = rows
        self._answer = answer

    def ask(
        self,
        operation: contract.Operation,
        asked: Mapping[str, requests.Request],
        *,
        seconds: float,
    ) -> Mapping[str, outcome.Outcome]:
        """Answer with what was given for each host."""
        return {
            host: outcome.Outcome(host=host, data=self._answer(host))
            for host in asked
        }


def row(host: str, **changed: Any) -> agent.AgentRow:
    """Return an agent that is well."""
    fields: dict[str, Any] = {
        "host": host,
        "status": agent.AgentStatus.UP,
        "transport": agent.Transport.BUS,
        "version": "1.0.0",
        "uptime": 93784.5,
        "operations": ("inspect.agent", "probe.icmp"),
    }
    return agent.AgentRow(**(fields | changed))


class CommandTestCase(unittest.TestCase):
    """Runs commands against a fleet of the test's own.

    ``asked`` is what the commands asked of :func:`session.fleet`.
    """

    fleet = Fleet()
    notes: Sequence[str] = ()

    def setUp(self) -> None:
        self.app = App()
        self.asked: dict[str, Any] = {}
        conf = mock.Mock()
        for name, fake in (
            ("configuration", lambda app: conf),
            ("fleet", self._fleet),
        ):
            patcher = mock.patch.object(session, name, fake)
            patcher.start()
            self.addCleanup(patcher.stop)

    @contextlib.contextmanager
    def _fleet(
        self, app: App, conf: Any, *, notes: list[str], **asked: Any
    ) -> Iterator[Fleet]:
        self.asked = asked
        notes += self.notes
        yield self.fleet

    def run_command(self, kind: type[command.Command], *arguments: str) -> int:
        """Run a command as the shell does; return its exit code."""
        one = kind(self.app, None)
        parsed = one.get_parser("openstack steth").parse_args(arguments)
        return int(one.run(parsed))

    @property
    def output(self) -> str:
        """What went to standard output."""
        return self.app.stdout.getvalue()
