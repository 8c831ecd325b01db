# SPDX-License-Identifier: Apache-2.0
"""Where a fault goes."""

import unittest

from steth.lab import errors
from steth.lab import layout
from steth.lab import target

SHAPE = layout.Shape(hosts=5, broker=True)


class TargetTestCase(unittest.TestCase):
    """Defaults and refusals."""

    def assert_refused(
        self,
        said: str,
        name: str,
        *,
        shape: layout.Shape = SHAPE,
        hosts: tuple[str, ...] = (),
        peer: str | None = None,
        network: str | None = None,
        value: int | None = None,
    ) -> None:
        """Check that a fault is refused with these words."""
        with self.assertRaisesRegex(errors.LabError, said):
            target.choose(
                shape,
                name,
                hosts=hosts,
                peer=peer,
                network=network,
                value=value,
            )

    def test_defaults(self) -> None:
        found = target.choose(SHAPE, "address-duplicate")
        self.assertEqual("compute5", found.host.name)
        self.assertEqual("tunnel", found.network.name)
        assert found.peer is not None
        self.assertEqual("compute1", found.peer.name)
        self.assertIsNone(found.value)

    def test_a_split_cuts_off_the_last_half(self) -> None:
        found = target.choose(SHAPE, "split", network="storage")
        self.assertEqual(
            ["compute4", "compute5"], [one.name for one in found.group]
        )

    def test_an_optional_peer_is_not_made_up(self) -> None:
        self.assertIsNone(target.choose(SHAPE, "one-way-loss").peer)

    def test_the_value_has_a_default(self) -> None:
        self.assertEqual(10, target.choose(SHAPE, "partial-loss").value)
        self.assertEqual(
            50, target.choose(SHAPE, "partial-loss", value=50).value
        )

    def test_a_fault_of_the_lab_goes_to_the_controller(self) -> None:
        found = target.choose(SHAPE, "broker-stopped")
        self.assertEqual("controller", found.host.name)

    def test_refusals(self) -> None:
        self.assert_refused("unknown fault frob", "frob")
        self.assert_refused(
            "unknown host compute6; the lab has compute1 to compute5",
            "filtered",
            hosts=("compute6",),
        )
        self.assert_refused(
            "unknown network lan; there are: mgmt", "filtered", network="lan"
        )
        self.assert_refused("takes no --peer", "filtered", peer="compute1")
        self.assert_refused("takes no --value", "filtered", value=3)
        self.assert_refused(
            "takes no --network", "agent-stopped", network="mgmt"
        )
        self.assert_refused(
            "takes no --host", "broker-stopped", hosts=("compute1",)
        )
        self.assert_refused(
            "takes one --host", "filtered", hosts=("compute1", "compute2")
        )
        self.assert_refused(
            "its own peer",
            "filtered-pair",
            hosts=("compute1",),
            peer="compute1",
        )
        self.assert_refused(
            "--value 100 is not between 1 and 99 percent",
            "partial-loss",
            value=100,
        )

    def test_what_the_lab_lacks(self) -> None:
        bare = layout.Shape(agents=False)
        for name in ("broker-stopped", "bus-refused"):
            self.assert_refused("has no broker", name, shape=bare)
        for name in ("agent-stopped", "agent-frozen"):
            self.assert_refused("has no agents", name, shape=bare)

    def test_too_small_a_lab(self) -> None:
        alone = layout.Shape(hosts=1)
        self.assert_refused("2 hosts", "filtered-pair", shape=alone)
        self.assert_refused("not all or none", "split", shape=alone)
        self.assert_refused(
            "not all or none",
            "split",
            hosts=tuple(one.name for one in layout.computes(SHAPE)),
        )
