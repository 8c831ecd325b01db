# SPDX-License-Identifier: Apache-2.0
"""Each fault of a simulated rack is found once, by name; health is silent."""

import unittest
from unittest import mock

import msgspec

from steth.checks import base
from steth.checks.connectivity import check
from steth.model import bridge
from steth.model import host as host_model
from steth.model import inventory
from steth.model import neighbours
from steth.model import probe
from steth.model import report
from steth.rpc import requests
from steth.tests.unit.checks import talking
from steth.tests.unit.checks.mesh import simulation

Stage = simulation.Stage
HOST = "compute2"


def _run(
    rack: simulation.Rack,
    expected: inventory.Inventory | None = None,
    options: base.Options = base.Options(),  # noqa: B008 (immutable)
) -> base.CheckOutcome:
    return check.ConnectivityCheck().run(
        base.Context(
            fleet=rack,
            inventory=expected or inventory.Inventory(),
            options=options,
        )
    )


def _wire(
    ends: tuple[int, ...], share: float = 1.0, above: int = -1
) -> simulation.Rule:
    """Return a rule that drops on the wire from (0) or to (1) the host."""

    def rule(at: Stage, one: str, other: str, size: int) -> float:
        hit = HOST in [(one, other)[end] for end in ends]
        return share if at is Stage.WIRE and hit and size > above else 0.0

    return rule


def _on_host(stage: Stage) -> simulation.Rule:
    """Return a rule that drops all packets at one stage on the host."""

    def rule(at: Stage, one: str, other: str, size: int) -> float:
        host = one if stage is Stage.DELIVER else other
        return float(at is stage and host == HOST and size > 0)

    return rule


def _answering_nothing(hosts: set[str]) -> simulation.Rule:
    """Return a rule by which hosts answer no echo requests."""
    return lambda at, one, other, size: float(
        at is Stage.ANSWER and other in hosts
    )


def _dropping(rack: simulation.Rack, rounds: int) -> simulation.Rule:
    """Return a rule by which all hosts drop some of so many rounds."""

    def rule(at: Stage, one: str, other: str, size: int) -> float:
        round_ = sum(name == "probe.icmp" for name, _ in rack.asked)
        return 0.2 if at is Stage.ANSWER and round_ <= rounds else 0.0

    return rule


def _with_nic(host: str, _: object) -> bridge.BridgeSnapshot:
    """Return a bridge of Open vSwitch with eth5, and eth0 as its own port."""
    return bridge.BridgeSnapshot(
        host=host,
        taken_at="",
        bridges=(
            bridge.Bridge(
                name="eth0",
                kind=bridge.BridgeKind.OPEN_VSWITCH,
                ports=tuple(
                    bridge.Port(
                        name=name,
                        interfaces=(bridge.Interface(name=name, kind=kind),),
                    )
                    for name, kind in (
                        ("eth0", "internal"),
                        ("eth5", "system"),
                    )
                ),
            ),
        ),
    )


def _is_tunnel(rack: simulation.Rack) -> None:
    """Leave only the tunnel network: rules do not tell networks apart."""
    for nics in rack.nics.values():
        del nics["mgmt"]


