# SPDX-License-Identifier: Apache-2.0

import json
import subprocess
import sys
from typing import Any
import unittest

from steth.model import probe
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests


class RequestTestCase(unittest.TestCase):
    def refuse(
        self, operation: contract.Operation, arguments: object
    ) -> errors.OperationError:
        with self.assertRaises(errors.OperationError) as caught:
            contract.decode_request(operation, arguments)
        self.assertEqual(errors.ErrorCode.BAD_ARGUMENT, caught.exception.code)
        self.assertIn(operation.name, caught.exception.message)
        return caught.exception

    def test_defaults(self) -> None:
        self.assertEqual(
            requests.InspectHost(),
            contract.decode_request(contract.INSPECT_HOST, {}),
        )

    def test_bad_argument_is_named(self) -> None:
        target = {"address": "192.0.2.1"}
        bad: tuple[tuple[dict[str, Any], str], ...] = (
            ({"targets": [target], "count": 0}, "count"),
            ({"targets": [target], "timeout": "1"}, "timeout"),
            ({"targets": target}, "targets"),
            ({"targets": [{**target, "device": "a/b"}]}, "targets[0].device"),
            ({"targets": [{**target, "size": 1}]}, "targets[0].size"),
        )
        for arguments, argument in bad:
            with self.subTest(arguments=arguments):
                error = self.refuse(contract.PROBE_ICMP, arguments)
                self.assertEqual(argument, error.argument)
                self.assertIn(argument, error.message)

    def test_what_is_no_arguments(self) -> None:
        others: tuple[Any, ...] = (None, [], "x", 3, {1: 2}, {"bogus": 1})
        for arguments in others:
            with self.subTest(arguments=arguments):
                self.refuse(contract.INSPECT_AGENT, arguments)

    def test_ceilings(self) -> None:
        many = [{"address": "192.0.2.1", "size": 65535}] * 4096
        ceilings: tuple[tuple[dict[str, Any], str, str | None], ...] = (
            ({"count": 100}, "count: ", "count"),
            # It is the targets' argument, not the operation's.
            ({"count": 10}, "size: ", None),
            (
                {"targets": many[:1], "count": 100, "interval": 10.0},
                "interval: ",
                "interval",
            ),
        )
        for more, text, argument in ceilings:
            with self.subTest(more=more):
                arguments = {"targets": many, **more}
                error = self.refuse(contract.PROBE_ICMP, arguments)
                self.assertIn(text, error.message)
                self.assertEqual(argument, error.argument)

    def test_addresses(self) -> None:
        for address in ("", "x", "192.0.2.1; id", "224.0.0.1", "::", "1.2.3"):
            with self.subTest(address=address):
                self.refuse(
                    contract.PROBE_ICMP, {"targets": [{"address": address}]}
                )
        self.refuse(
            contract.PROBE_ICMP,
            {"targets": [{"address": "192.0.2.1", "source": "2001:db8::1"}]},
        )


class HoldTestCase(unittest.TestCase):
    """What can be held says what it is about, for the list of tasks."""

    def test_summary(self) -> None:
        arguments: dict[str, tuple[dict[str, Any], str]] = {
            "probe.dhcp": (
                {"places": [{"interface": "eth1", "vlans": "5-6"}], "run": 1},
                "6 questions on eth1",
            ),
            "probe.icmp": (
                {"targets": [{"address": "192.0.2.1"}] * 2, "count": 3},
                "6 packets to 2 targets",
            ),
            "probe.multicast": (
                {
                    "places": [
                        {"interface": "eth1", "address": "192.0.2.1"},
                        {"interface": "eth1", "address": "2001:db8::1"},
                    ],
                    "run": 1,
                    "index": 0,
                    "hosts": 2,
                },
                "5 messages on eth1",
            ),
            "probe.neighbours": (
                {"neighbours": [{"interface": "a", "address": "192.0.2.1"}]},
                "1 addresses",
            ),
            "probe.packet_send": (
                {"interface": "qr-1", "netns": "q", "file": "", "count": 7},
                "a file of frames, 7 times on qr-1@q",
            ),
            "probe.throughput": (
                {"address": "192.0.2.1", "port": 5201, "seconds": 9},
                "iperf3 client, 9 s to 192.0.2.1 port 5201",
            ),
            "probe.vlan_send": (
                {"interface": "a", "run": 1, "index": 0, "vlans": "1-9"},
                "10 VLANs on a",
            ),
        }
        self.assertEqual(
            set(arguments),
            {one.name for one in contract.OPERATIONS.values() if one.holdable},
        )
        for name, (given, said) in arguments.items():
            request = contract.decode_request(contract.OPERATIONS[name], given)
            self.assertEqual(said, request.summary)


class ReplyTestCase(unittest.TestCase):
    def test_data_survives_json(self) -> None:
        report = probe.IcmpReport(
            results=(
                probe.IcmpResult(
                    address="192.0.2.1",
                    size=64,
                    sent=1,
                    received=0,
                    failure=probe.FailureKind.SILENT,
                ),
            ),
            duration=1.5,
        )
        reply = json.loads(json.dumps(contract.encode_data(report)))
        self.assertEqual(
            report, contract.decode_reply(contract.PROBE_ICMP, reply)
        )

    def test_newer_agent(self) -> None:
        reply = {"data": {"results": [], "duration": 1, "more": {"x": 1}}}
        self.assertEqual(
            probe.IcmpReport(results=(), duration=1.0),
            contract.decode_reply(contract.PROBE_ICMP, reply),
        )

    def test_unreadable(self) -> None:
        unreadable: tuple[Any, ...] = (
            None,
            [],
            {},
            {"data": None},
            {"error": None},
            {"error": {"code": "new-code", "message": "x"}},
        )
        for reply in unreadable:
            with (
                self.subTest(reply=reply),
                self.assertRaises(errors.OperationError) as caught,
            ):
                contract.decode_reply(contract.PROBE_ICMP, reply)
            self.assertEqual(errors.ErrorCode.INTERNAL, caught.exception.code)

    def test_replies_that_come_in_together(self) -> None:
        """Threads that are the first to use a type crashed the process."""
        script = (
            "import sys, threading; from steth.rpc import contract\n"
            "sys.setswitchinterval(1e-6)\n"
            "together = threading.Barrier(8)\n"
            "def read():\n"
            "    together.wait()\n"
            "    contract.decode_reply(contract.INSPECT_HOST, {'data': {\n"
            "        'host': 'a', 'taken_at': '', 'namespaces': []}})\n"
            "threads = [threading.Thread(target=read) for _ in range(8)]\n"
            "[one.start() for one in threads]\n"
            "[one.join() for one in threads]\n"
        )
        for _ in range(3):
            done = subprocess.run(
                [sys.executable, "-c", script],
                capture_output=True,
                text=True,
                check=False,
                timeout=60,
            )
            self.assertEqual((0, ""), (done.returncode, done.stderr))
