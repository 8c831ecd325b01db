# SPDX-License-Identifier: Apache-2.0
"""Finds the checks, Steth's own and those of other packages."""

from importlib import metadata

from steth.checks import base

ENTRY_POINT = "steth.checks"


def names() -> list[str]:
    """Return the names of all installed checks, sorted."""
    return sorted({one.name for one in _entry_points()})


def load(name: str) -> base.Check:
    """Return the check of that name.

    :raises base.UsageError: when no installed package has one
    """
    for one in _entry_points():
        if one.name == name:
            check = one.load()()
            if not isinstance(check, base.Check):
                raise base.UsageError(
                    f"the check {name!r} of {one.value} is not a "
                    f"steth.checks.base.Check"
                )
            return check
    raise base.UsageError(
        f"there is no check {name!r}; there are: {', '.join(names())}"
    )


def _entry_points() -> metadata.EntryPoints:
    return metadata.entry_points(group=ENTRY_POINT)
