# SPDX-License-Identifier: Apache-2.0
"""What a fault of a cloud is."""

import enum

import msgspec


class Place(enum.StrEnum):
    """Where a step is done."""

    #: The node that the fault is on.
    HOST = "host"
    #: The instance that the fault is about.
    INSTANCE = "instance"
    NETWORK = "network1"
    SWITCH = "switch"
    GATEWAY = "gateway"
    #: Every node with an Open vSwitch of the cloud's.
    NODES = "nodes"


class Step(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A step; ``heal``, in the opposite order, takes ``inject`` back."""


class Script(Step, frozen=True, kw_only=True, tag=True):
    """A shell script, run inside a place with the fault's variables.

    It stops at the first command that fails. What ``inject`` has to keep
    for ``heal`` goes into the directory ``$KEEP``.
    """

    place: Place
    inject: str = ""
    heal: str = ""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A request to Neutron, with the fault's variables as ``$NAME``."""

    method: str
    path: str
    body: str = ""


class Request(Step, frozen=True, kw_only=True, tag=True):
    """Requests to Neutron's API, one after the other."""

    inject: tuple[Call, ...] = ()
    heal: tuple[Call, ...] = ()


class Service(Step, frozen=True, kw_only=True, tag=True):
    """A service of a host that is killed and started again."""

    place: Place
    name: str
    #: Started again at once: no fault.
    restart: bool = False


class Power(Step, frozen=True, kw_only=True, tag=True):
    """The instance is switched off, and on again."""


class Stray(Step, frozen=True, kw_only=True, tag=True):
    """A port of an instance on a host where its network is not."""


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """A fault: what it breaks, and the finding that should name it.

    ``breaks`` are the cells of the traffic matrix that it must show in, as
    patterns of fnmatch(3); ``either`` may or may not work; all others have
    to go on working. ``finding`` is ``None``, and ``breaks`` empty, for a
    healthy twin: a change that looks like a fault and is none. ``host`` is
    the node that it is on, ``instance`` what it is about. ``patience`` is
    how many seconds it may take to show on a busy machine.
    """

    name: str
    summary: str
    finding: str | None
    steps: tuple[Step, ...]
    breaks: tuple[str, ...] = ()
    either: tuple[str, ...] = ()
    host: str = "compute2"
    instance: str = "web2"
    patience: float = 60.0
