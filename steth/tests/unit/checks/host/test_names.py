# SPDX-License-Identifier: Apache-2.0
"""Names: a host is judged only where the others do better."""

import unittest

import msgspec

from steth.checks.host import names
from steth.checks.mesh import cause
from steth.model import host
from steth.model import node
from steth.tests.unit.checks.host import simulation

_OWN = {f"h{number}": f"192.0.2.{number}" for number in (1, 2, 3, 4)}


def _node(name: str, **changed: str | None) -> node.Node:
    """Return a host that finds all others, but for what is changed."""
    return node.Node(
        host=name,
        hostname=name,
        names=tuple(
            node.Name(name=one, error="unknown")
            if address is None
            else node.Name(name=one, addresses=(address,))
            for one, address in {**_OWN, **changed}.items()
        ),
    )


def _snapshots() -> dict[str, host.HostSnapshot]:
    return {
        f"h{number}": host.HostSnapshot(
            host=f"h{number}",
            taken_at="",
            namespaces=(simulation.namespace(number),),
        )
        for number in (1, 2, 3, 4)
    }


class NamesTestCase(unittest.TestCase):
    def assert_found(
        self, nodes: list[node.Node], *expected: tuple[str, str]
    ) -> None:
        found = names.causes({one.host: one for one in nodes}, _snapshots())
        self.assertEqual(
            list(expected), [(one.entry.code, one.host) for one in found]
        )

    def test_health(self) -> None:
        self.assert_found([_node(name) for name in _OWN])
        # What Debian's installer writes of the host itself.
        self.assert_found(
            [_node(name, **{name: "127.0.1.1"}) for name in _OWN]
        )

    def test_a_deployment_without_names(self) -> None:
        self.assert_found(
            [_node(name, **dict.fromkeys(_OWN)) for name in _OWN]
        )

    def test_addresses_that_no_host_has_itself(self) -> None:
        outside = dict.fromkeys(_OWN, "203.0.113.1")
        self.assert_found([_node(name, **outside) for name in _OWN])

    def test_one_that_does_not_find_the_others(self) -> None:
        nodes = [_node(name) for name in ("h1", "h3", "h4")]
        self.assert_found(
            [*nodes, _node("h2", h1=None, h3=None)],
            ("host-name-unresolved", "h2"),
        )

    def test_one_that_finds_another_elsewhere(self) -> None:
        nodes = [_node(name) for name in ("h1", "h3", "h4")]
        for address in ("192.0.2.99", "127.0.0.1"):
            self.assert_found(
                [*nodes, _node("h2", h3=address)], ("host-name-wrong", "h2")
            )

    def test_its_own_name(self) -> None:
        nodes = [_node(name) for name in ("h1", "h3", "h4")]
        self.assert_found(
            [*nodes, _node("h2", h2=None)], ("host-name-unresolved", "h2")
        )
        self.assert_found(
            [*nodes, _node("h2", h2="192.0.2.99")], ("host-name-wrong", "h2")
        )
        # It is called otherwise by its agent.
        renamed = msgspec.structs.replace(_node("h2"), hostname="vm-2")
        for error, found in (
            (None, ()),
            ("unknown", (("host-name-unresolved", "h2"),)),
        ):
            own = node.Name(name="vm-2", error=error)
            self.assert_found(
                [
                    *nodes,
                    msgspec.structs.replace(
                        renamed, names=(*renamed.names, own)
                    ),
                ],
                *found,
            )

    def test_hosts_that_do_not_resolve_themselves(self) -> None:
        nodes = [_node(name, **{name: None}) for name in _OWN]
        self.assert_found(nodes)

    def assert_reversed(
        self,
        told: dict[str, dict[str, str]],
        *expected: str | None,
        changed: dict[str, dict[str, str]] | None = None,
    ) -> list[cause.Cause]:
        """Look at the names of addresses, by host and address.

        :param changed: by host: what names lead to there
        """
        found = list(
            names.reverse_causes(
                {
                    name: msgspec.structs.replace(
                        _node(name, **(changed or {}).get(name, {})),
                        reverse=tuple(
                            node.ReverseName(address=address, name=other)
                            for address, other in told.get(name, {}).items()
                        ),
                    )
                    for name in _OWN
                },
                _snapshots(),
            )
        )
        self.assertEqual(
            [("host-name-reversed", name) for name in expected],
            [(one.entry.code, one.host) for one in found],
        )
        return found

    def test_names_of_addresses(self) -> None:
        self.assert_reversed(
            {
                "h1": {
                    "192.0.2.2": "H2.example.org",
                    "192.0.2.3": "h3-storage",
                    "192.0.2.99": "h1",
                }
            }
        )

    def test_the_name_of_another_host(self) -> None:
        wrong = {"192.0.2.2": "h3.example.org"}
        (found,) = self.assert_reversed({"h1": wrong}, "h1")
        self.assertEqual(
            "on h1 192.0.2.2, an address of h2, has the name of h3",
            found.summary,
        )
        (found,) = self.assert_reversed(dict.fromkeys(_OWN, wrong), None)
        self.assertIn("on 4 of 4 hosts", found.summary)

    def test_one_wrong_entry_for_both_ways(self) -> None:
        """The wrong address of the name is told of."""
        entry = {"h1": {"192.0.2.2": "h3"}}
        self.assert_reversed(entry, changed={"h1": {"h3": "192.0.2.2"}})
        # Nobody tells of a name that leads all astray.
        everywhere = {name: {"h3": "192.0.2.2"} for name in _OWN}
        self.assert_reversed(entry, "h1", changed=everywhere)

    def test_as_many_do_as_do_not(self) -> None:
        nodes = [_node("h1", h3=None), _node("h2"), _node("h4", h3=None)]
        self.assert_found(
            [*nodes, _node("h3")],
        )
