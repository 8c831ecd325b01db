# SPDX-License-Identifier: Apache-2.0
"""One finding as a block of lines."""

from collections.abc import Iterable
from collections.abc import Iterator
import textwrap

from steth.model import finding as finding_model

_LABEL_WIDTH = 10
_INDENT = "  "
#: More than that hides the cause from who reads it; JSON has it all.
_MOST_EVIDENCE = 6
_MOST_AFFECTED = 8


def render(title: str, finding: finding_model.Finding, width: int) -> str:
    """Return the block, without a final newline.

    :param title: what it is counted as, e.g. ``fault 1 of 3``
    """
    lines = [
        f"{title}: {finding.code}   {finding.severity}, {finding.confidence}"
    ]
    for label, text in _fields(finding):
        lines += _field(label, text, width)
    return "\n".join(lines)


def where(location: finding_model.Location) -> str:
    """Return a place in words, e.g. ``compute7, interface eth1``."""
    named = [
        (location.netns, "namespace"),
        (location.device, "interface"),
        (location.bridge, "bridge"),
        (location.port, "port"),
    ]
    parts = [location.host] if location.host else []
    parts += [f"{word} {name}" for name, word in named if name]
    place = ", ".join(parts)
    if not location.network:
        return place or "not on one host"
    if not place:
        return f"network {location.network}"
    return f"{place} (network {location.network})"


def _fields(finding: finding_model.Finding) -> Iterator[tuple[str, str]]:
    yield "where", where(finding.location)
    yield "what", finding.summary
    yield from _evidence(finding.evidence)
    if finding.affects:
        yield "affects", _shortened(finding.affects)
    yield "do", finding.remedy


def _evidence(
    evidence: tuple[finding_model.Evidence, ...],
) -> Iterator[tuple[str, str]]:
    expected = None
    for one in evidence[:_MOST_EVIDENCE]:
        if one.expected != expected:
            yield "expected", one.expected
            expected = one.expected
        seen = ", ".join(part for part in (one.host, one.source) if part)
        yield "observed", f"{one.observed}   ({seen})"
    more = len(evidence) - _MOST_EVIDENCE
    if more > 0:
        yield "", f"and {more} more observations, see -f json"


def _shortened(names: tuple[str, ...]) -> str:
    said = ", ".join(names[:_MOST_AFFECTED])
    more = len(names) - _MOST_AFFECTED
    return f"{said} and {more} more" if more > 0 else said


def _field(label: str, text: str, width: int) -> Iterable[str]:
    # The gap before where something was seen is kept: textwrap would not
    # break there alone, and people look for it.
    return textwrap.wrap(
        text,
        width,
        initial_indent=f"{_INDENT}{label:<{_LABEL_WIDTH}}",
        subsequent_indent=_INDENT + " " * _LABEL_WIDTH,
        break_long_words=False,
        break_on_hyphens=False,
    )
