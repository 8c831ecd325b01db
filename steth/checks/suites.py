# SPDX-License-Identifier: Apache-2.0
"""Checks that are run together for a purpose, and the choice of a run."""

from collections.abc import Iterable
from collections.abc import Sequence

from steth.checks import base
from steth.checks import registry

#: The names of a suite's checks, in the order in which they are run: what
#: explains the trouble of others comes first.
SUITES: dict[str, tuple[str, ...]] = {
    "predeploy": (
        "host",
        "connectivity",
        "mtu",
        "vlan",
        "gateway",
        "multicast",
        "rogue-dhcp",
        "bandwidth",
    ),
}


def chosen(
    names: Sequence[str], suites: Iterable[str], skipped: Sequence[str]
) -> list[str]:
    """Return the names of the checks to run, each once.

    Those of the suites come first, in their order. Without names and suites
    they are all that are installed.

    :raises base.UsageError: for a check or suite that does not exist, and
        when none is left
    """
    known = registry.names()
    strangers = [one for one in (*names, *skipped) if one not in known]
    if strangers:
        raise base.UsageError(
            f"there is no check {', '.join(map(repr, strangers))}; there "
            f"are: {', '.join(known)}"
        )
    wanted: list[str] = []
    for suite in suites:
        if suite not in SUITES:
            raise base.UsageError(
                f"there is no suite {suite!r}; there are: "
                f"{', '.join(sorted(SUITES))}"
            )
        wanted.extend(SUITES[suite])
    wanted.extend(names)
    left = [
        one for one in dict.fromkeys(wanted or known) if one not in skipped
    ]
    if not left:
        raise base.UsageError("no check is left to run: all are skipped")
    return left
