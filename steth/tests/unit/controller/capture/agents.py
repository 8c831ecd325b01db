# SPDX-License-Identifier: Apache-2.0
"""Agents that capture what a test gives them."""

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

from steth.controller import outcome
from steth.model import agent
from steth.model import capture
from steth.model import task
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests
from steth.tests.unit.model import test_pcap

TASK = task.TaskInfo(
    id="0" * 32,
    kind="capture.start",
    detail="",
    started_at="",
    lease_end="",
    remaining=1.0,
)


class Agent:
    """One agent with the same stream at all of its points.

    :param direct: whether its listener is reached
    :param refused: why nothing is captured at a device
    :param ends: whether it ends by itself
    :param host: what it says that it is, by default what it is known as
    """

    def __init__(
        self,
        packets: int = 3,
        *,
        direct: bool = True,
        refused: Mapping[str, str] | None = None,
        ends: bool = True,
        host: str | None = None,
    ) -> None:
        self.host = host
        self.stream = test_pcap.header() + b"".join(
            test_pcap.record(bytes(60), seconds=one) for one in range(packets)
        )
        self.packets = packets
        self.direct = direct
        self.refused = refused or {}
        self.ended = ends
        self.time = 1000.0
        self.silent: set[str] = set()
        #: How many bytes were asked for, and by which transport.
        self.limits: list[tuple[agent.Transport | None, int]] = []
        self.leases: set[float] = set()
        self.stopped = False
        self.heard: list[str] = []

    def answer(
        self,
        request: requests.Request,
        only: agent.Transport | None,
        known_as: str,
    ) -> Any:
        """Return the reply to a request."""
        if hasattr(request, "lease"):
            self.leases.add(request.lease)
        match request:
            case requests.InspectAgent():
                return agent.AgentInfo(
                    host=(self.host if only else None) or known_as,
                    version="1",
                    contract="1.0",
                    operations=(),
                    time=self.time,
                    uptime=1.0,
                )
            case requests.CaptureStart():
                said = tuple(
                    self.refused.get(one.device) for one in request.points
                )
                return capture.CaptureStarted(
                    task=None if all(said) else TASK, errors=said
                )
            case requests.CaptureRead():
                self.limits.append((only, request.limit))
                return capture.CaptureData(
                    pieces=tuple(
                        self._piece(one, request.limit)
                        for one in request.offsets
                    )
                )
            case requests.CaptureEnd():
                self.ended = True
                return TASK
            case _:
                self.stopped = True
                return TASK

    def _piece(self, offset: int, limit: int) -> capture.CapturePiece:
        data = self.stream[offset : offset + limit]
        return capture.CapturePiece(
            offset=offset,
            data=data,
            pending=len(self.stream) - offset - len(data),
            packets=self.packets,
            ended=self.ended,
            kernel=capture.Kernel(received=self.packets, dropped=0)
            if self.ended
            else None,
        )


class Fleet:
    """Agents by host; ``before`` is called before each question."""

    def __init__(
        self,
        agents: Mapping[str, Agent],
        before: Callable[[contract.Operation], None] = lambda _: None,
    ) -> None:
        self._agents = agents
        self.before = before
        self.agents: tuple[agent.AgentRow, ...] = ()

    def ask(
        self,
        operation: contract.Operation,
        asked: Mapping[str, requests.Request],
        *,
        seconds: float,
        only: agent.Transport | None = None,
        again: bool = False,
    ) -> dict[str, outcome.Outcome]:
        """Answer as ``Fleet`` does."""
        self.before(operation)
        return {
            host: self._outcome(operation, host, request, only)
            for host, request in asked.items()
        }

    def _outcome(
        self,
        operation: contract.Operation,
        host: str,
        request: requests.Request,
        only: agent.Transport | None,
    ) -> outcome.Outcome:
        one = self._agents[host]
        one.heard.append(operation.name)
        if operation.name in one.silent or (only and not one.direct):
            return outcome.Outcome(
                host=host,
                error=errors.OperationError(
                    errors.ErrorCode.NO_ANSWER, "timed out"
                ),
            )
        return outcome.Outcome(
            host=host,
            data=one.answer(request, only, host),
            transport=only or agent.Transport.BUS,
            elapsed=0.002,
            ended=500.0,
        )
