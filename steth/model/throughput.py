# SPDX-License-Identifier: Apache-2.0
"""How much passes between two hosts."""

import enum

import msgspec

from steth.model import task


class Protocol(enum.StrEnum):
    """What carries the load."""

    TCP = "tcp"
    UDP = "udp"


class ThroughputServer(msgspec.Struct, frozen=True, kw_only=True):
    """The reply to ``probe.throughput_server``: where it listens.

    The task ends by itself after one test.
    """

    task: task.TaskInfo
    address: str
    port: int


class ThroughputReport(msgspec.Struct, frozen=True, kw_only=True):
    """The reply to ``probe.throughput``.

    ``bits_per_second`` is what arrived as payload, ``seconds`` how long it
    was sent. ``retransmits`` are TCP's segments, ``None`` where the sender's
    kernel does not tell; ``lost_packets``, ``packets``, ``lost_percent`` and
    ``jitter_ms`` are UDP's. ``cpu_percent`` and ``remote_cpu_percent`` say
    how much of one core iperf3 had in use on the client's and the server's
    host.
    """

    protocol: Protocol
    bits_per_second: float
    seconds: float
    retransmits: int | None = None
    lost_packets: int | None = None
    packets: int | None = None
    lost_percent: float | None = None
    jitter_ms: float | None = None
    cpu_percent: float | None = None
    remote_cpu_percent: float | None = None
