# SPDX-License-Identifier: Apache-2.0
"""Each fault of a cloud shows to its instances, and is gone when healed.

Judged by the traffic matrix, not with Steth: what a fault does not name has
to go on working while it is there.
"""

from collections.abc import Callable

from steth.lab import errors
from steth.lab.cloud import layout
from steth.lab.cloud.faults import catalogue
from steth.lab.cloud.faults import control
from steth.lab.cloud.faults import fault as fault_module
from steth.lab.cloud.instance import instances as instances_module
from steth.lab.cloud.instance import machine
from steth.lab.cloud.scenario import build
from steth.lab.cloud.scenario import inventory
from steth.lab.cloud.scenario import plan
from steth.tests.functional.cloud import cases

_AGENT = "neutron-openvswitch-agent"


class FaultsTestCase(cases.ScenarioTestCase):
    """All of the catalogue, healthy twins as well."""

    def setUp(self) -> None:
        super().setUp()
        self._is_mended = False
        self.addCleanup(self._mend)

    def _mend(self) -> None:
        """Leave a healthy cloud to the next test, also of one that failed."""
        self.faults.heal()
        if self._is_mended:
            return
        for host in layout.nodes(self.cloud.shape):
            agent = self.cloud.service(host.name, _AGENT)
            agent.kill()
            agent.start()
        found = self.matrix()
        found.await_state(found.cells(), cases.HEALTHY)

    def assert_shows(self, *faults: fault_module.Fault) -> None:
        """Put faults in, check where they show, and heal them."""
        for one in faults:
            self.faults.inject(one.name)
        patience = max(one.patience for one in faults)
        self.assert_state(
            patience,
            broken=[x for one in faults for x in one.breaks],
            either=[x for one in faults for x in one.either],
        )
        healed = self.faults.heal()
        self.assertEqual([one.name for one in faults], healed)
        with self.subTest("healed"):
            self.assert_state(cases.HEALTHY)
            self._is_mended = True

    def test_agents_dead(self) -> None:
        self.assert_shows(*control.AGENTS)

    def test_the_same_again_is_refused(self) -> None:
        self.faults.inject("guest-no-dhcp-client")
        with self.assertRaisesRegex(errors.LabError, "in the cloud already"):
            self.faults.inject("guest-no-dhcp-client")
        with self.assertRaisesRegex(errors.LabError, "is not in the cloud"):
            self.faults.heal("tap-down")
        self.faults.heal()
        self.assert_state(cases.HEALTHY)
        self._is_mended = True


def _test(one: fault_module.Fault) -> Callable[[FaultsTestCase], None]:
    def test(self: FaultsTestCase) -> None:
        self.assert_shows(one)

    return test


for _one in catalogue.CATALOGUE.values():
    if _one not in control.AGENTS:
        setattr(
            FaultsTestCase,
            f"test_{_one.name.replace('-', '_')}",
            _test(_one),
        )


class InstancesTestCase(cases.ScenarioTestCase):
    """Instances come, move and go."""

    def test_a_life(self) -> None:
        with self.cloud.changing():
            found = instances_module.Instances(
                self.cloud, inventory.load(self.cloud.directory)
            )
            wanted = plan.Instance(
                name="extra",
                network=plan.VXLAN.name,
                compute=2,
                floating=True,
            )
            self.addCleanup(found.delete, "extra")
            found.create([wanted])
        self.assert_state(cases.HEALTHY)
        init = self.cloud.inits()["compute2"]
        with self.subTest("it looks like one of Nova's"):
            listing = self.cloud.exec(
                "compute2", ["ps", "-o", "args", "-C", "qemu-system-x86"]
            ).stdout
            uuid = found.inventory.instances["extra"].uuid
            self.assertRegex(listing, f"-name guest=extra,.* -uuid {uuid}")
        with self.subTest("moved"):
            found.move("extra", "compute1")
            self.assertEqual("compute1", found.machine("extra").host)
            self.assert_state(cases.HEALTHY)
        with self.subTest("run in it"):
            done = found.exec("extra", ["hostname"])
            self.assertEqual("extra\n", done.stdout)
        with self.subTest("nothing is left on the compute that it left"):
            self.assertEqual(init, self.cloud.inits()["compute2"])
            port = found.inventory.instances["extra"].port
            links = self.cloud.exec("compute2", ["ip", "-br", "link"]).stdout
            self.assertNotIn(port[:11], links)
            running = machine.running(self.cloud.directory)
            self.assertEqual("compute1", running["extra"].host)

    def test_the_scenario_again_changes_nothing(self) -> None:
        before = inventory.load(self.cloud.directory)
        with self.cloud.changing():
            after = build.build(self.cloud, lambda text: None)
        self.assertEqual(before, after)
        self.assert_state(cases.HEALTHY)
