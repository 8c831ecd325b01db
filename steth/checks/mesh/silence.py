# SPDX-License-Identifier: Apache-2.0
"""Agents that do not answer, or cannot do what they are asked."""

from collections.abc import Iterable
from collections.abc import Mapping

from steth.checks import catalogue
from steth.checks.mesh import cause
from steth.checks.mesh import matrix
from steth.checks.mesh import plan
from steth.checks.mesh import segments
from steth.model import finding
from steth.rpc import errors

#: Errors after which nothing was heard of the agent.
_SILENCE = frozenset({errors.ErrorCode.NO_ANSWER, errors.ErrorCode.REFUSED})

_CALLS = "calls on the message bus and to port 9698"
_ANSWER = "an answer of steth-agent"


def causes(
    failures: Mapping[str, errors.OperationError],
    checked: Iterable[segments.Segment],
    last: matrix.Matrix,
    anybody: bool,
) -> list[cause.Cause]:
    """Return a cause for each agent that was not heard of, or refused.

    :param failures: what came instead of an answer, by host
    :param last: the results, to tell whether the host itself is there
    :param anybody: whether any agent was heard of; if none was, the one
        cause is on the way to them, not on each of their hosts
    """
    checked = list(checked)
    if not anybody and len(failures) > 1:
        return [_nobody(failures)]
    return [
        _silent(host, error, checked, last)
        if error.code in _SILENCE
        else _failed(host, error, checked)
        for host, error in sorted(failures.items())
    ]


def _nobody(failures: Mapping[str, errors.OperationError]) -> cause.Cause:
    hosts = sorted(failures)
    return cause.Cause(
        entry=catalogue.AGENT_NO_ANSWER,
        summary=f"no agent answers, of {len(hosts)} that should",
        evidence=tuple(
            finding.Evidence(
                host=host,
                source=_CALLS,
                expected=_ANSWER,
                observed=failures[host].message,
            )
            for host in hosts[:3]
        ),
        confidence=finding.Confidence.LIKELY,
    )


def _silent(
    host: str,
    error: errors.OperationError,
    checked: Iterable[segments.Segment],
    last: matrix.Matrix,
) -> cause.Cause:
    evidence = [
        finding.Evidence(
            host=host,
            source=_CALLS,
            expected=_ANSWER,
            observed=error.message,
        )
    ]
    pinged = [
        result
        for (pair, size), result in last.results.items()
        if pair.target == host and size is plan.Size.SMALL
    ]
    answered = [one for one in pinged if one.received]
    about = ""
    if pinged:
        about = (
            ", but the host answers ping"
            if answered
            else ", and the host does not answer ping"
        )
        evidence.append(
            finding.Evidence(
                host=host,
                source=f"echo requests to {pinged[0].address}",
                expected=f"answers to {len(pinged)} hosts",
                observed=f"answers to {len(answered)} hosts",
            )
        )
    return cause.Cause(
        entry=catalogue.AGENT_NO_ANSWER,
        summary=f"the agent on {host} does not answer{about}",
        host=host,
        covers=_pairs(host, checked),
        evidence=tuple(evidence),
    )


def _failed(
    host: str,
    error: errors.OperationError,
    checked: Iterable[segments.Segment],
) -> cause.Cause:
    return cause.Cause(
        entry=catalogue.AGENT_OPERATION_FAILED,
        summary=f"the agent on {host} could not do its part",
        host=host,
        covers=_pairs(host, checked),
        evidence=(
            finding.Evidence(
                host=host,
                source="the agent's error",
                expected="the operation is done",
                observed=error.message,
            ),
        ),
    )


def _pairs(
    host: str, checked: Iterable[segments.Segment]
) -> frozenset[cause.Pair]:
    return frozenset(
        pair for segment in checked for pair in cause.pairs_of(segment, host)
    )
