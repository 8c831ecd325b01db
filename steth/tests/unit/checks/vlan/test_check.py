# SPDX-License-Identifier: Apache-2.0
"""Each fault of a simulated trunk is found once; health is silent."""

from typing import Any
import unittest
from unittest import mock

from steth.checks import base
from steth.checks.vlan import check
from steth.model import inventory
from steth.model import report
from steth.model import vlan_range
from steth.rpc import contract
from steth.rpc import errors
from steth.tests.unit.checks.vlan import simulation

VLANS = "100-110,300"
HOST = "compute2"


def run(trunk: simulation.Trunk, vlans: str = VLANS) -> base.CheckOutcome:
    """Run the check over a simulated trunk."""
    return check.VlanCheck().run(
        base.Context(
            fleet=trunk,
            inventory=inventory.Inventory(),
            options=base.Options(interfaces=("eth3",), vlans=vlans),
        )
    )


class VlanCheckTestCase(unittest.TestCase):
    def assert_found(
        self,
        trunk: simulation.Trunk,
        *expected: tuple[str, str | None, str],
    ) -> base.CheckOutcome:
        """Find exactly these: code, host, VLANs."""
        done = run(trunk)
        self.assertEqual(
            list(expected),
            [
                (one.code, one.location.host, one.affects[0])
                for one in done.findings
            ],
        )
        if expected:
            self.assertEqual(report.CheckStatus.FAILED, done.result.status)
        else:
            self.assertEqual(report.CheckStatus.PASSED, done.result.status)
        return done

    def test_health(self) -> None:
        for hosts, leaves in ((2, 1), (3, 1), (8, 2)):
            with self.subTest(hosts=hosts):
                trunk = simulation.Trunk(hosts, leaves)
                done = self.assert_found(trunk)
                rows = done.result.measurements["trunks"]
                self.assertEqual(
                    [(VLANS, "", "passed")] * hosts,
                    [(x["passed"], x["missing"], x["status"]) for x in rows],
                )
                # Once: there was nothing to look at again.
                self.assertEqual(1, trunk.asked.count("vlan_send"))

    def test_nobody_sends_before_all_listen(self) -> None:
        trunk = simulation.Trunk(3)
        run(trunk)
        self.assertEqual(
            ["host", "vlan_listen", "vlan_send", "vlan_heard", "lldp"],
            trunk.asked,
        )

    def test_missing_at_one_port(self) -> None:
        trunk = simulation.Trunk(4, 2)
        trunk.ports[HOST].without = frozenset({100, 101, 300})
        done = self.assert_found(
            trunk,
            ("underlay-vlan-missing", HOST, "VLANs 100-101,300 on trunk"),
        )
        self.assertEqual("likely", done.findings[0].confidence)
        self.assertEqual("eth3", done.findings[0].location.device)
        rows = {row["host"]: row for row in done.result.measurements["trunks"]}
        self.assertEqual("100-101,300", rows[HOST]["missing"])
        self.assertEqual("", rows["compute1"]["missing"])
        self.assertEqual("passed", rows["compute1"]["status"])
        self.assertEqual("leaf1 to-compute1", rows["compute1"]["switch_port"])

    def test_two_ports(self) -> None:
        trunk = simulation.Trunk(5)
        trunk.ports[HOST].without = frozenset({100, 101})
        trunk.ports["compute4"].without = frozenset({101})
        done = run(trunk)
        self.assertEqual(
            {(HOST, "VLANs 100-101 on trunk"),
             ("compute4", "VLAN 101 on trunk")},
            {(x.location.host, x.affects[0]) for x in done.findings},
        )  # fmt: skip

    def test_between_switches(self) -> None:
        trunk = simulation.Trunk(4, 2)
        trunk.not_between = frozenset({105})
        done = self.assert_found(
            trunk, ("underlay-vlan-split", None, "VLAN 105 on trunk")
        )
        self.assertIn(
            "(compute1, compute3) and (compute2, compute4)",
            done.findings[0].summary,
        )

    def test_nowhere(self) -> None:
        trunk = simulation.Trunk(3)
        for port in trunk.ports.values():
            port.without = frozenset({110})
        self.assert_found(
            trunk, ("underlay-vlan-missing", None, "VLAN 110 on trunk")
        )

    def test_two_hosts_do_not_tell_whose_port_it_is(self) -> None:
        trunk = simulation.Trunk(2)
        trunk.ports[HOST].without = frozenset({110})
        done = self.assert_found(
            trunk, ("underlay-vlan-missing", None, "VLAN 110 on trunk")
        )
        self.assertEqual("possible", done.findings[0].confidence)

    def test_native(self) -> None:
        trunk = simulation.Trunk(4, 2)
        trunk.ports[HOST].native = 105
        self.assert_found(
            trunk, ("underlay-vlan-native", HOST, "VLAN 105 on trunk")
        )

    def test_an_access_port(self) -> None:
        """It is one fault that no VLAN passes and one loses its tag."""
        trunk = simulation.Trunk(4, 2)
        trunk.ports[HOST].native = 105
        trunk.ports[HOST].without = frozenset(range(1, 4095)) - {105}
        done = run(trunk)
        (found,) = done.findings
        self.assertEqual("underlay-vlan-missing", found.code)
        self.assertEqual(HOST, found.location.host)
        self.assertIn("no trunk", found.summary)

    def test_native_of_all(self) -> None:
        trunk = simulation.Trunk(4)
        for port in trunk.ports.values():
            port.native = 105
        self.assert_found(
            trunk, ("underlay-vlan-native", None, "VLAN 105 on trunk")
        )

    def test_one_way(self) -> None:
        trunk = simulation.Trunk(4, 2)
        trunk.ports[HOST].mute = frozenset({105})
        self.assert_found(
            trunk, ("underlay-vlan-one-way", HOST, "VLAN 105 on trunk")
        )

    def test_loop(self) -> None:
        trunk = simulation.Trunk(4, 2)
        trunk.ports[HOST].reflects = frozenset({105})
        self.assert_found(
            trunk, ("underlay-vlan-loop", HOST, "VLAN 105 on trunk")
        )

    def test_interfaces_that_cannot_take_part(self) -> None:
        trunk = simulation.Trunk(8)
        trunk.ports["compute1"].links = ()
        trunk.ports["compute2"].links = (simulation.link(admin_up=False),)
        trunk.ports["compute3"].links = (simulation.link(carrier=False),)
        done = run(trunk)
        self.assertEqual(
            [
                ("host-interface-missing", "compute1"),
                ("host-interface-down", "compute2"),
                ("underlay-no-carrier", "compute3"),
            ],
            [(one.code, one.location.host) for one in done.findings],
        )
        rows = done.result.measurements["trunks"]
        self.assertEqual(
            ["failed"] * 3 + ["passed"] * 5, [one["status"] for one in rows]
        )

    def test_an_interface_that_no_host_has(self) -> None:
        trunk = simulation.Trunk(4)
        for port in trunk.ports.values():
            port.links = ()
        self.assert_found(
            trunk, ("host-interface-missing", None, "all VLANs on trunk")
        )

    def test_chance_is_no_fault(self) -> None:
        trunk = simulation.Trunk(4)
        trunk.flaky = {105: 2, 107: 1}
        self.assert_found(trunk)
        # Only who was not heard sends once more.
        self.assertEqual(
            [("compute1", "105,107", 2), ("compute2", "105", 2)],
            trunk.sent[4:],
        )

    def test_what_was_not_sent_is_not_missing(self) -> None:
        trunk = simulation.Trunk(4)
        trunk.ports[HOST].refuses = 3
        done = run(trunk)
        self.assertEqual(
            [("agent-operation-failed", HOST)],
            [(one.code, one.location.host) for one in done.findings],
        )
        self.assertEqual(report.CheckStatus.INCONCLUSIVE, done.result.status)
        self.assertIn("No buffer space", done.findings[0].evidence[0].observed)

    def test_losses_are_never_fine(self) -> None:
        trunk = simulation.Trunk(4)
        trunk.ports[HOST].loses = 7
        done = run(trunk)
        self.assertEqual(report.CheckStatus.INCONCLUSIVE, done.result.status)
        self.assertIn(f"{HOST} lost frames", done.result.reason or "")
        self.assertEqual(
            [("agent-frames-lost", HOST)],
            [(one.code, one.location.host) for one in done.findings],
        )

    def test_losses_prove_nothing(self) -> None:
        trunk = simulation.Trunk(4)
        trunk.ports[HOST].loses = 7
        trunk.ports[HOST].mute = frozenset({105})
        trunk.ports["compute3"].without = frozenset({110})
        done = run(trunk)
        self.assertEqual(
            {
                ("agent-frames-lost", HOST),
                ("underlay-vlan-one-way", HOST),
                ("underlay-vlan-missing", "compute3"),
            },
            {(one.code, one.location.host) for one in done.findings},
        )

    def test_an_agent_that_fails(self) -> None:
        trunk = simulation.Trunk(4)
        trunk.failing[HOST, "vlan_listen"] = errors.OperationError(
            errors.ErrorCode.BUSY, "too many runs"
        )
        done = run(trunk)
        self.assertEqual(
            [("agent-operation-failed", HOST)],
            [(one.code, one.location.host) for one in done.findings],
        )
        self.assertEqual(report.CheckStatus.INCONCLUSIVE, done.result.status)

    def test_an_agent_that_is_silent(self) -> None:
        trunk = simulation.Trunk(4)
        trunk.silent.add(HOST)
        done = run(trunk)
        self.assertEqual(
            [("agent-no-answer", HOST)],
            [(one.code, one.location.host) for one in done.findings],
        )

    def test_one_host_is_not_enough(self) -> None:
        done = run(simulation.Trunk(1))
        self.assertEqual(report.CheckStatus.INCONCLUSIVE, done.result.status)
        self.assertIn("fewer than two hosts", done.result.reason or "")

    def test_more_than_is_sent_in_one_go(self) -> None:
        """The more hosts listen, the slower each may send."""
        trunk = simulation.Trunk(6)
        trunk.ports[HOST].without = frozenset({100, 4000})
        with mock.patch.object(check, "_HEARD_RATE", 100):
            done = run(trunk, "1-4094")
        first = [one for one in trunk.sent if one[2] == 1]
        self.assertEqual(
            ["1-1099", "1100-2198", "2199-3297", "3298-4094"],
            list(dict.fromkeys(one[1] for one in first)),
        )
        self.assertEqual(6 * 4, len(first))
        (found,) = done.findings
        self.assertEqual(HOST, found.location.host)
        self.assertEqual(("VLANs 100,4000 on trunk",), found.affects)
        row = done.result.measurements["trunks"][0]
        self.assertEqual("1-4094", row["passed"])
        self.assertEqual(4094 + 4 + 2 * 3, row["frames_sent"])

    def test_as_many_hosts_as_agents_take(self) -> None:
        trunk = simulation.Trunk(2)
        with mock.patch.object(check, "_HEARD_RATE", 15):
            done = run(trunk, "1-4094")
        self.assertEqual((), done.findings)
        self.assertEqual(report.CheckStatus.PASSED, done.result.status)

    def test_a_second_pass_in_parts(self) -> None:
        trunk = simulation.Trunk(4)
        trunk.flaky = dict.fromkeys(range(1, 4095), 4)
        with mock.patch.object(check, "_HEARD_RATE", 100):
            done = run(trunk, "1-4094")
        self.assertEqual((), done.findings)
        self.assertLess(1, len({one[1] for one in trunk.sent if one[2] == 2}))

    def test_what_an_agent_lost_in_one_part(self) -> None:
        """It is tried again, all of it."""
        trunk = simulation.Trunk(3)
        lose = iter([5])

        def ask(operation: Any, asked: Any, *, seconds: float) -> Any:
            heard = operation is contract.PROBE_VLAN_HEARD
            trunk.ports[HOST].loses = next(lose, 0) if heard else 0
            return real(operation, asked, seconds=seconds)

        real = trunk.ask
        with (
            mock.patch.object(trunk, "ask", ask),
            mock.patch.object(check, "_HEARD_RATE", 100),
        ):
            done = run(trunk, "1-4094")
        self.assertEqual(report.CheckStatus.PASSED, done.result.status)
        again = [one for one in trunk.sent if one[2] == 2]
        self.assertEqual(
            3 * 4094,
            sum(len(vlan_range.parse(vlans)) for _, vlans, _ in again),
        )

    def test_a_host_that_fails_in_a_later_part(self) -> None:
        trunk = simulation.Trunk(4)
        trunk.ports[HOST].without = frozenset({1})
        late = iter([None])

        def ask(operation: Any, asked: Any, *, seconds: float) -> Any:
            if operation is contract.PROBE_VLAN_SEND and next(late, 1):
                trunk.failing["compute4", operation.method] = (
                    errors.OperationError(errors.ErrorCode.FAILED, "no")
                )
            return real(operation, asked, seconds=seconds)

        real = trunk.ask
        with (
            mock.patch.object(trunk, "ask", ask),
            mock.patch.object(check, "_HEARD_RATE", 100),
        ):
            done = run(trunk, "1-4094")
        self.assertEqual(
            {
                ("underlay-vlan-missing", HOST),
                ("agent-operation-failed", "compute4"),
            },
            {(one.code, one.location.host) for one in done.findings},
        )

    def test_every_vlan_of_many_hosts(self) -> None:
        trunk = simulation.Trunk(6, 2)
        trunk.ports[HOST].without = frozenset(range(1, 4095))
        done = run(trunk, "1-4094")
        self.assertEqual(1, len(done.findings))
        self.assertIn(
            "no other VLAN passed", done.findings[0].evidence[0].observed
        )
