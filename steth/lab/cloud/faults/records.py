# SPDX-License-Identifier: Apache-2.0
"""The faults that are in a cloud, and what it takes to heal them."""

import pathlib

import msgspec

from steth.lab import state as base
from steth.lab.cloud import state


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A fault that was put in, with the variables as they were then."""

    fault: str
    variables: dict[str, str]


class _Records(msgspec.Struct, frozen=True, kw_only=True):
    """What is in the file."""

    faults: list[Record]


def load(directory: pathlib.Path) -> list[Record]:
    """Return the faults that are in a cloud, the oldest first.

    :raises errors.LabError: when the file cannot be read
    """
    found = base.read(directory / state.FAULTS, _Records)
    return list(found.faults) if found else []


def save(directory: pathlib.Path, records: list[Record]) -> None:
    """Write the faults that are in a cloud, all of it or nothing."""
    content = msgspec.json.encode(_Records(faults=records))
    base.write(directory / state.FAULTS, msgspec.json.format(content))
