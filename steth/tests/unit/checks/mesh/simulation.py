# SPDX-License-Identifier: Apache-2.0
"""A simulated rack: hosts on networks, with rules on what is dropped where.

A fake, for the analysis only: it answers ``inspect.host`` and ``probe.icmp``
as agents would. The real proof is in the functional tests.
"""

from collections.abc import Callable
from collections.abc import Mapping
import dataclasses
import random

import msgspec

from steth.checks.mesh import passage
from steth.controller import outcome
from steth.model import agent
from steth.model import host
from steth.model import inventory
from steth.model import probe
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests

Stage = passage.Stage
#: (stage, from host, to host, size in bytes; 0 for ARP) -> share dropped
Rule = Callable[[Stage, str, str, int], float]
#: Kind, whether outgoing, source, destination and size of packets seen.
Key = tuple[probe.PacketKind, bool, str, str, int]


@dataclasses.dataclass
class Nic:
    """A host's interface on a network."""

    device: str
    address: str
    prefix_length: int = 24
    mtu: int = 1500
    admin_up: bool = True
    carrier: bool = True
    extra: tuple[str, ...] = ()
    kind: str | None = None
    master: str | None = None

    def routed(self) -> None:
        """Only hold an address that routing announces."""
        self.kind, self.prefix_length = "dummy", 32


