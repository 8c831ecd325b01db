# SPDX-License-Identifier: Apache-2.0
"""``probe.throughput``: sends to an iperf3 server as its client."""

import ipaddress
import json
import subprocess
import threading
import time
from typing import Any

from steth.agent import programs
from steth.model import throughput
from steth.rpc import errors
from steth.rpc import requests

PROGRAM = "iperf3"

#: How long the server may take to answer, in milliseconds.
_CONNECT_TIMEOUT = "3000"
#: How many seconds more than its test a client may take; then the path has
#: swallowed what the two have to tell each other.
_GRACE = 8.0
#: How often the end of the agent is looked for, in seconds.
_TICK = 0.5


def probe(
    request: requests.ProbeThroughput, cancelled: threading.Event
) -> throughput.ThroughputReport:
    """Run one test.

    :param cancelled: when it is set, the test ends
    :raises errors.OperationError: ``missing`` without iperf3, ``failed``
        with what iperf3 says
    """
    process = programs.start(programs.find(PROGRAM), *arguments(request))
    try:
        out, said = _output(process, request.seconds + _GRACE, cancelled)
    finally:
        programs.end(process)
    return parse(request, out, said)


def arguments(request: requests.ProbeThroughput) -> list[str]:
    """Return iperf3's arguments for a test."""
    argv = ["--client", str(ipaddress.ip_address(request.address))]
    argv += ["--port", str(request.port)]
    argv += ["--json", "--interval", "0"]
    argv += ["--time", str(request.seconds)]
    argv += ["--connect-timeout", _CONNECT_TIMEOUT]
    argv += ["--parallel", str(request.streams)]
    if request.source is not None:
        argv += ["--bind", str(ipaddress.ip_address(request.source))]
    if request.protocol is throughput.Protocol.UDP:
        argv.append("--udp")
    if request.rate is not None:
        # iperf3 counts the rate for each stream.
        bits = request.rate * 1e6 / request.streams
        argv += ["--bitrate", str(round(bits))]
    if request.reverse:
        argv.append("--reverse")
    return argv


def _output(
    process: "subprocess.Popen[bytes]",
    timeout: float,
    cancelled: threading.Event,
) -> tuple[bytes, bytes]:
    deadline = time.monotonic() + timeout
    while True:
        try:
            return process.communicate(timeout=_TICK)
        except subprocess.TimeoutExpired:
            if cancelled.is_set():
                raise errors.OperationError(
                    errors.ErrorCode.BUSY, "the agent is stopping"
                ) from None
            if time.monotonic() > deadline:
                raise errors.OperationError(
                    errors.ErrorCode.FAILED,
                    f"{PROGRAM} did not come to an end within "
                    f"{timeout:.0f} s: its packets got lost on the way",
                ) from None


def parse(
    request: requests.ProbeThroughput, out: bytes, said: bytes
) -> throughput.ThroughputReport:
    """Return what iperf3 measured.

    :param out: its output with ``--json``
    :param said: its error output
    :raises errors.OperationError: ``failed``, with what it says
    """
    try:
        told = json.loads(out)
    except ValueError:
        raise _failed(request, said.decode(errors="replace")) from None
    if told.get("error"):
        raise _failed(request, str(told["error"]))
    try:
        return _report(request.protocol, told["end"])
    except (KeyError, TypeError) as error:
        raise _failed(
            request, f"its output is not understood ({error!r})"
        ) from None


def _report(
    protocol: throughput.Protocol, end: dict[str, Any]
) -> throughput.ThroughputReport:
    sent = end["sum_sent"]
    received = end["sum_received"]
    used = end.get("cpu_utilization_percent", {})
    udp = received if protocol is throughput.Protocol.UDP else {}
    return throughput.ThroughputReport(
        protocol=protocol,
        bits_per_second=float(received["bits_per_second"]),
        seconds=float(sent["seconds"]),
        retransmits=sent.get("retransmits"),
        lost_packets=udp.get("lost_packets"),
        packets=udp.get("packets"),
        lost_percent=udp.get("lost_percent"),
        jitter_ms=udp.get("jitter_ms"),
        cpu_percent=used.get("host_total"),
        remote_cpu_percent=used.get("remote_total"),
    )


def _failed(
    request: requests.ProbeThroughput, said: str
) -> errors.OperationError:
    return errors.OperationError(
        errors.ErrorCode.FAILED,
        f"{PROGRAM} to {request.address} port {request.port}: "
        f"{said.strip() or 'no output'}",
    )