class HealthTestCase(unittest.TestCase):
    """A healthy rack yields nothing, whatever its size."""

    def test_healthy(self) -> None:
        for hosts in (2, 3, 10, 50):
            for expected in (None, simulation.expected(hosts)):
                with self.subTest(hosts=hosts, configured=bool(expected)):
                    rack = simulation.rack(hosts)
                    outcome = _run(rack, expected)
                    self.assertEqual((), outcome.findings)
                    self.assertEqual(
                        report.CheckStatus.PASSED, outcome.result.status
                    )
                    # One inspection and one round: N calls each.
                    self.assertEqual(
                        [("inspect.host", hosts), ("probe.icmp", hosts)],
                        rack.asked,
                    )
                    rows = outcome.result.measurements["networks"]
                    self.assertEqual(
                        [hosts * (hosts - 1)] * 2,
                        [row["pairs_ok"] for row in rows],
                    )

    def test_same_address_on_each_hosts_own_bridge(self) -> None:
        rack = simulation.rack(3)
        for nics in rack.nics.values():
            nics["virbr0"] = simulation.Nic("virbr0", "192.168.122.1")
        self.assertEqual((), _run(rack).findings)

    def test_hosts_that_routes_lead_to(self) -> None:
        rack = simulation.rack(3)
        for nics in rack.nics.values():
            nics["mgmt"].prefix_length = 32
            nics["tunnel"].routed()
        outcome = _run(rack, simulation.expected(3))
        self.assertEqual((), outcome.findings)
        self.assertEqual(report.CheckStatus.PASSED, outcome.result.status)

    def test_loss_that_does_not_last(self) -> None:
        rack = simulation.rack(4)
        rounds: list[int] = []

        def once(stage: Stage, one: str, other: str, size: int) -> float:
            probes = sum(1 for name, _ in rack.asked if "probe" in name)
            if probes == 1 and stage is Stage.WIRE and size:
                rounds.append(1)
                return float(len(rounds) == 5)
            return 0.0

        rack.rules["once"] = once
        outcome = _run(rack, simulation.expected(4))
        self.assertEqual((), outcome.findings)
        self.assertEqual(report.CheckStatus.PASSED, outcome.result.status)
        row = outcome.result.measurements["networks"][0]
        self.assertGreater(row["loss_percent"], 0)

    def test_a_stray_packet_in_each_round(self) -> None:
        rack = simulation.rack(4)
        lost: list[int] = []

        def rule(stage: Stage, one: str, other: str, size: int) -> float:
            rounds = sum(1 for name, _ in rack.asked if "probe" in name)
            if len(lost) < rounds and stage is Stage.WIRE and size:
                lost.append(rounds)
                return 1.0
            return 0.0

        rack.rules["stray"] = rule
        outcome = _run(rack, simulation.expected(4))
        self.assertEqual([1, 2], lost)
        self.assertEqual((), outcome.findings)
        self.assertEqual(report.CheckStatus.PASSED, outcome.result.status)


