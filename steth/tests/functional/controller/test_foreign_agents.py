# SPDX-License-Identifier: Apache-2.0
"""The real direct client and fleet against agents of other releases."""

from http import server
import threading
import time
from typing import Any
import unittest
from unittest import mock

from oslo_config import cfg

from steth.conf import load
from steth.controller import direct
from steth.controller import fleet as fleet_module
from steth.model import agent
from steth.rpc import bus
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests
from steth.tests.functional.controller import stub_agent

PING = requests.ProbeIcmp(targets=(requests.IcmpTarget(address="192.0.2.1"),))
#: Seconds in which a busy machine has read what a foreign agent sends.
_TIMEOUT = 3.0


class ForeignAgentTestCase(unittest.TestCase):
    """What one agent does is its own row, and nothing else."""

    def setUp(self) -> None:
        self.conf = cfg.ConfigOpts()
        self.addCleanup(self.conf.reset)
        load.register(self.conf)
        bus.register(self.conf)
        self.conf([], default_config_files=[], default_config_dirs=[])
        self.conf.set_override("hosts", {"a": "127.0.0.1"}, group="inventory")

    def stub(self, behave: stub_agent.Behaviour) -> stub_agent.StubAgent:
        stub = stub_agent.StubAgent(self, behave)
        self.conf.set_override("port", stub.port, group="direct_client")
        return stub

    def row(self, behave: stub_agent.Behaviour) -> agent.AgentRow:
        self.stub(behave)
        with fleet_module.open(
            self.conf, transport="direct", timeout=_TIMEOUT
        ) as fleet:
            (row,) = fleet.agents
        return row

    def ask(
        self, behave: stub_agent.Behaviour
    ) -> tuple[errors.OperationError, stub_agent.StubAgent]:
        stub = self.stub(behave)
        with fleet_module.open(self.conf, transport="direct") as fleet:
            one = fleet.ask(contract.PROBE_ICMP, {"a": PING}, seconds=0)["a"]
        assert one.error is not None
        return one.error, stub

    def assert_silent(self, said: str, behave: stub_agent.Behaviour) -> None:
        row = self.row(behave)
        self.assertIs(agent.AgentStatus.SILENT, row.status)
        self.assertRegex(row.reason or "", said)

    def test_newer_agent(self) -> None:
        row = self.row(
            stub_agent.answering(
                stub_agent.says("9.0", "1.9", "inspect.agent", "probe.new")
            )
        )
        self.assertIs(agent.AgentStatus.UP, row.status)
        self.assertEqual("9.0", row.version)
        self.assertIn("probe.new", row.operations)

    def test_older_agent(self) -> None:
        error, stub = self.ask(
            stub_agent.answering(
                stub_agent.says("0.3", "1.0", "inspect.agent")
            )
        )
        self.assertIs(errors.ErrorCode.UNKNOWN_OPERATION, error.code)
        self.assertEqual("agent 0.3 on a has no probe.icmp", error.message)
        self.assertEqual(
            ["inspect.agent"], [one["method"] for one in stub.calls]
        )

    def test_agent_of_another_world(self) -> None:
        error, stub = self.ask(
            stub_agent.answering(stub_agent.says("7.0", "2.0"))
        )
        self.assertIs(errors.ErrorCode.UNSUPPORTED_VERSION, error.code)
        self.assertIn("speaks version 2.0", error.message)
        self.assertEqual(1, len(stub.calls))

    def test_nothing_of_the_contract(self) -> None:
        self.assert_silent(
            "not of the contract", stub_agent.answering({"host": 7})
        )

    def test_not_json(self) -> None:
        self.assert_silent(
            "not JSON",
            lambda request, _: stub_agent.send(request, b"<html>"),
        )

    def test_other_status(self) -> None:
        self.assert_silent(
            "^bad answer: HTTP status 503 Service Unavailable$",
            lambda request, _: stub_agent.send(request, b"{}", 503),
        )

    def test_redirect(self) -> None:
        stub = stub_agent.StubAgent(
            self, stub_agent.answering(stub_agent.says("1.0", "1.0"))
        )
        self.assert_silent(
            "HTTP status 307",
            lambda request, _: stub_agent.send(
                request, b"", 307, Location=f"http://127.0.0.1:{stub.port}/"
            ),
        )
        self.assertEqual([], stub.calls)

    def test_endless(self) -> None:
        with mock.patch.object(direct, "MAX_RESPONSE_BYTES", 10_000_000):
            self.assert_silent(
                "larger than 10000000 bytes",
                lambda request, _: stub_agent.send(request, b"[" * 50_000_000),
            )

    def test_deeply_nested(self) -> None:
        self.assert_silent(
            "not JSON",
            lambda request, _: stub_agent.send(request, b"[" * 1_000_000),
        )

    def test_half_an_answer(self) -> None:
        def behave(
            request: server.BaseHTTPRequestHandler, _: dict[str, Any]
        ) -> None:
            request.send_response(200)
            request.send_header("Content-Length", "1000")
            request.end_headers()
            request.wfile.write(b"{")
            request.close_connection = True

        self.assert_silent("the answer broke off", behave)

    def test_no_answer(self) -> None:
        hold = threading.Event()
        self.addCleanup(hold.set)

        def behave(
            _: server.BaseHTTPRequestHandler, __: dict[str, Any]
        ) -> None:
            hold.wait(30)

        started = time.monotonic()
        self.assert_silent("then no answer in time", behave)
        self.assertLess(time.monotonic() - started, 10 * _TIMEOUT)

    def test_drop_by_drop(self) -> None:
        """A read time-out alone would wait for every drop."""
        hold = threading.Event()
        self.addCleanup(hold.set)

        def behave(
            request: server.BaseHTTPRequestHandler, _: dict[str, Any]
        ) -> None:
            request.send_response(200)
            request.send_header("Content-Length", "1000")
            request.end_headers()
            for _drop in range(1000):
                if hold.wait(0.2):
                    return
                request.wfile.write(b" ")

        started = time.monotonic()
        self.assert_silent("timed out after", behave)
        self.assertLess(time.monotonic() - started, 10 * _TIMEOUT)