@dataclasses.dataclass
class Rack:
    """The hosts, by name, with their NICs by network; and the rules."""

    nics: dict[str, dict[str, Nic]]
    rules: dict[str, Rule] = dataclasses.field(default_factory=dict)
    silent: set[str] = dataclasses.field(default_factory=set)
    dies_after: dict[str, int] = dataclasses.field(default_factory=dict)
    impersonated: set[str] = dataclasses.field(default_factory=set)
    rtt: dict[str, float] = dataclasses.field(default_factory=dict)
    failure: dict[str, probe.FailureKind] = dataclasses.field(
        default_factory=dict
    )
    sysctls: dict[str, dict[str, str]] = dataclasses.field(
        default_factory=dict
    )
    #: By host: the longest packet that its routes let out.
    narrow: dict[str, int] = dataclasses.field(default_factory=dict)
    #: Who drops address resolution that comes in, and who sends none.
    deaf: set[str] = dataclasses.field(default_factory=set)
    mute: set[str] = dataclasses.field(default_factory=set)
    #: By host: the device that all packets leave by, whatever their network.
    astray: dict[str, str] = dataclasses.field(default_factory=dict)
    #: By host: what stands in its neighbour table.
    written: dict[str, tuple[host.Neighbour, ...]] = dataclasses.field(
        default_factory=dict
    )
    asked: list[tuple[str, int]] = dataclasses.field(default_factory=list)

    @property
    def agents(self) -> tuple[agent.AgentRow, ...]:
        """The agents as a fleet lists them."""
        return tuple(
            agent.AgentRow(
                host=name,
                status=(
                    agent.AgentStatus.SILENT
                    if name in self.silent
                    else agent.AgentStatus.UP
                ),
                transport=agent.Transport.BUS,
                version="1.0",
                operations=("inspect.host", "probe.icmp"),
                address=next(iter(nics.values())).address if nics else None,
            )
            for name, nics in sorted(self.nics.items())
        )

    def ask(
        self,
        operation: contract.Operation,
        asked: Mapping[str, requests.Request],
        *,
        seconds: float,
    ) -> dict[str, outcome.Outcome]:
        """Answer as the agents would."""
        self.asked.append((operation.name, len(asked)))
        answers = {}
        for name, request in asked.items():
            left = self.dies_after.get(name, 99)
            self.dies_after[name] = left - 1
            if left <= 0:
                answers[name] = outcome.Outcome(
                    host=name,
                    error=errors.OperationError(
                        errors.ErrorCode.NO_ANSWER, "timed out"
                    ),
                )
            elif isinstance(request, requests.ProbeIcmp):
                answers[name] = outcome.Outcome(host=name, data=None)
            else:
                answers[name] = outcome.Outcome(
                    host=name, data=self._snapshot(name)
                )
        probing = {
            name: request
            for name, request in asked.items()
            if isinstance(request, requests.ProbeIcmp)
            and answers[name].error is None
        }
        for name, report in self._probe(probing).items():
            answers[name] = outcome.Outcome(host=name, data=report)
        return answers

    def _snapshot(self, name: str) -> host.HostSnapshot:
        links: list[host.Link] = []
        addresses: list[host.Address] = []
        for index, nic in enumerate(self.nics[name].values()):
            links.append(
                host.Link(
                    name=nic.device,
                    index=index + 2,
                    mtu=nic.mtu,
                    admin_up=nic.admin_up,
                    carrier=nic.carrier if nic.admin_up else None,
                    kind=nic.kind,
                    master=nic.master,
                )
            )
            if nic.address:
                addresses.extend(
                    host.Address(
                        address=one,
                        prefix_length=nic.prefix_length,
                        family=4,
                        device=nic.device,
                    )
                    for one in (nic.address, *nic.extra)
                )
        return host.HostSnapshot(
            host=name,
            taken_at="2026-01-01T00:00:00Z",
            namespaces=(
                host.Namespace(
                    links=tuple(links),
                    addresses=tuple(addresses),
                    neighbours=self.written.get(name, ()),
                    sysctls=self.sysctls.get(name, {}),
                ),
            ),
        )

    def _owner(self, address: str) -> tuple[str, Nic] | None:
        return next(
            (
                (name, nic)
                for name, nics in sorted(self.nics.items())
                for nic in nics.values()
                if address in (nic.address, *nic.extra)
            ),
            None,
        )

    def _leaves_by(self, name: str, key: Key) -> str:
        """Return the device of a host that packets are seen on."""
        if name in self.astray and key[1]:
            return self.astray[name]
        return next(
            nic.device
            for nic in self.nics[name].values()
            if {nic.address, *nic.extra} & {key[2], key[3]}
        )

    def _probe(
        self, probing: Mapping[str, requests.ProbeIcmp]
    ) -> dict[str, probe.IcmpReport]:
        dice = random.Random(7)  # noqa: S311 (not for secrets)
        seen: dict[str, dict[Key, int]] = {name: {} for name in probing}
        results: dict[str, list[probe.IcmpResult]] = {
            name: [] for name in probing
        }
        for name, request in probing.items():
            for target in request.targets:
                results[name].append(
                    self._ping(name, target, request.count, seen, dice)
                )
        return {
            name: probe.IcmpReport(
                results=tuple(results[name]),
                duration=1.0,
                sightings=tuple(
                    probe.Sighting(
                        kind=key[0],
                        outgoing=key[1],
                        device=self._leaves_by(name, key),
                        source=key[2],
                        destination=key[3],
                        size=key[4],
                        count=count,
                    )
                    for key, count in seen[name].items()
                )
                if request.watch
                else (),
            )
            for name, request in probing.items()
        }

    def _ping(
        self,
        source: str,
        target: requests.IcmpTarget,
        count: int,
        seen: dict[str, dict[Key, int]],
        dice: random.Random,
    ) -> probe.IcmpResult:
        def note(
            where: str, kind: probe.PacketKind, out: bool, back: bool
        ) -> None:
            if where not in seen:
                return
            one, other = target.source or "", target.address
            if back:
                one, other = other, one
            size = 0 if kind is probe.PacketKind.ARP else target.size
            key = (kind, out, one, other, size)
            seen[where][key] = seen[where].get(key, 0) + 1

        def passes(stage: Stage, one: str, other: str, size: int) -> bool:
            return not any(
                dice.random() < rule(stage, one, other, size)
                for rule in self.rules.values()
            )

        result = probe.IcmpResult(
            address=target.address, size=target.size, sent=count, received=0
        )
        if source in self.failure:
            return msgspec.structs.replace(
                result, failure=self.failure[source], sent=0
            )
        mine = self._owner(target.source or "")
        theirs = self._owner(target.address)
        if mine is None or theirs is None:
            return msgspec.structs.replace(
                result, failure=probe.FailureKind.NO_NEIGHBOUR
            )
        far = theirs[0]
        if min(mine[1].mtu, self.narrow.get(source, 65535)) < target.size:
            return msgspec.structs.replace(
                result, sent=0, failure=probe.FailureKind.TOO_BIG
            )
        wired = all(nic.admin_up and nic.carrier for _, nic in (mine, theirs))
        arp = probe.PacketKind.ARP
        asks = source not in self.mute
        if asks:
            note(source, arp, True, False)
        resolved = asks and wired and passes(Stage.WIRE, source, far, 0)
        if resolved:
            note(far, arp, False, False)
            resolved = not {far} & (self.deaf | self.mute)
        if resolved:
            note(far, arp, True, True)
            resolved = passes(Stage.WIRE, far, source, 0)
            if resolved:
                note(source, arp, False, True)
                resolved = source not in self.deaf
        if not resolved and not passes(Stage.WIRE, source, far, 0):
            # The neighbour may still be cached; requests leave then.
            note(source, probe.PacketKind.REQUEST, True, False)
        if not resolved:
            return msgspec.structs.replace(
                result, failure=probe.FailureKind.NO_NEIGHBOUR
            )
        received = 0
        request, reply = probe.PacketKind.REQUEST, probe.PacketKind.REPLY
        for _ in range(count):
            if far in self.impersonated:
                # Everybody takes the other machine for the host.
                note(source, request, True, False)
                note(source, reply, False, True)
                received += 1
                continue
            if source in self.impersonated:
                note(source, request, True, False)
                note(far, request, False, False)
                note(far, reply, True, True)
                continue
            if not passes(Stage.LEAVE, source, far, target.size):
                continue
            note(source, request, True, False)
            if theirs[1].mtu < target.size or not passes(
                Stage.WIRE, source, far, target.size
            ):
                continue
            note(far, request, False, False)
            if not passes(Stage.ANSWER, source, far, target.size):
                continue
            note(far, reply, True, True)
            if not passes(Stage.WIRE, far, source, target.size):
                continue
            note(source, reply, False, True)
            received += passes(Stage.DELIVER, source, far, target.size)
        rtt = 0.1 + self.rtt.get(source, 0.0) + self.rtt.get(far, 0.0)
        return msgspec.structs.replace(
            result,
            received=received,
            rtt_min=rtt if received else None,
            rtt_avg=rtt if received else None,
            rtt_max=rtt if received else None,
            failure=(None if received == count else probe.FailureKind.SILENT),
        )


def rack(hosts: int) -> Rack:
    """Return a rack of healthy hosts on two networks."""
    return Rack(
        nics={
            f"compute{n}": {
                "mgmt": Nic("eth0", f"10.0.0.{n}"),
                "tunnel": Nic("eth1", f"10.0.1.{n}", mtu=9000),
            }
            for n in range(1, hosts + 1)
        }
    )


def expected(hosts: int) -> inventory.Inventory:
    """Return the inventory that the rack should have."""
    return inventory.Inventory(
        hosts=tuple(
            inventory.ExpectedHost(name=f"compute{n}", address=f"10.0.0.{n}")
            for n in range(1, hosts + 1)
        ),
        networks=(
            inventory.ExpectedNetwork(
                name="mgmt", cidrs=("10.0.0.0/24",), mtu=1500
            ),
            inventory.ExpectedNetwork(
                name="tunnel", cidrs=("10.0.1.0/24",), mtu=9000
            ),
        ),
    )
