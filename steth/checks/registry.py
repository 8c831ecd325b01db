# SPDX-License-Identifier: Apache-2.0
"""Finds the checks, Steth's own and those of other packages."""

from importlib import metadata
from typing import ClassVar

from steth.checks import base
from steth.rpc import contract

ENTRY_POINT = "steth.checks"


def names() -> list[str]:
    """Return the names of all installed checks, sorted."""
    return sorted({one.name for one in _entry_points()})


def load(name: str) -> base.Check:
    """Return the check of that name.

    One that cannot be loaded is returned as a check that breaks: it has to
    be a row of the report, and the others go on.

    :raises base.UsageError: when no installed package has one
    """
    for one in _entry_points():
        if one.name == name:
            return _loaded(one)
    raise base.UsageError(
        f"there is no check {name!r}; there are: {', '.join(names())}"
    )


def _loaded(one: metadata.EntryPoint) -> base.Check:
    try:
        check = one.load()()
    except Exception as error:
        # Importing another package's module may raise whatever it likes.
        return _Unloadable(one.name, f"{one.value}: {error!r}")
    if not isinstance(check, base.Check):
        return _Unloadable(
            one.name, f"{one.value} is not a steth.checks.base.Check"
        )
    return check


class _Unloadable(base.Check):
    """Stands for a check that cannot be loaded, and says why."""

    operations: ClassVar[tuple[contract.Operation, ...]] = ()

    def __init__(self, name: str, why: str) -> None:
        # What the class has in other checks is known of each here.
        self.name = name  # type: ignore[misc]
        self.summary = f"Cannot be loaded: {why}"  # type: ignore[misc]

    def run(self, context: base.Context) -> base.CheckOutcome:
        """Break, as the runner expects it of checks.

        :raises RuntimeError: always
        """
        raise RuntimeError(self.summary)


def _entry_points() -> metadata.EntryPoints:
    return metadata.entry_points(group=ENTRY_POINT)
