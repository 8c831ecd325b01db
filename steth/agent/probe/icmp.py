# SPDX-License-Identifier: Apache-2.0
"""``probe.icmp``: echo requests to many targets at once."""

import logging

import msgspec

from steth.agent.inspect import named
from steth.agent.privileged import icmp as privileged_icmp
from steth.agent.probe import diagnosis
from steth.agent.probe import failure as failure_module
from steth.agent.probe import pace
from steth.agent.probe import privilege
from steth.agent.probe import resolution
from steth.agent.probe import tally
from steth.model import probe as probe_model
from steth.rpc import errors
from steth.rpc import requests

LOG = logging.getLogger(__name__)


def probe(
    request: requests.ProbeIcmp,
    max_packet_rate: int,
    cancelled: privilege.Signal | None = None,
) -> probe_model.IcmpReport:
    """Send the packets of a request and say what became of them.

    :param max_packet_rate: packets per second that this agent sends at most
    :param cancelled: once it is set, the probe ends within half a second
    :raises errors.OperationError: ``bad-argument`` when this agent's pace
        would take it beyond the ceiling in seconds, or there is no such
        network namespace; ``failed`` when the agent may not open raw
        sockets, or was told to end
    """
    _check_duration(request, max_packet_rate)
    if request.netns is not None:
        named.check(request.netns)
    run = _run if request.netns is None else _run_inside
    return _report(request, run(request, max_packet_rate, cancelled))


def _run(
    request: requests.ProbeIcmp,
    max_packet_rate: int,
    cancelled: privilege.Signal | None,
) -> diagnosis.Explained:
    found = privilege.run(
        "probe.icmp",
        "",
        "raw",
        lambda token, agent: privileged_icmp.run(
            msgspec.to_builtins(request),
            msgspec.to_builtins(resolution.questions_of(request)),
            max_packet_rate,
            token,
            agent,
        ),
        cancelled,
    )
    return diagnosis.explain(request, msgspec.convert(found, tally.ProbeTally))


def _run_inside(
    request: requests.ProbeIcmp,
    max_packet_rate: int,
    cancelled: privilege.Signal | None,
) -> diagnosis.Explained:
    found = privilege.run(
        "probe.icmp",
        "",
        "raw",
        lambda token, agent: privileged_icmp.run_inside(
            request.netns or "",
            msgspec.to_builtins(request),
            max_packet_rate,
            token,
            agent,
        ),
        cancelled,
        privilege.NAMESPACE_PROBE,
    )
    return msgspec.convert(found, diagnosis.Explained)


def _check_duration(request: requests.ProbeIcmp, max_packet_rate: int) -> None:
    planned = pace.Pace(
        len(request.targets), request.count, request.interval, max_packet_rate
    )
    seconds = (
        planned.seconds + request.timeout + request.delay + request.linger
    )
    if seconds > requests.MAX_SECONDS:
        raise errors.OperationError(
            errors.ErrorCode.BAD_ARGUMENT,
            f"count: at this agent's pace of {max_packet_rate} packets per "
            f"second (max_packet_rate in its configuration) it would take "
            f"{seconds:.0f} s, at most {requests.MAX_SECONDS:.0f} s are "
            "allowed",
            "count",
        )


def _report(
    request: requests.ProbeIcmp, explained: diagnosis.Explained
) -> probe_model.IcmpReport:
    found = explained.tally
    if found.lost:
        LOG.warning(
            "The prober's receive buffers had no room for %d packets; "
            "net.core.rmem_max can be raised",
            found.lost,
        )
    causes = iter(explained.causes)
    return probe_model.IcmpReport(
        results=tuple(
            _result(
                asked,
                one,
                None if one.failure is None else next(causes),
                found.lost,
            )
            for asked, one in zip(request.targets, found.targets, strict=True)
        ),
        sightings=found.sightings,
        lost_by_watch=found.lost_by_watch,
        duration=found.duration,
    )


def _result(
    asked: requests.IcmpTarget,
    found: tally.TargetTally,
    cause: failure_module.Cause | None,
    lost: int,
) -> probe_model.IcmpResult:
    detail = cause.detail if cause else None
    if cause and cause.kind is probe_model.FailureKind.SILENT and lost:
        detail = (
            f"the agent itself lost {lost} answers for want of buffer space"
        )
    return probe_model.IcmpResult(
        address=asked.address,
        size=asked.size,
        sent=found.sent,
        received=found.received,
        rtt_min=found.rtt_min,
        rtt_avg=found.rtt_avg,
        rtt_max=found.rtt_max,
        rtt_stddev=found.rtt_stddev,
        failure=cause.kind if cause else None,
        mtu=cause.mtu if cause else None,
        reported_by=cause.reported_by if cause else None,
        detail=detail,
        duplicates=found.duplicates,
    )
