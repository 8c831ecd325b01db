# SPDX-License-Identifier: Apache-2.0
"""Segments for tests."""

from collections.abc import Sequence

from steth.checks.mesh import segments
from steth.model import host as host_model


def segment(
    name: str, hosts: Sequence[str], silent: Sequence[str] = ()
) -> segments.Segment:
    """Return a segment: 10.0.0.1 is the first host's, and so on.

    :param silent: more hosts, without an agent
    """
    link = host_model.Link(name="eth0", index=2, mtu=1500, admin_up=True)
    return segments.Segment(
        name=name,
        network=name,
        family=4,
        cidrs=("10.0.0.0/24",),
        configured=True,
        mtu=1500,
        mtu_configured=True,
        members=tuple(
            segments.Member(
                host=host,
                address=f"10.0.0.{number}",
                link=link if host in hosts else None,
            )
            for number, host in enumerate((*hosts, *silent), start=1)
        ),
    )
