# SPDX-License-Identifier: Apache-2.0
"""A fault that was found."""

import enum

import msgspec


class Severity(enum.StrEnum):
    """How bad it is; only ``critical`` makes a run faulty."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class Confidence(enum.StrEnum):
    """How sure the cause is."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


class Location(msgspec.Struct, frozen=True, kw_only=True):
    """Where the fault is: the host, and what applies of the rest.

    ``switch_port`` is what the device's cable leads to, by LLDP.
    """

    host: str | None = None
    netns: str | None = None
    device: str | None = None
    bridge: str | None = None
    port: str | None = None
    network: str | None = None
    switch_port: str | None = None


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """One observation: where, how it was made, what should have been."""

    host: str | None
    source: str
    expected: str
    observed: str


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One fault: one cause, with what follows from it under ``affects``.

    ``also_found_by`` are other checks of the run that found the same.
    """

    code: str
    severity: Severity
    check: str
    summary: str
    location: Location
    affects: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...]
    remedy: str
    confidence: Confidence
    also_found_by: tuple[str, ...] = ()
