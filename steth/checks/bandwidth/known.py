# SPDX-License-Identifier: Apache-2.0
"""What an earlier check of the run has found between hosts already.

A network that loses packets, or that no packet passes, is slow too: that is
told with the finding that says why, and not as a fault of its own.
"""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping

import msgspec

from steth.checks import catalogue
from steth.checks.bandwidth import requirement
from steth.checks.mesh import cause
from steth.model import finding

Explained = Mapping[tuple[str, str, str], finding.Finding]


def of(pair: cause.Pair, explained: Explained) -> finding.Finding | None:
    """Return what explains the trouble of a pair; TCP needs both ways."""
    segment, source, target = pair
    return explained.get(pair) or explained.get((segment, target, source))


def causes(
    short: Collection[cause.Pair],
    failed: Collection[cause.Pair],
    tested: int,
    explained: Explained,
    requirements: requirement.Requirements,
) -> Iterable[cause.Cause]:
    """Yield the causes known before, with what follows from each here.

    :param short: known pairs between which less passes than has to
    :param failed: known pairs whose test came to nothing
    :param tested: how many tests there were on the network
    """
    found: dict[tuple[str, str], list[cause.Pair]] = {}
    by_key: dict[tuple[str, str], finding.Finding] = {}
    for pair in sorted({*short, *failed}):
        one = of(pair, explained)
        if one is not None:
            key = (one.code, one.summary)
            found.setdefault(key, []).append(pair)
            by_key[key] = one
    for key, pairs in found.items():
        yield _cause(by_key[key], pairs, failed, tested, requirements)


def _cause(
    one: finding.Finding,
    pairs: Collection[cause.Pair],
    failed: Collection[cause.Pair],
    tested: int,
    requirements: requirement.Requirements,
) -> cause.Cause:
    segment = next(iter(pairs)).segment
    entry = catalogue.ENTRIES[one.code]
    needs = [requirements.of(pair) for pair in pairs]
    if one.severity is finding.Severity.CRITICAL or any(
        need and need.basis is requirement.Basis.CONFIGURATION
        for need in needs
    ):
        # What somebody asked for is not there, however small the cause.
        entry = msgspec.structs.replace(
            entry, severity=finding.Severity.CRITICAL
        )
    lost = sum(pair in failed for pair in pairs)
    affected = []
    if lost:
        affected.append(f"{lost} come to nothing")
    if lost < len(pairs):
        affected.append(f"{len(pairs) - lost} fall short")
    return cause.Cause(
        entry=entry,
        summary=one.summary,
        host=one.location.host,
        device=one.location.device,
        netns=one.location.netns,
        networks=tuple((one.location.network or segment).split(", ")),
        affects=(
            f"of {tested} tests of bandwidth on {segment} "
            f"{' and '.join(affected)}",
        ),
        evidence=(),
        confidence=one.confidence,
    )
