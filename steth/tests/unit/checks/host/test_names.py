# SPDX-License-Identifier: Apache-2.0
"""Names: a host is judged only where the others do better."""

import unittest

from steth.checks.host import names
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


class NamesTestCase(unittest.TestCase):
    def assert_found(
        self, nodes: list[node.Node], *expected: tuple[str, str]
    ) -> None:
        snapshots = {
            f"h{number}": host.HostSnapshot(
                host=f"h{number}",
                taken_at="",
                namespaces=(simulation.namespace(number),),
            )
            for number in (1, 2, 3, 4)
        }
        found = names.causes({one.host: one for one in nodes}, snapshots)
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

    def test_as_many_do_as_do_not(self) -> None:
        nodes = [_node("h1", h3=None), _node("h2"), _node("h4", h3=None)]
        self.assert_found(
            [*nodes, _node("h3")],
        )
