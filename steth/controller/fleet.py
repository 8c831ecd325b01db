# SPDX-License-Identifier: Apache-2.0
"""The agents of one run: found, asked in parallel, each by its best way."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
import contextlib
import threading

from oslo_config import cfg

from steth.conf import inventory as inventory_conf
from steth.controller import discovery
from steth.controller import dispatch
from steth.controller import errors as controller_errors
from steth.controller import links as links_module
from steth.controller import outcome as outcome_module
from steth.controller import roster
from steth.model import agent
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests


class Fleet:
    """Implements ``steth.checks.base.Fleet``."""

    def __init__(
        self,
        links: links_module.Links,
        agents: dict[str, roster.Known],
        note: discovery.Note,
    ) -> None:
        self._links = links
        self._agents = agents
        self._note = note
        # Checks may ask for two things at once.
        self._lock = threading.Lock()
        self._loss_noted = links.problem is not None

    @property
    def agents(self) -> tuple[agent.AgentRow, ...]:
        """Every agent, found or expected, in the order of host names."""
        return tuple(self._agents[host].row for host in sorted(self._agents))

    def ask(
        self,
        operation: contract.Operation,
        asked: Mapping[str, requests.Request],
        *,
        seconds: float,
        only: agent.Transport | None = None,
        again: bool = False,
    ) -> Mapping[str, outcome_module.Outcome]:
        """Ask several agents at once, each its own request.

        An agent that does not answer in time on the bus is asked over its
        own listener where the operation can be repeated, as are all when
        the bus is lost meanwhile.

        :param asked: the request by host
        :param seconds: how long the operation itself takes
        :param only: ask by this transport alone, and take no answer there
            for none at all
        :param again: ask also an agent that did not answer before; without,
            it is not waited for once more
        :returns: one outcome for every host asked
        """
        outcomes: dict[str, outcome_module.Outcome] = {}
        calls = []
        for host, request in asked.items():
            refusal = self._refusal(host, operation, again)
            if refusal is not None:
                outcomes[host] = outcome_module.Outcome(
                    host=host, error=refusal
                )
                continue
            row = self._agents[host].row
            ways = self._links.ways(
                operation,
                request,
                host,
                row.address,
                seconds=seconds,
                first=only or row.transport,
            )
            if only is not None:
                ways = [one for one in ways if one.transport is only]
            if not ways:
                outcomes[host] = outcome_module.Outcome(
                    host=host,
                    error=errors.OperationError(
                        errors.ErrorCode.NO_ANSWER, f"{only} is not in use"
                    ),
                )
                continue
            calls.append(dispatch.Call(host=host, ways=ways))
        settled = self._links.carry_out(calls, together=operation.together)
        for host, one in settled.items():
            outcomes[host] = one.outcome
        with self._lock:
            if only is None:
                for host, one in settled.items():
                    self._agents[host] = roster.learned(
                        self._agents[host], one
                    )
            self._note_loss(settled)
        return {host: outcomes[host] for host in asked}

    def _refusal(
        self, host: str, operation: contract.Operation, again: bool
    ) -> errors.OperationError | None:
        known = self._agents.get(host)
        if known is None:
            return errors.OperationError(
                errors.ErrorCode.NO_ANSWER, f"no agent is known as {host!r}"
            )
        return known.refusal(operation, again)

    def _note_loss(self, settled: Mapping[str, dispatch.Settled]) -> None:
        reason = self._links.interrupt.reason(agent.Transport.BUS)
        if reason is None or self._loss_noted:
            return
        self._loss_noted = True
        hit = [
            one
            for one in settled.values()
            if any(
                failure.transport is agent.Transport.BUS
                for failure in one.failures
            )
        ]
        again = sum(one.outcome.transport is not None for one in hit)
        said = f"bus lost during the run ({reason})"
        if self._links.mode == links_module.BUS:
            said += "; the run is limited to it"
        elif hit:
            said += f": {again} of {len(hit)} hosts answered over "
            said += self._links.port_name
        self._note(said)


@contextlib.contextmanager
def open(
    conf: cfg.ConfigOpts,
    *,
    cloud: discovery.Source | None = None,
    transport: str | None = None,
    hosts: Sequence[str] = (),
    timeout: float | None = None,
    note: discovery.Note = lambda _: None,
) -> Iterator[Fleet]:
    """Find the agents, and leave the bus in the end.

    :param cloud: returns the hosts that the cloud expects; called in a
        thread of its own, and not waited for longer than for an agent
    :param transport: ``auto``, ``bus`` or ``direct`` instead of the
        configured way
    :param hosts: the only ones of interest
    :param timeout: seconds to wait for a reply instead of the configured
    :param note: takes a remark on the run, from any thread
    :raises controller_errors.ControllerError: when nobody can be asked
    """
    timeout = timeout or conf.controller.timeout
    mode = transport or conf.controller.transport
    configured = inventory_conf.read(conf).hosts
    links = links_module.Links(conf, mode, timeout)
    try:
        agents = discovery.discover(
            links,
            discovery.Wanted(
                configured=configured,
                cloud=cloud if conf.controller.use_cloud else None,
                hosts=tuple(dict.fromkeys(hosts)),
                timeout=conf.controller.discovery_timeout,
                cloud_timeout=timeout,
            ),
            note,
        )
        if links.problem is not None:
            note(f"no bus: {links.problem}")
        if not agents:
            raise controller_errors.NoAgentError(
                links.problem or links.unasked,
                configured=bool(conf.config_file or conf.config_dirs),
            )
        yield Fleet(links, agents, note)
    finally:
        links.close()
