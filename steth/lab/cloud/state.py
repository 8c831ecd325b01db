# SPDX-License-Identifier: Apache-2.0
"""What a cloud remembers between commands."""

import pathlib

import msgspec

from steth.lab import state
from steth.lab.cloud import layout
from steth.lab.cloud import preparation

_FILE = "steth-cloud.json"
CLOUDS_YAML = "clouds.yaml"
OPENRC = "openrc"
#: What those keep who put something into the cloud or break it.
SCENARIO = "scenario.json"
FAULTS = "faults.json"
#: All files in a cloud's directory; they go with it.
FILES = (_FILE, CLOUDS_YAML, OPENRC, SCENARIO, FAULTS)


class State(msgspec.Struct, kw_only=True):
    """A cloud's shape, what it was prepared from, and its secrets.

    ``complete`` says that ``up`` came to its end.
    """

    shape: layout.Shape
    prepared: preparation.Prepared
    broker_password: str
    direct_password: str
    complete: bool = False


def load(directory: pathlib.Path) -> State | None:
    """Return a cloud's state, ``None`` where there is none.

    :raises errors.LabError: when it cannot be read
    """
    return state.read(directory / _FILE, State)


def save(directory: pathlib.Path, record: State) -> None:
    """Write a cloud's state, all of it or nothing."""
    text = msgspec.json.format(msgspec.json.encode(record))
    state.write(directory / _FILE, text)
