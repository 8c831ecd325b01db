# SPDX-License-Identifier: Apache-2.0

import json
import threading
from typing import Any
import unittest
from unittest import mock

from steth.agent import programs
from steth.agent.probe import throughput
from steth.model import throughput as throughput_model
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests

# What iperf3 3.12 says in the end, shortened.
TCP = {
    "start": {},
    "intervals": [],
    "end": {
        "sum_sent": {
            "seconds": 1.001125,
            "bytes": 2337275904,
            "bits_per_second": 18677195387.18941,
            "retransmits": 195,
        },
        "sum_received": {
            "seconds": 1.005321,
            "bits_per_second": 18590896463.91551,
        },
        "cpu_utilization_percent": {
            "host_total": 39.46,
            "remote_total": 42.34,
        },
    },
}
UDP = {
    "end": {
        "sum_sent": {"seconds": 1.00008, "bits_per_second": 49957795.3},
        "sum_received": {
            "seconds": 1.000135,
            "bits_per_second": 49955048.0,
            "jitter_ms": 0.0045,
            "lost_packets": 2,
            "packets": 4313,
            "lost_percent": 0.046,
        },
    }
}
REFUSED = {
    "end": {},
    "error": "unable to connect to server: Connection refused",
}


START = programs.start


def request(**changed: Any) -> requests.ProbeThroughput:
    asked = contract.decode_request(
        contract.PROBE_THROUGHPUT,
        {"address": "192.0.2.2", "port": 5201} | changed,
    )
    assert isinstance(asked, requests.ProbeThroughput)
    return asked


class ArgumentsTestCase(unittest.TestCase):
    def test_tcp(self) -> None:
        self.assertEqual(
            "--client 192.0.2.2 --port 5201 --json --interval 0 --time 3 "
            "--connect-timeout 3000 --parallel 1",
            " ".join(throughput.arguments(request())),
        )

    def test_all(self) -> None:
        argv = throughput.arguments(
            request(
                source="192.0.2.1",
                seconds=7,
                protocol="udp",
                rate=100.0,
                streams=4,
                reverse=True,
            )
        )
        self.assertEqual(
            "--time 7 --connect-timeout 3000 --parallel 4 --bind 192.0.2.1 "
            "--udp --bitrate 25000000 --reverse",
            " ".join(argv[argv.index("--time") :]),
        )

    def test_bad_ones(self) -> None:
        for argument, value in (
            ("address", "--help"),
            ("address", "224.0.0.1"),
            ("address", "0.0.0.0"),
            ("source", "2001:db8::1"),
            ("source", "eth0"),
            ("port", 80),
            ("port", 65536),
            ("seconds", 0),
            ("seconds", 61),
            ("seconds", 1.5),
            ("protocol", "sctp"),
            ("rate", 0),
            ("rate", 1e9),
            ("streams", 17),
        ):
            with (
                self.subTest(argument=argument, value=value),
                self.assertRaises(errors.OperationError) as caught,
            ):
                request(**{argument: value})
            self.assertEqual(argument, caught.exception.argument)

    def test_udp_without_a_rate(self) -> None:
        with self.assertRaises(errors.OperationError) as caught:
            request(protocol="udp")
        self.assertEqual("rate", caught.exception.argument)


class ParseTestCase(unittest.TestCase):
    def parse(self, told: Any, **asked: Any) -> Any:
        return throughput.parse(
            request(**asked), json.dumps(told).encode(), b""
        )

    def test_tcp(self) -> None:
        self.assertEqual(
            throughput_model.ThroughputReport(
                protocol=throughput_model.Protocol.TCP,
                bits_per_second=18590896463.91551,
                seconds=1.001125,
                retransmits=195,
                cpu_percent=39.46,
                remote_cpu_percent=42.34,
            ),
            self.parse(TCP),
        )

    def test_udp(self) -> None:
        self.assertEqual(
            throughput_model.ThroughputReport(
                protocol=throughput_model.Protocol.UDP,
                bits_per_second=49955048.0,
                seconds=1.00008,
                lost_packets=2,
                packets=4313,
                lost_percent=0.046,
                jitter_ms=0.0045,
            ),
            self.parse(UDP, protocol="udp", rate=50.0),
        )

    def test_what_iperf3_complains_of(self) -> None:
        with self.assertRaises(errors.OperationError) as caught:
            self.parse(REFUSED)
        self.assertEqual(errors.ErrorCode.FAILED, caught.exception.code)
        self.assertEqual(
            "iperf3 to 192.0.2.2 port 5201: unable to connect to server: "
            "Connection refused",
            caught.exception.message,
        )

    def test_not_understood(self) -> None:
        unknown: tuple[dict[str, Any], ...] = (
            {"end": {}},
            {"end": {"sum_sent": None}},
            {},
        )
        for told in unknown:
            with (
                self.subTest(told=told),
                self.assertRaises(errors.OperationError) as caught,
            ):
                self.parse(told)
            self.assertEqual(errors.ErrorCode.FAILED, caught.exception.code)

    def test_no_json(self) -> None:
        with self.assertRaisesRegex(
            errors.OperationError, "iperf3: parameter error$"
        ):
            throughput.parse(request(), b"", b"iperf3: parameter error\n")


class ProbeTestCase(unittest.TestCase):
    """With other programs in iperf3's place."""

    def program(self, path: str) -> None:
        for name, fake in (
            ("find", lambda name: path),
            ("start", lambda *argv: START(path, "60")),
        ):
            patcher = mock.patch.object(programs, name, fake)
            patcher.start()
            self.addCleanup(patcher.stop)

    def test_not_installed(self) -> None:
        with (
            mock.patch.object(throughput, "PROGRAM", "no-such-program"),
            self.assertRaises(errors.OperationError) as caught,
        ):
            throughput.probe(request(), threading.Event())
        self.assertEqual(errors.ErrorCode.MISSING, caught.exception.code)
        self.assertIn("no-such-program", caught.exception.message)

    def test_agent_stops(self) -> None:
        self.program("/bin/sleep")
        stopping = threading.Event()
        stopping.set()
        with (
            mock.patch.object(throughput, "_TICK", 0.01),
            self.assertRaises(errors.OperationError) as caught,
        ):
            throughput.probe(request(), stopping)
        self.assertEqual(errors.ErrorCode.BUSY, caught.exception.code)

    def test_late(self) -> None:
        self.program("/bin/sleep")
        with (
            mock.patch.object(throughput, "_TICK", 0.01),
            mock.patch.object(throughput, "_GRACE", -1.0),
            self.assertRaisesRegex(errors.OperationError, "within 0 s"),
        ):
            throughput.probe(request(seconds=1), threading.Event())
