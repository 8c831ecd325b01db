# SPDX-License-Identifier: Apache-2.0
"""Finds the agents: those on the bus, and those that should be there."""

from collections.abc import Callable
from collections.abc import Iterable
import logging
import queue
import threading
import time

import msgspec

from steth.controller import dispatch
from steth.controller import errors as controller_errors
from steth.controller import links as links_module
from steth.controller import listener
from steth.controller import roster
from steth.model import agent
from steth.model import inventory
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests

LOG = logging.getLogger(__name__)

Source = Callable[[], Iterable[inventory.ExpectedHost]]
Note = Callable[[str], None]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a run is about.

    ``configured`` are the hosts of the configuration, ``cloud`` reads those
    of the cloud, ``hosts`` names the only ones of interest (all where it is
    empty). ``timeout`` is how long the agents on the bus, ``cloud_timeout``
    how long the cloud may take, in seconds.
    """

    configured: tuple[inventory.ExpectedHost, ...] = ()
    cloud: Source | None = None
    hosts: tuple[str, ...] = ()
    timeout: float
    cloud_timeout: float


def discover(
    links: links_module.Links, wanted: Wanted, note: Note
) -> dict[str, roster.Known]:
    """Return every agent that was found or is expected, by host.

    :raises controller_errors.UnknownHostError: for a name in
        ``wanted.hosts`` that nobody knows and nothing answers to
    """
    reading = (
        _CloudReading(wanted.cloud, wanted.cloud_timeout)
        if wanted.cloud
        else None
    )
    announced = links.announcements(wanted.timeout)
    expected = roster.merged(
        wanted.configured, reading.result(note) if reading else ()
    )
    known = {
        one.host: roster.found(
            one, one.host, expected.get(one.host), agent.Transport.BUS
        )
        for one in announced.agents
    }
    absent = [one for host, one in expected.items() if host not in known]
    _note_oddities(links, announced, len(absent), wanted.timeout, note)
    if wanted.hosts:
        absent = [one for one in absent if one.name in wanted.hosts]
    strangers = [
        inventory.ExpectedHost(name=one, sources=())
        for one in wanted.hosts
        if one not in known and one not in expected
    ]
    known |= _ask_absent(links, [*absent, *strangers])
    for one in strangers:
        row = known[one.name].row
        if row.status is not agent.AgentStatus.UP:
            raise controller_errors.UnknownHostError(
                one.name,
                (known.keys() | expected.keys())
                - {each.name for each in strangers},
                row.reason or "no answer",
            )
    if wanted.hosts:
        return {host: known[host] for host in wanted.hosts}
    return known


def _note_oddities(
    links: links_module.Links,
    announced: listener.Announcements,
    absent: int,
    timeout: float,
    note: Note,
) -> None:
    """Tell of agents that no row tells of."""
    for host in announced.twice:
        note(
            f"more than one agent calls itself {host}: set the option host "
            f"of each to a name of its own"
        )
    nameless = announced.missing - absent
    if nameless > 0:
        note(
            f"{nameless} of {links.agents_on_bus} agents on the bus did not "
            f"announce themselves within {timeout:g} s"
        )


def _ask_absent(
    links: links_module.Links, absent: list[inventory.ExpectedHost]
) -> dict[str, roster.Known]:
    """Ask those who should be there and did not announce themselves."""
    calls = [_call(links, one) for one in absent]
    settled = links.carry_out(calls)
    return {one.name: _judged(links, one, settled[one.name]) for one in absent}


def _call(
    links: links_module.Links, expected: inventory.ExpectedHost
) -> dispatch.Call:
    ways = links.ways(
        contract.INSPECT_AGENT,
        requests.InspectAgent(),
        expected.name,
        expected.address,
        first=(
            agent.Transport.DIRECT if links.mode == links_module.AUTO else None
        ),
    )
    failures = []
    if links.problem is not None:
        failures.append(links.bus_failure(links.problem))
    elif links.mode == links_module.AUTO:
        failures.append(links.bus_failure("it did not announce itself"))
    return dispatch.Call(host=expected.name, ways=ways, failures=failures)


def _judged(
    links: links_module.Links,
    expected: inventory.ExpectedHost,
    settled: dispatch.Settled,
) -> roster.Known:
    outcome = settled.outcome
    if outcome.error is not None and outcome.transport is not None:
        return roster.silent(
            expected,
            errors.OperationError(
                outcome.error.code, f"bad answer: {outcome.error.message}"
            ),
        )
    if outcome.error is not None:
        return roster.silent(expected, outcome.error)
    if outcome.data.host != expected.name:
        # What it measured would be told of the wrong host.
        said = (
            f"the agent at {expected.address or expected.name} calls itself "
            f"{outcome.data.host}: "
        )
        if expected.sources:
            said += "correct its option host, or [inventory] hosts here"
        else:
            # It was given on the command line, by its address or an alias.
            said += "give that name"
        return roster.silent(
            expected,
            errors.OperationError(errors.ErrorCode.NO_ANSWER, said),
        )
    transport = outcome.transport or agent.Transport.DIRECT
    reason = None
    if links.mode == links_module.AUTO:
        reason = "no bus" if links.problem else "not on the bus"
    return roster.found(
        outcome.data, expected.name, expected, transport, reason
    )


class _CloudReading:
    """Reads the cloud's hosts while the agents are being found."""

    def __init__(self, source: Source, timeout: float) -> None:
        self._source = source
        self._timeout = timeout
        self._deadline = time.monotonic() + timeout
        self._answer: queue.SimpleQueue[
            tuple[inventory.ExpectedHost, ...] | Exception
        ] = queue.SimpleQueue()
        threading.Thread(
            target=self._read, name="read-cloud", daemon=True
        ).start()

    def _read(self) -> None:
        try:
            self._answer.put(tuple(self._source()))
        except Exception as error:
            # Keystone, a proxy or the SDK: whatever it is, the network can
            # be looked at without the cloud.
            LOG.debug("reading the cloud's hosts failed", exc_info=True)
            self._answer.put(error)

    def result(self, note: Note) -> tuple[inventory.ExpectedHost, ...]:
        """Return the hosts, or none and a note on why."""
        left = max(self._deadline - time.monotonic(), 0.0)
        try:
            answer = self._answer.get(timeout=left)
        except queue.Empty:
            note(
                f"the cloud did not say within {self._timeout:g} s which "
                f"hosts should have an agent"
            )
            return ()
        if isinstance(answer, Exception):
            note(
                "the cloud does not say which hosts should have an agent: "
                + (
                    str(answer).strip().partition("\n")[0]
                    or type(answer).__name__
                )
            )
            return ()
        return answer
