# SPDX-License-Identifier: Apache-2.0

import unittest

from steth.checks.mesh import claims
from steth.checks.mesh import segments
from steth.model import host
from steth.model import neighbours
from steth.rpc import requests

_OTHER = "02:00:00:00:00:99"


def _mac(number: int) -> str:
    return f"02:00:00:00:00:{number:02x}"


def _member(number: int, *, silent: bool = False) -> segments.Member:
    """Return a host of one of two racks, the second from 128 on."""
    return segments.Member(
        host=f"h{number}",
        address=f"10.0.0.{number}",
        prefix_length=None if silent else 25,
        link=None
        if silent
        else host.Link(
            name="eth0",
            index=2,
            mtu=1500,
            admin_up=True,
            mac=_mac(number),
        ),
    )


def _segment(*members: segments.Member) -> segments.Segment:
    return segments.Segment(
        name="n",
        network="n",
        family=4,
        cidrs=("10.0.0.0/25", "10.0.0.128/25"),
        configured=True,
        mtu=1500,
        mtu_configured=True,
        members=members,
    )


class PlanTestCase(unittest.TestCase):
    """Every address is asked for once, by a host of its subnet."""

    def planned(self, *members: segments.Member) -> dict[str, list[str]]:
        """Return the addresses that each host asks for."""
        return {
            asker: [one.address for one in request.neighbours]
            for asker, request in claims.plan(
                [_segment(*members)]
            ).requests.items()
        }

    def test_each_once(self) -> None:
        self.assertEqual(
            {
                "h1": ["10.0.0.2", "10.0.0.3"],
                "h2": ["10.0.0.1"],
                "h130": ["10.0.0.131"],
                "h131": ["10.0.0.130"],
            },
            self.planned(*map(_member, (1, 2, 3, 130, 131))),
        )

    def test_who_does_not_ask_is_asked_for(self) -> None:
        self.assertEqual(
            {"h2": ["10.0.0.1"]},
            self.planned(_member(1, silent=True), _member(2)),
        )

    def test_nobody_asks(self) -> None:
        self.assertEqual({}, self.planned(_member(1)))
        self.assertEqual({}, self.planned())

    def test_what_one_request_does_not_hold(self) -> None:
        many = [_segment(*map(_member, range(1, 121))) for _ in range(6)]
        planned = claims.plan(many)
        lengths = {
            asker: len(one.neighbours)
            for asker, one in planned.requests.items()
        }
        self.assertEqual(6 * 120, sum(lengths.values()))
        self.assertEqual(requests.MAX_NEIGHBOURS, lengths["h1"])
        # The last asks for the address of the second.
        self.assertEqual({"h1", "h2", "h3"}, set(lengths))


class CausesTestCase(unittest.TestCase):
    def found(self, *macs: str, also: str = "10.0.0.9") -> list[str | None]:
        """Return the hosts whose address is claimed, when h1 is told so.

        :param also: an address of h3
        """
        planned = claims.plan([_segment(*map(_member, (1, 2, 3)))])
        answers = {"10.0.0.2": macs, "10.0.0.3": (_mac(3),)}
        reports = {
            "h1": neighbours.NeighbourReport(
                results=tuple(
                    neighbours.NeighbourResult(
                        interface="eth0",
                        address=one.address,
                        macs=answers[one.address],
                    )
                    for one in planned.requests["h1"].neighbours
                ),
                duration=1.0,
            )
        }
        snapshots = {
            name: host.HostSnapshot(
                host=name,
                taken_at="",
                namespaces=(
                    host.Namespace(
                        name="",
                        links=(
                            host.Link(
                                name="eth0",
                                index=2,
                                mtu=1500,
                                admin_up=True,
                                mac=_mac(int(name[1:])),
                            ),
                        ),
                        addresses=tuple(
                            host.Address(
                                address=address,
                                family=4,
                                prefix_length=25,
                                device="x",
                            )
                            for address in addresses
                        ),
                    ),
                ),
            )
            for name, addresses in (
                ("h2", ("10.0.0.2",)),
                ("h3", ("10.0.0.3", also)),
            )
        }
        own = {f"h{number}": frozenset({_mac(number)}) for number in (1, 2, 3)}
        return [
            one.host for one in claims.causes(planned, reports, snapshots, own)
        ]

    def test_the_host_alone(self) -> None:
        self.assertEqual([], self.found(_mac(2)))

    def test_nobody(self) -> None:
        self.assertEqual([], self.found())

    def test_a_stranger_as_well(self) -> None:
        self.assertEqual(["h2"], self.found(_mac(2), _OTHER))

    def test_another_host_for_it(self) -> None:
        """It is that host which should not (proxy ARP)."""
        self.assertEqual(["h3"], self.found(_mac(2), _mac(3)))

    def test_another_host_and_a_stranger_as_well(self) -> None:
        self.assertEqual(["h2"], self.found(_mac(2), _mac(3), _OTHER))

    def test_a_router_for_it(self) -> None:
        self.assertEqual([], self.found(_OTHER))

    def test_another_host_that_has_it(self) -> None:
        """Its snapshot tells that."""
        self.assertEqual([], self.found(_mac(2), _mac(3), also="10.0.0.2"))
