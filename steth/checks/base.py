# SPDX-License-Identifier: Apache-2.0
"""What a check is, and what it is given to work with."""

import abc
from collections.abc import Callable
from collections.abc import Mapping
from typing import ClassVar
from typing import Protocol

import msgspec

from steth.controller import outcome
from steth.model import agent
from steth.model import bridge
from steth.model import finding
from steth.model import host
from steth.model import inventory
from steth.model import lldp
from steth.model import overlay as overlay_model
from steth.model import provider as provider_model
from steth.model import report
from steth.model import throughput
from steth.rpc import contract
from steth.rpc import requests


class Fleet(Protocol):
    """The agents of a run, as a check sees them."""

    @property
    def agents(self) -> tuple[agent.AgentRow, ...]:
        """Every agent, found or expected, in the order of host names."""

    def ask(
        self,
        operation: contract.Operation,
        asked: Mapping[str, requests.Request],
        *,
        seconds: float,
    ) -> Mapping[str, outcome.Outcome]:
        """Ask several agents at once, each its own request.

        :param asked: the request by host
        :param seconds: how long the operation itself takes
        :returns: one outcome for every host asked
        """


class Throughput(msgspec.Struct, frozen=True, kw_only=True):
    """How the throughput between hosts is measured.

    A test takes ``seconds`` and sends at ``rate`` Mbit/s, or as fast as TCP
    can where it is None. There are at most ``rounds`` a network; with
    ``simultaneous`` all hosts send at once in each.
    """

    seconds: int = 2
    protocol: throughput.Protocol = throughput.Protocol.TCP
    rate: float | None = None
    streams: int = 1
    rounds: int = 6
    simultaneous: bool = False


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What the user chose for a run.

    Empty ``hosts`` and ``networks`` mean all of them; ``size`` is the length
    of the small IP packet in bytes. ``interfaces`` ("host:eth2", or "eth2" for
    all hosts), ``physical_networks`` and ``vlans`` ("100-199,300") are empty
    where the configuration is to say it.
    """

    hosts: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    count: int = 5
    size: int = 64
    throughput: Throughput = Throughput()
    interfaces: tuple[str, ...] = ()
    physical_networks: tuple[str, ...] = ()
    vlans: str = ""


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """All that a check may use.

    ``progress`` takes a short sentence for the user who waits, ``announce``
    one that he must have seen before what follows.
    """

    fleet: Fleet
    inventory: inventory.Inventory
    options: Options = Options()
    progress: Callable[[str], None] = lambda _: None
    announce: Callable[[str], None] = lambda _: None
    #: Reads from Neutron what its tunnels need; ``None`` without a cloud, as
    #: is what it returns when Neutron does not say.
    overlay: Callable[[], overlay_model.Overlay | None] | None = None
    #: Reads from Neutron the VLANs of its physical networks, as ranges by
    #: name; ``None`` without a cloud, as is what it returns when Neutron
    #: does not say.
    vlans: Callable[[], Mapping[str, str] | None] | None = None
    #: Reads from Neutron its networks on physical ones; ``None`` without a
    #: cloud, as is what it returns when Neutron does not say.
    provider: (
        Callable[[], tuple[provider_model.ProviderNetwork, ...] | None] | None
    ) = None
    #: The snapshots that checks of this run share, see
    #: ``steth.checks.snapshots``.
    taken: dict[str, host.HostSnapshot] = msgspec.field(default_factory=dict)
    #: The bridges that were read in this run, by host, see
    #: ``steth.checks.bridges``.
    bridges: dict[str, bridge.BridgeSnapshot] = msgspec.field(
        default_factory=dict
    )
    #: The switch ports that were read in this run, by host, see
    #: ``steth.checks.switch_ports``.
    neighbours: dict[str, lldp.LldpReport] = msgspec.field(
        default_factory=dict
    )
    #: What earlier checks of this run found between two hosts, by network,
    #: source and target: a later one shall not tell the same trouble again
    #: in words of its own.
    explained: dict[tuple[str, str, str], finding.Finding] = msgspec.field(
        default_factory=dict
    )


class CheckOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a check brought: its own row, and what it found."""

    result: report.CheckResult
    findings: tuple[finding.Finding, ...] = ()


class UsageError(ValueError):
    """The user asked for something that does not exist."""


class Check(abc.ABC):
    """A question to the network, answered by operations of the agents."""

    #: The name on the command line and in reports.
    name: ClassVar[str]
    #: One sentence on what it tells.
    summary: ClassVar[str]
    #: The operations that the agents must have.
    operations: ClassVar[tuple[contract.Operation, ...]]

    def unmet(self, context: Context) -> str | None:
        """Return why the check cannot be run here, ``None`` when it can.

        It is skipped then, with that reason. As it stands here, a check
        needs one agent that has all its operations; one that needs more,
        a cloud or a tool, says so itself.
        """
        up = [
            one
            for one in context.fleet.agents
            if one.status is agent.AgentStatus.UP
        ]
        wanted = {one.name for one in self.operations}
        if not up or any(wanted <= set(one.operations) for one in up):
            # That nobody is up is a fault, and the check's to tell.
            return None
        lacking = wanted - set().union(*(one.operations for one in up))
        return (
            f"no agent has {', '.join(sorted(lacking or wanted))}: upgrade "
            f"the agents"
        )

    def nothing_to_check(self, context: Context) -> str | None:
        """Return why there is nothing to check here, ``None`` if there is.

        That is so where the check is about something that this deployment
        does not have, as far as anybody said. The check is skipped then, and
        the verdict of the run is that of the others.
        """
        return None

    @abc.abstractmethod
    def run(self, context: Context) -> CheckOutcome:
        """Plan, ask the agents, analyse.

        :raises UsageError: when an option names what is not there
        """