class FaultTestCase(unittest.TestCase):
    """Every fault: its code, on its host, once."""

    def _assert_found(
        self,
        rack: simulation.Rack,
        code: str,
        host: str | None = HOST,
        expected: inventory.Inventory | None = None,
    ) -> base.CheckOutcome:
        outcome = _run(rack, expected)
        self.assertEqual(
            [(code, host)],
            [(one.code, one.location.host) for one in outcome.findings],
            "\n".join(
                f"{one.summary} {one.evidence}" for one in outcome.findings
            ),
        )
        self.assertEqual(report.CheckStatus.FAILED, outcome.result.status)
        return outcome

    def test_interface(self) -> None:
        for hosts in (2, 3, 10):
            expected = simulation.expected(hosts)
            for change, code in (
                ({"admin_up": False}, "host-interface-down"),
                ({"carrier": False}, "underlay-no-carrier"),
                ({"prefix_length": 25}, "host-wrong-prefix"),
                ({"mtu": 1500}, "host-mtu-small"),
            ):
                with self.subTest(hosts=hosts, change=change):
                    rack = simulation.rack(hosts)
                    nic = rack.nics[HOST]["tunnel"]
                    for name, value in change.items():
                        setattr(nic, name, value)
                    outcome = self._assert_found(rack, code, expected=expected)
                    self.assertEqual(
                        "eth1", outcome.findings[0].location.device
                    )

    def test_no_carrier_below_open_vswitch(self) -> None:
        """Only the host in trouble is asked for its bridges."""
        rack = talking.rack(4)
        rack.replies["inspect.bridges"] = _with_nic
        for nics in rack.nics.values():
            nics["mgmt"].kind = "openvswitch"
            nics["below"] = simulation.Nic("eth5", "")
        rack.nics[HOST]["below"].carrier = False
        rack.rules["cut"] = _wire((0, 1))
        known = simulation.expected(4)
        known = msgspec.structs.replace(known, networks=known.networks[:1])
        told = self._assert_found(rack, "underlay-no-carrier", expected=known)
        self.assertEqual("eth5", told.findings[0].location.device)
        self.assertEqual(("6 of 12 pairs on mgmt",), told.findings[0].affects)
        self.assertIn(("inspect.bridges", 1), rack.asked)

    def test_an_address_that_another_machine_has_too(self) -> None:
        """All packets arrive at the host, as it happens."""
        rack = talking.rack(3)

        def claimed(
            name: str, request: requests.ProbeNeighbours
        ) -> neighbours.NeighbourReport:
            found = rack.neighbours(name, request)
            return msgspec.structs.replace(
                found,
                results=tuple(
                    msgspec.structs.replace(
                        one, macs=(*one.macs, "02:00:00:00:99:99")
                    )
                    if one.address == rack.nics[HOST]["tunnel"].address
                    else one
                    for one in found.results
                ),
            )

        rack.replies["probe.neighbours"] = claimed
        told = self._assert_found(
            rack,
            "underlay-address-duplicate",
            expected=simulation.expected(3),
        )
        self.assertEqual("eth1", told.findings[0].location.device)
        # It costs as many calls in a rack of any size.
        self.assertIn(("probe.neighbours", 2), rack.asked)

    def test_two_hosts_with_one_hardware_address(self) -> None:
        """What is lost since the switch knows but one of them is no fault."""
        rack = talking.rack(4)
        _is_tunnel(rack)
        rack.clones["compute3"] = HOST
        clones = {HOST, "compute3"}
        rack.rules["moves"] = lambda at, one, other, size: (
            (1.0 if {one, other} == clones else 0.4 * (other in clones))
            if at is Stage.WIRE
            else 0.0
        )
        told = self._assert_found(rack, "underlay-mac-duplicate", None)
        self.assertEqual(
            ("10 of 12 pairs on 10.0.1.0/24",), told.findings[0].affects
        )

    def test_swapped_cables(self) -> None:
        """One fault of two networks, though all packets pass."""
        rack = talking.rack(3)
        rack.answers = self._swapped(rack)
        told = self._assert_found(
            rack,
            "underlay-wrong-interface",
            expected=simulation.expected(3),
        )
        (found,) = told.findings
        self.assertEqual("mgmt, tunnel", found.location.network)
        self.assertIn("network mgmt arrives at eth1", found.summary)
        self.assertIn("network tunnel arrives at eth0", found.summary)

    def test_swapped_cables_of_one_that_asks(self) -> None:
        """It is answered from wrong interfaces itself, by the first host."""
        rack = talking.rack(3)
        rack.answers = self._swapped(rack) | self._swapped(rack, "compute1")
        self._assert_found(
            rack,
            "underlay-wrong-interface",
            expected=simulation.expected(3),
        )
        # Of two hosts nothing tells which one it is.
        rack = talking.rack(2)
        rack.answers = self._swapped(rack) | self._swapped(rack, "compute1")
        told = _run(rack, simulation.expected(2))
        (found,) = told.findings
        self.assertEqual("possible", found.confidence)

    def test_two_interfaces_on_one_link(self) -> None:
        """Each answers for both addresses, and the right one as well."""
        rack = talking.rack(3)
        both = tuple(talking.mac(HOST, device) for device in ("eth0", "eth1"))
        rack.answers = dict.fromkeys(self._swapped(rack), both)
        told = _run(rack, simulation.expected(3))
        self.assertEqual((), told.findings)

    def test_an_interface_that_stands_in(self) -> None:
        """The one with the address has no carrier: that is the fault."""
        rack = talking.rack(3)
        rack.nics[HOST]["mgmt"].carrier = False
        rack.answers = self._swapped(rack)
        del rack.answers[rack.nics[HOST]["tunnel"].address]
        self._assert_found(
            rack, "underlay-no-carrier", expected=simulation.expected(3)
        )

    def test_a_port_that_answers_for_its_bond(self) -> None:
        """Bonds that balance by ARP answer with their ports' addresses."""
        rack = talking.rack(3)
        rack.nics[HOST]["spare"] = simulation.Nic("eth7", "", master="eth1")
        address = rack.nics[HOST]["tunnel"].address
        rack.answers = {address: (talking.mac(HOST, "eth7"),)}
        told = _run(rack, simulation.expected(3))
        self.assertEqual((), told.findings)
        # It is no port of it, and the bond lacks it.
        rack.nics[HOST]["spare"].master = None
        told = self._assert_found(
            rack,
            "underlay-wrong-interface",
            expected=simulation.expected(3),
        )
        self.assertIn("at eth7, not at eth1", told.findings[0].summary)

    def test_two_interfaces_of_which_one_answers(self) -> None:
        """So it is with addresses of one subnet, and arp_filter."""
        rack = talking.rack(3)
        nics = rack.nics[HOST]
        nics["more"] = simulation.Nic("eth7", "10.0.1.77", mtu=9000)
        rack.answers = {nics["tunnel"].address: (talking.mac(HOST, "eth7"),)}
        told = _run(rack, simulation.expected(3))
        self.assertEqual((), told.findings)

    def _swapped(
        self, rack: talking.Rack, host: str = HOST
    ) -> dict[str, tuple[str, ...]]:
        """Return who answers for the addresses of a host, crosswise."""
        nics = rack.nics[host]
        return {
            nics["mgmt"].address: (talking.mac(host, "eth1"),),
            nics["tunnel"].address: (talking.mac(host, "eth0"),),
        }

    def test_interface_missing(self) -> None:
        rack = simulation.rack(3)
        del rack.nics[HOST]["tunnel"]
        self._assert_found(
            rack, "host-interface-missing", expected=simulation.expected(3)
        )

    def test_address_missing(self) -> None:
        rack = simulation.rack(3)
        rack.nics[HOST]["tunnel"].address = ""
        self._assert_found(
            rack, "host-address-missing", expected=simulation.expected(3)
        )

    def test_address_duplicate(self) -> None:
        rack = simulation.rack(4)
        rack.nics[HOST]["tunnel"].extra = ("10.0.1.3",)
        for expected in (None, simulation.expected(4)):
            self._assert_found(
                rack, "underlay-address-duplicate", expected=expected
            )

    def test_address_taken_by_a_machine_without_an_agent(self) -> None:
        for hosts in (3, 6):
            rack = simulation.rack(hosts)
            _is_tunnel(rack)
            rack.impersonated.add(HOST)
            outcome = self._assert_found(rack, "underlay-address-duplicate")
            self.assertIn("10.0.1.2", outcome.findings[0].summary)

    def test_wrong_prefix_without_configuration(self) -> None:
        for prefix_length in (16, 25):
            rack = simulation.rack(4)
            rack.nics[HOST]["tunnel"].prefix_length = prefix_length
            self._assert_found(rack, "host-wrong-prefix")

    def test_filtered(self) -> None:
        for stage in (Stage.ANSWER, Stage.DELIVER):
            rack = simulation.rack(4)

            rack.rules["drop"] = _on_host(stage)
            _is_tunnel(rack)
            self._assert_found(rack, "host-filtered")

    def test_filtered_both_ways_on_the_host(self) -> None:
        rack = simulation.rack(4)
        _is_tunnel(rack)
        rack.rules["drop"] = lambda at, one, other, size: float(
            (at is Stage.ANSWER and other == HOST)
            or (at is Stage.DELIVER and one == HOST)
        )
        self._assert_found(rack, "host-filtered")

    def test_filtered_for_one_peer(self) -> None:
        rack = simulation.rack(4)
        _is_tunnel(rack)
        rack.rules["drop"] = lambda at, one, other, size: float(
            at is Stage.ANSWER and other == HOST and one == "compute4"
        )
        outcome = self._assert_found(rack, "host-filtered")
        self.assertIn("compute4", outcome.findings[0].summary)
        self.assertEqual(
            ("1 of 12 pairs on 10.0.1.0/24",), outcome.findings[0].affects
        )

    def test_set_to_answer_no_ping(self) -> None:
        """One host, on both networks; and all of them."""
        for deaf in ({HOST}, {f"compute{n}" for n in range(1, 5)}):
            rack = simulation.rack(4)
            setting = "net.ipv4.icmp_echo_ignore_all"
            for name in deaf:
                rack.sysctls[name] = {setting: "1"}
            rack.rules["drop"] = _answering_nothing(deaf)
            context = base.Context(
                fleet=rack, inventory=simulation.expected(4)
            )
            outcome = check.ConnectivityCheck().run(context)
            self.assertEqual(
                [("host-echo-ignored", name) for name in sorted(deaf)],
                sorted(
                    (one.code, one.location.host) for one in outcome.findings
                ),
            )
            self.assertEqual(
                f"sysctl {setting}", outcome.findings[0].evidence[0].source
            )
            self.assertIn("3 of 12 pairs on mgmt", outcome.findings[0].affects)
            self.assertEqual(report.CheckStatus.WARNING, outcome.result.status)
            self.assertEqual({}, context.explained)

    def test_set_to_answer_no_ping_and_cut_off(self) -> None:
        rack = simulation.rack(4)
        _is_tunnel(rack)
        rack.sysctls[HOST] = {"net.ipv4.icmp_echo_ignore_all": "1"}
        rack.rules["cut"] = _wire((0, 1))
        self._assert_found(rack, "underlay-no-neighbour")

    def test_output_filtered(self) -> None:
        rack = simulation.rack(4)
        _is_tunnel(rack)
        rack.rules["drop"] = lambda at, one, other, size: float(
            at is Stage.LEAVE and one == HOST
        )
        self._assert_found(rack, "host-cannot-send")

    def test_no_route(self) -> None:
        rack = simulation.rack(4)
        _is_tunnel(rack)
        rack.failure[HOST] = probe.FailureKind.NO_ROUTE
        self._assert_found(rack, "host-no-route")

    def test_sent_out_of_another_device(self) -> None:
        """The network that it should have taken is not to blame."""
        rack = simulation.rack(4)
        _is_tunnel(rack)
        rack.rules["nowhere"] = _wire((0,))
        rack.astray[HOST] = "eth0"
        outcome = self._assert_found(rack, "host-wrong-route")
        self.assertIn("out of eth0, not of eth1", outcome.findings[0].summary)

    def test_sent_out_of_another_device_and_answered(self) -> None:
        rack = simulation.rack(4)
        _is_tunnel(rack)
        rack.astray[HOST] = "eth0"
        # That makes one look closer.
        rack.rules["lossy"] = _wire((0,), 0.2, above=0)
        self._assert_found(rack, "underlay-partial-loss")

    def test_address_resolution_that_a_host_drops(self) -> None:
        """The others cannot resolve it either, and are not to blame."""
        rack = simulation.rack(4)
        _is_tunnel(rack)
        rack.deaf = {HOST}
        outcome = self._assert_found(rack, "host-filtered")
        self.assertIn("address resolution", outcome.findings[0].summary)
        self.assertEqual(
            ("6 of 12 pairs on 10.0.1.0/24",), outcome.findings[0].affects
        )

    def test_address_resolution_that_a_host_does_not_answer(self) -> None:
        rack = simulation.rack(4)
        _is_tunnel(rack)
        rack.mute = {HOST}
        outcome = self._assert_found(rack, "host-filtered")
        self.assertIn("does not answer", outcome.findings[0].summary)

    def test_too_long_for_another_device(self) -> None:
        """Small packets are answered; full ones the host does not send."""
        rack = simulation.rack(4)
        _is_tunnel(rack)
        rack.astray[HOST] = "eth0"
        rack.narrow = {HOST: 1500}
        outcome = self._assert_found(rack, "host-wrong-route")
        self.assertIn("9000 bytes are too many", outcome.findings[0].summary)
        self.assertIn("at full size", outcome.findings[0].affects[0])

    def test_wrong_neighbour_by_hand(self) -> None:
        """It is told once, by what the host's own table says."""
        rack = self._with_neighbour("02:00:00:00:00:99")
        rack.rules["lost"] = lambda at, one, other, size: float(
            at is Stage.WIRE and one == HOST and other == "compute1"
        )
        outcome = self._assert_found(rack, "host-wrong-neighbour")
        found = outcome.findings[0]
        self.assertEqual(("2 of 12 pairs on 10.0.1.0/24",), found.affects)
        self.assertIn("02:00:00:00:00:99", found.evidence[0].observed)

    def test_right_neighbour_by_hand(self) -> None:
        rack = self._with_neighbour(talking.mac("compute1", "eth1"))
        rack.rules["lost"] = lambda at, one, other, size: float(
            at is Stage.WIRE and one == HOST and other == "compute1"
        )
        self._assert_found(rack, "underlay-one-way")

    def test_neighbour_by_hand_that_works(self) -> None:
        """Somebody takes what is sent there, and passes it on."""
        rack = self._with_neighbour("02:00:00:00:00:99")
        self.assertEqual((), _run(rack).findings)

    def _with_neighbour(self, mac: str) -> simulation.Rack:
        """Return a rack where a host has a fixed entry for compute1."""
        rack = talking.rack(4)
        _is_tunnel(rack)
        rack.written[HOST] = (
            host_model.Neighbour(
                address=rack.nics["compute1"]["tunnel"].address,
                family=4,
                device="eth1",
                mac=mac,
                state="permanent",
            ),
        )
        return rack

    def test_isolated(self) -> None:
        for hosts in (3, 5):
            for layer_2, code in (
                (False, "underlay-no-neighbour"),
                (True, "underlay-filtered"),
            ):
                rack = simulation.rack(hosts)
                _is_tunnel(rack)
                rack.rules["cut"] = _wire((0, 1), above=0 if layer_2 else -1)
                with self.subTest(hosts=hosts, layer_2=layer_2):
                    self._assert_found(rack, code)

    def test_nobody_hears_anybody(self) -> None:
        rack = simulation.rack(4)
        _is_tunnel(rack)
        rack.rules["cut"] = lambda at, *_: float(at is Stage.WIRE)
        self._assert_found(rack, "underlay-no-neighbour", host=None)

    def test_one_way(self) -> None:
        for end in (0, 1):
            rack = simulation.rack(4)
            _is_tunnel(rack)
            rack.rules["cut"] = _wire((end,))
            with self.subTest(end=end):
                self._assert_found(rack, "underlay-one-way")

    def test_one_way_between_two(self) -> None:
        rack = simulation.rack(4)
        _is_tunnel(rack)
        rack.rules["cut"] = lambda at, one, other, size: float(
            at is Stage.WIRE and (one, other) == (HOST, "compute4")
        )
        self._assert_found(rack, "underlay-one-way")

    def test_split(self) -> None:
        rack = simulation.rack(6)
        _is_tunnel(rack)
        left = {"compute1", "compute2", "compute3"}
        rack.rules["cut"] = lambda at, one, other, size: float(
            at is Stage.WIRE and (one in left) != (other in left)
        )
        outcome = self._assert_found(rack, "underlay-split", host=None)
        self.assertIn(
            "compute1, compute2, compute3 | compute4, compute5, compute6",
            outcome.findings[0].summary,
        )

    def test_partial_loss(self) -> None:
        for hosts in (3, 10):
            for rate in (0.05, 0.1, 0.4):
                for ends, name in (
                    ((0,), "from"),
                    ((1,), "to"),
                    ((0, 1), "between"),
                ):
                    rack = simulation.rack(hosts)
                    _is_tunnel(rack)
                    rack.rules["lose"] = _wire(ends, rate, above=0)
                    with self.subTest(hosts=hosts, rate=rate, ends=ends):
                        outcome = self._assert_found(
                            rack, "underlay-partial-loss"
                        )
                        self.assertIn(
                            f"{name} {HOST}", outcome.findings[0].summary
                        )

    def test_packets_that_were_too_many(self) -> None:
        """All hosts drop some, until there are fewer at a time."""
        for ends_after, found in ((1, 0), (2, 0), (3, 10)):
            rack = simulation.rack(10)
            _is_tunnel(rack)
            rack.rules["crowd"] = _dropping(rack, ends_after)
            with self.subTest(ends_after=ends_after):
                outcome = _run(rack)
                self.assertEqual(
                    ["host-partial-loss"] * found,
                    [one.code for one in outcome.findings],
                )

    def test_mtu_black_hole(self) -> None:
        for ends in ((0,), (1,), (0, 1)):
            rack = simulation.rack(4)
            _is_tunnel(rack)
            rack.rules["big"] = _wire(ends, above=8000)
            with self.subTest(ends=ends):
                self._assert_found(rack, "underlay-mtu-black-hole")

    def test_latency(self) -> None:
        for hosts in (3, 4, 10):
            rack = simulation.rack(hosts)
            _is_tunnel(rack)
            rack.rtt[HOST] = 20.0
            outcome = _run(rack)
            self.assertEqual(
                [("underlay-latency", HOST)],
                [(one.code, one.location.host) for one in outcome.findings],
            )
            self.assertEqual(report.CheckStatus.WARNING, outcome.result.status)

    def test_each_round_has_its_mark(self) -> None:
        """Late replies of the first do not count in the second."""
        rack = simulation.rack(3)
        rack.rules["cut"] = _wire((0, 1))
        with mock.patch.object(rack, "_probe", wraps=rack._probe) as probed:
            _run(rack)
        marks = [
            {request.run for request in call.args[0].values()}
            for call in probed.call_args_list
            if call.args[0]
        ]
        self.assertEqual([1, 1], [len(one) for one in marks])
        self.assertTrue(marks[0].isdisjoint(marks[1]))

    def test_silent_agent(self) -> None:
        rack = simulation.rack(4)
        rack.silent.add(HOST)
        outcome = self._assert_found(
            rack, "agent-no-answer", expected=simulation.expected(4)
        )
        self.assertIn("answers ping", outcome.findings[0].summary)

    def test_no_agent_answers(self) -> None:
        rack = simulation.rack(4)
        rack.silent.update(rack.nics)
        self._assert_found(
            rack,
            "agent-no-answer",
            host=None,
            expected=simulation.expected(4),
        )

    def test_subnet_of_nobody(self) -> None:
        network = inventory.ExpectedNetwork(name="x", cidrs=("10.9.9.0/24",))
        outcome = self._assert_found(
            simulation.rack(4),
            "host-address-missing",
            host=None,
            expected=inventory.Inventory(networks=(network,)),
        )
        self.assertIn("[network:x]", outcome.findings[0].summary)

    @mock.patch.object(requests, "MAX_TARGETS", 4)
    def test_more_pairs_than_an_agent_takes_at_once(self) -> None:
        for rule, code in (
            (_wire((0,)), "underlay-one-way"),
            (_on_host(Stage.ANSWER), "host-filtered"),
            (_wire((0, 1), above=1500), "underlay-mtu-black-hole"),
        ):
            rack = simulation.rack(6)
            _is_tunnel(rack)
            rack.rules["cut"] = rule
            with self.subTest(code):
                self._assert_found(rack, code)
                self.assertLess(
                    2, sum(name == "probe.icmp" for name, _ in rack.asked)
                )

    def test_agent_dies_between_the_parts_of_a_round(self) -> None:
        rack = simulation.rack(6)
        rack.dies_after[HOST] = 2
        with mock.patch.object(requests, "MAX_TARGETS", 4):
            self._assert_found(rack, "agent-no-answer")

    def test_agent_dies_during_the_run(self) -> None:
        for survived in (1, 2):
            rack = simulation.rack(4)
            rack.dies_after[HOST] = survived
            if survived == 2:
                rack.rules["lose"] = _wire((1,), above=0)
            found = {
                one.code for one in _run(rack, simulation.expected(4)).findings
            }
            self.assertIn("agent-no-answer", found)

    def test_two_faults_are_two_findings(self) -> None:
        rack = simulation.rack(8)
        rack.nics["compute3"]["tunnel"].carrier = False
        rack.rules["big"] = lambda at, one, other, size: float(
            at is Stage.WIRE and HOST in (one, other) and size > 8000
        )
        found = _run(rack, simulation.expected(8)).findings
        self.assertEqual(
            {
                ("underlay-mtu-black-hole", HOST),
                ("underlay-no-carrier", "compute3"),
            },
            {(one.code, one.location.host) for one in found},
        )
        self.assertEqual(2, len(found))


class UsageTestCase(unittest.TestCase):
    """What the user names must exist."""

    def test_unknown_names(self) -> None:
        rack = simulation.rack(3)
        with self.assertRaisesRegex(base.UsageError, "compute9.*compute1"):
            _run(rack, options=base.Options(hosts=("compute9",)))
        with self.assertRaisesRegex(base.UsageError, r"tunel.*10\.0\.1\.0"):
            _run(rack, options=base.Options(networks=("tunel",)))

    def test_chosen(self) -> None:
        rack = simulation.rack(4)
        outcome = _run(
            rack,
            simulation.expected(4),
            base.Options(hosts=("compute1", "compute2"), networks=("tunnel",)),
        )
        rows = outcome.result.measurements["networks"]
        self.assertEqual(
            [("tunnel", 2)], [(r["name"], r["pairs"]) for r in rows]
        )

    def test_nothing_to_check_is_not_well(self) -> None:
        for rack in (simulation.Rack(nics={}), simulation.rack(1)):
            outcome = _run(rack)
            self.assertEqual(
                report.CheckStatus.INCONCLUSIVE, outcome.result.status
            )
