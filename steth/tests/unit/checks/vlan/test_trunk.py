# SPDX-License-Identifier: Apache-2.0
"""Which interfaces and VLANs are tried, by options and configuration."""

from collections.abc import Mapping
from typing import Any
import unittest

from steth.checks import base
from steth.checks.vlan import trunk
from steth.model import inventory

HOSTS = ["compute1", "compute2"]
KNOWN = inventory.Inventory(
    physical_networks=(
        inventory.ExpectedPhysicalNetwork(
            name="physnet1",
            interfaces={"*": "eth3", "compute2": "bond0"},
            vlans="100-102",
        ),
        inventory.ExpectedPhysicalNetwork(
            name="physnet2", interfaces={"*": "eth4"}, hosts=("compute1",)
        ),
    )
)


class NothingConfiguredTestCase(unittest.TestCase):
    """A trunk that nobody speaks of is not missed."""

    def nothing(
        self,
        known: inventory.Inventory | None = None,
        of_cloud: Mapping[str, str] | None = None,
        cloud: bool = False,
        **options: Any,
    ) -> bool:
        said = trunk.nothing_configured(
            base.Options(**options),
            known or inventory.Inventory(),
            (lambda: of_cloud) if cloud else None,
        )
        return said is not None

    def test_nobody_speaks_of_one(self) -> None:
        self.assertTrue(self.nothing())
        self.assertTrue(self.nothing(cloud=True, of_cloud={}))

    def test_somebody_does(self) -> None:
        self.assertFalse(self.nothing(KNOWN))
        self.assertFalse(self.nothing(interfaces=("eth3",)))
        self.assertFalse(self.nothing(physical_networks=("physnet1",)))
        self.assertFalse(self.nothing(vlans="100"))
        self.assertFalse(
            self.nothing(cloud=True, of_cloud={"physnet1": "100"})
        )

    def test_neutron_does_not_say(self) -> None:
        self.assertFalse(self.nothing(cloud=True))


class TrunkTestCase(unittest.TestCase):
    def chosen(self, **options: Any) -> tuple[trunk.Trunk, ...]:
        return trunk.chosen(base.Options(**options), KNOWN, HOSTS)

    def assert_refused(self, said: str, **options: Any) -> None:
        with self.assertRaisesRegex(base.UsageError, said):
            self.chosen(**options)

    def test_of_the_configuration(self) -> None:
        one, other = self.chosen(vlans="5-6")
        self.assertEqual(("physnet1", (5, 6)), (one.name, one.vlans))
        self.assertEqual("eth3", one.interface("compute1"))
        self.assertEqual("bond0", one.interface("compute2"))
        self.assertEqual("eth4", other.interface("compute1"))
        self.assertIsNone(other.interface("compute2"))

    def test_one_physical_network(self) -> None:
        (one,) = self.chosen(physical_networks=("physnet1",))
        self.assertEqual((100, 101, 102), one.vlans)

    def test_interfaces(self) -> None:
        (one,) = self.chosen(interfaces=("compute1:ens1", "ens2"), vlans="7")
        self.assertEqual("ens1", one.interface("compute1"))
        self.assertEqual("ens2", one.interface("compute2"))
        (one,) = self.chosen(
            interfaces=("ens2",), physical_networks=("physnet1",)
        )
        self.assertEqual(("physnet1", (100, 101, 102)), (one.name, one.vlans))

    def test_what_is_wrong(self) -> None:
        self.assert_refused("no physical network x", physical_networks=("x",))
        self.assert_refused("known on compute9", interfaces=("compute9:a",))
        self.assert_refused("two, a and b", interfaces=("a", "b"), vlans="1")
        self.assert_refused("write <host>", interfaces=("compute1:",))
        self.assert_refused("--vlans: VLAN 0", vlans="0")
        self.assert_refused(
            "one --physical-network",
            interfaces=("a",),
            physical_networks=("physnet1", "physnet2"),
        )

    def test_the_cloud_tells_what_is_not_configured(self) -> None:
        asked: list[str] = []

        def of_cloud() -> dict[str, str]:
            asked.append("vlans")
            return {"physnet1": "1", "physnet2": "7-9"}

        known = trunk.completed(base.Options(), KNOWN, of_cloud)
        self.assertEqual(
            ["100-102", "7-9"], [one.vlans for one in known.physical_networks]
        )
        for options in (
            base.Options(vlans="5"),
            base.Options(physical_networks=("physnet1",)),
        ):
            self.assertEqual(KNOWN, trunk.completed(options, KNOWN, of_cloud))
        self.assertEqual(["vlans"], asked)
        self.assertEqual(KNOWN, trunk.completed(base.Options(), KNOWN, None))

    def test_what_the_cloud_uses_without_vlans_is_no_trunk(self) -> None:
        def names(*asked: str) -> list[str]:
            known = trunk.completed(
                base.Options(physical_networks=asked), KNOWN, dict
            )
            return [one.name for one in known.physical_networks]

        self.assertEqual(["physnet1"], names())
        self.assertEqual(["physnet1", "physnet2"], names("physnet2"))
        self.assertEqual(
            KNOWN, trunk.completed(base.Options(), KNOWN, lambda: None)
        )

    def test_unmet(self) -> None:
        cases: tuple[tuple[inventory.Inventory, dict[str, Any], str], ...] = (
            (inventory.Inventory(), {}, "which interfaces"),
            (inventory.Inventory(), {"interfaces": ("a",)}, "which VLANs"),
            (KNOWN, {}, r"\[physical_network:physnet2\] vlans"),
            (KNOWN, {"interfaces": ("a",)}, "which VLANs"),
        )
        for known, options, said in cases:
            with self.subTest(options=options):
                self.assertRegex(
                    trunk.unmet(base.Options(**options), known) or "", said
                )
        good: tuple[dict[str, Any], ...] = (
            {"vlans": "1"},
            {"physical_networks": ("physnet1",)},
            # Told of as what it is when the trunks are chosen.
            {"physical_networks": ("nope",)},
            {"interfaces": ("a",), "vlans": "1"},
        )
        for options in good:
            self.assertIsNone(trunk.unmet(base.Options(**options), KNOWN))
