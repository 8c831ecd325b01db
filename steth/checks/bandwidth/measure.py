# SPDX-License-Identifier: Apache-2.0
"""Asks the agents to send: a server on the one host, a client on the other."""

from collections.abc import Collection

import msgspec

from steth.checks import base
from steth.checks.mesh import cause
from steth.checks.mesh import segments
from steth.model import throughput
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests

#: Seconds that a server may take to listen.
_START = 5.0
#: Seconds that a client may take on top of its test.
_GRACE = 8.0
#: The lease of a server outlives the calls that it is started for.
_LEASE = 60.0
#: Errors that a host itself has, whoever its partner is.
_OF_HOST = frozenset(errors.ErrorCode) - {
    errors.ErrorCode.FAILED,
    errors.ErrorCode.BUSY,
    errors.ErrorCode.BAD_ARGUMENT,
}


class Measured(msgspec.Struct, kw_only=True):
    """What came of tests.

    ``failed`` says why a pair has no report; ``failures`` are the errors of
    hosts that cannot take part at all.
    """

    reports: dict[cause.Pair, throughput.ThroughputReport] = msgspec.field(
        default_factory=dict
    )
    failed: dict[cause.Pair, str] = msgspec.field(default_factory=dict)
    failures: dict[str, errors.OperationError] = msgspec.field(
        default_factory=dict
    )


def at_once(
    fleet: base.Fleet,
    segment: segments.Segment,
    pairs: Collection[cause.Pair],
    options: base.Throughput,
) -> Measured:
    """Run tests at the same time.

    :param pairs: in which no host sends twice or receives twice
    """
    addresses = {one.host: one.address for one in segment.members}
    measured = Measured()
    servers = _servers(fleet, addresses, pairs, options, measured)
    asked = {
        pair.source: requests.ProbeThroughput(
            address=addresses[pair.target],
            port=servers[pair].port,
            source=addresses[pair.source],
            seconds=options.seconds,
            protocol=options.protocol,
            rate=options.rate,
            streams=options.streams,
        )
        for pair in servers
    }
    answers = fleet.ask(
        contract.PROBE_THROUGHPUT, asked, seconds=options.seconds + _GRACE
    )
    left = {}
    for pair, server in servers.items():
        answer = answers[pair.source]
        if answer.error is None:
            measured.reports[pair] = answer.data
            continue
        _note(measured, pair, pair.source, answer.error)
        left[pair.target] = requests.TaskStop(id=server.task.id)
    if left:
        # Their leases would end them as well; this frees the port now.
        fleet.ask(contract.TASK_STOP, left, seconds=1.0)
    return measured


def _servers(
    fleet: base.Fleet,
    addresses: dict[str, str],
    pairs: Collection[cause.Pair],
    options: base.Throughput,
    measured: Measured,
) -> dict[cause.Pair, throughput.ThroughputServer]:
    answers = fleet.ask(
        contract.PROBE_THROUGHPUT_SERVER,
        {
            pair.target: requests.ThroughputServer(
                address=addresses[pair.target], lease=options.seconds + _LEASE
            )
            for pair in pairs
        },
        seconds=_START,
    )
    servers = {}
    for pair in pairs:
        answer = answers[pair.target]
        if answer.error is None:
            servers[pair] = answer.data
        else:
            _note(measured, pair, pair.target, answer.error)
    return servers


def _note(
    measured: Measured,
    pair: cause.Pair,
    host: str,
    error: errors.OperationError,
) -> None:
    measured.failed[pair] = f"{host}: {error.message}"
    if error.code in _OF_HOST:
        measured.failures[host] = error
