# SPDX-License-Identifier: Apache-2.0
"""Asking a host's operations from a test."""

import json
import subprocess
from typing import Any
import unittest

from steth.model import host as host_model
from steth.model import probe
from steth.rpc import contract
from steth.tests.functional.agent import namespaces

_MODULE = "steth.tests.functional.agent.operation"
_TIMEOUT = 60.0


class Asked:
    """An operation that runs on a host."""

    def __init__(
        self,
        test: unittest.TestCase,
        host: namespaces.Host,
        operation: contract.Operation,
        arguments: dict[str, Any],
        *,
        way: str = "fork",
        copies: int = 1,
        prefix: tuple[str, ...] = (),
    ) -> None:
        self._operation = operation
        command = host.python(
            _MODULE, operation.name, json.dumps(arguments), way, str(copies)
        )
        # ip-netns(8) becomes what it runs, so this is the agent itself.
        self.process = subprocess.Popen(
            (*command[:4], *prefix, *command[4:]),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        test.addCleanup(self._end)

    def wait_until_begun(self) -> None:
        """Return when the operation runs."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line == "began\n", line

    def reply(self) -> Any:
        """Return what the operation returned.

        :raises errors.OperationError: it returned that
        """
        return self.replies()[-1]

    def replies(self) -> list[Any]:
        """Return what each copy of the operation returned."""
        out, said = self.process.communicate(timeout=_TIMEOUT)
        if self.process.returncode:
            raise AssertionError(f"the agent failed: {said}")
        return [
            contract.decode_reply(self._operation, json.loads(line))
            for line in out.splitlines()
            if line != "began"
        ]

    def _end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


def probe_icmp(
    test: unittest.TestCase,
    host: namespaces.Host,
    *targets: str | dict[str, Any],
    **arguments: Any,
) -> Asked:
    """Begin a probe: three packets, quickly, to addresses or targets."""
    asked = {
        "targets": [
            {"address": one} if isinstance(one, str) else one
            for one in targets
        ],
        "count": 3,
        "interval": 0.05,
        "timeout": 0.3,
        **arguments,
    }
    return Asked(test, host, contract.PROBE_ICMP, asked)


def results(
    test: unittest.TestCase,
    host: namespaces.Host,
    *targets: str | dict[str, Any],
    **arguments: Any,
) -> tuple[probe.IcmpResult, ...]:
    """Probe and return the results."""
    reply = probe_icmp(test, host, *targets, **arguments).reply()
    assert isinstance(reply, probe.IcmpReport)
    return reply.results


def snapshot(
    test: unittest.TestCase, host: namespaces.Host, **asked: Any
) -> host_model.HostSnapshot:
    """Take a host's snapshot."""
    reply = Asked(test, host, contract.INSPECT_HOST, asked).reply()
    assert isinstance(reply, host_model.HostSnapshot)
    return reply
