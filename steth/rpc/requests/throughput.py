# SPDX-License-Identifier: Apache-2.0
"""Arguments of the operations that put load on a path.

The ceilings: 60 seconds a test, 16 streams, and 400 Gbit/s where a rate is
given; without one, TCP sends as fast as the path takes it.
"""

from typing import Annotated

import msgspec

from steth.model import throughput
from steth.rpc.requests import base
from steth.rpc.requests import task

MAX_TEST_SECONDS = 60
MAX_STREAMS = 16
MAX_RATE = 400_000.0


class ThroughputServer(base.Request, frozen=True, kw_only=True):
    """Start an iperf3 server for one test, as a task.

    It is bound to ``address``, one of the host's own, on a port that the
    agent chooses. ``lease`` is in seconds.
    """

    address: base.IpAddress
    lease: task.Lease = 60.0

    def __post_init__(self) -> None:
        _one_host("address", self.address)


class ProbeThroughput(base.Request, frozen=True, kw_only=True):
    """Send to an iperf3 server for ``seconds``, or with ``reverse`` from it.

    ``rate`` is in Mbit/s, of all ``streams`` together; UDP must have one,
    since it knows no congestion. ``source`` is the address to send from.
    """

    address: base.IpAddress
    port: Annotated[int, msgspec.Meta(ge=1024, le=65535)]
    source: base.IpAddress | None = None
    seconds: Annotated[int, msgspec.Meta(ge=1, le=MAX_TEST_SECONDS)] = 3
    protocol: throughput.Protocol = throughput.Protocol.TCP
    rate: Annotated[float, msgspec.Meta(ge=0.1, le=MAX_RATE)] | None = None
    streams: Annotated[int, msgspec.Meta(ge=1, le=MAX_STREAMS)] = 1
    reverse: bool = False

    @property
    def summary(self) -> str:
        """Which load is put where."""
        way = "from" if self.reverse else "to"
        return (
            f"iperf3 client, {self.seconds} s {way} {self.address} port "
            f"{self.port}"
        )

    def __post_init__(self) -> None:
        version = _one_host("address", self.address)
        if (
            self.source is not None
            and _one_host("source", self.source) != version
        ):
            raise ValueError(
                f"source: {self.source} is not of the same IP version as "
                f"{self.address}"
            )
        if self.protocol is throughput.Protocol.UDP and self.rate is None:
            raise ValueError("rate: UDP must have one")


def _one_host(argument: str, text: str) -> int:
    """Return the IP version of an address.

    :raises ValueError: unless it is the address of one host
    """
    address = base.ip_address(argument, text)
    if address.is_multicast or address.is_unspecified:
        raise ValueError(f"{argument}: {text} is not of one host")
    return address.version
