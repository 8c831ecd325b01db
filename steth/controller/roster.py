# SPDX-License-Identifier: Apache-2.0
"""What the controller knows of each agent."""

from collections.abc import Iterable
import ipaddress

import msgspec

from steth.controller import dispatch
from steth.model import agent
from steth.model import inventory
from steth.rpc import contract
from steth.rpc import errors


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """An agent's row, and the version of the contract that it speaks."""

    row: agent.AgentRow
    speaks: str = contract.VERSION

    def refusal(
        self, operation: contract.Operation, again: bool = False
    ) -> errors.OperationError | None:
        """Return why it is of no use to ask it, ``None`` when it is not.

        :param again: whether one that fell silent may be asked once more
        """
        row = self.row
        was_there = bool(row.operations)
        if row.status is not agent.AgentStatus.UP and not (
            again and was_there and row.status is agent.AgentStatus.SILENT
        ):
            return errors.OperationError(
                errors.ErrorCode.REFUSED
                if row.status is agent.AgentStatus.REFUSED
                else errors.ErrorCode.NO_ANSWER,
                row.reason or "no answer",
            )
        if _major(self.speaks) != _major(contract.VERSION):
            return errors.OperationError(
                errors.ErrorCode.UNSUPPORTED_VERSION,
                f"agent {row.version} on {row.host} speaks version "
                f"{self.speaks} of the contract, this client "
                f"{contract.VERSION}: install the same release on both",
            )
        if operation.name not in row.operations:
            return errors.OperationError(
                errors.ErrorCode.UNKNOWN_OPERATION,
                f"agent {row.version} on {row.host} has no {operation.name}",
            )
        return None


def merged(
    *sources: Iterable[inventory.ExpectedHost],
) -> dict[str, inventory.ExpectedHost]:
    """Return who is expected, by name; the first address given stands."""
    hosts: dict[str, inventory.ExpectedHost] = {}
    for source in sources:
        for one in source:
            before = hosts.get(one.name)
            if before is None:
                hosts[one.name] = one
                continue
            hosts[one.name] = inventory.ExpectedHost(
                name=one.name,
                address=before.address or one.address,
                sources=tuple(dict.fromkeys(before.sources + one.sources)),
            )
    return hosts


def found(
    info: agent.AgentInfo,
    host: str,
    expected: inventory.ExpectedHost | None,
    transport: agent.Transport,
    reason: str | None = None,
) -> Known:
    """Return what is known of an agent that answered.

    The address in the configuration is preferred to what the agent says.

    :param host: the name that it is known by here
    """
    address = expected.address if expected else None
    return Known(
        row=agent.AgentRow(
            host=host,
            status=agent.AgentStatus.UP,
            transport=transport,
            version=info.version,
            address=address or _checked(info.address),
            expected_by=expected.sources if expected else (),
            uptime=round(info.uptime, 3),
            operations=info.operations,
            reason=reason,
        ),
        speaks=info.contract,
    )


def _checked(address: str | None) -> str | None:
    """Return an address that an agent gave, if it is one."""
    try:
        return str(ipaddress.ip_address(address)) if address else None
    except ValueError:
        return None


def silent(
    expected: inventory.ExpectedHost, error: errors.OperationError
) -> Known:
    """Return what is known of an agent that did not answer."""
    return Known(
        row=agent.AgentRow(
            host=expected.name,
            status=_status(error),
            address=expected.address,
            expected_by=expected.sources,
            reason=error.message,
        )
    )


def learned(known: Known, settled: dispatch.Settled) -> Known:
    """Return what is known of an agent after it was asked once more."""
    row = known.row
    outcome = settled.outcome
    if outcome.transport is None and outcome.error is not None:
        row = msgspec.structs.replace(
            row,
            status=_status(outcome.error),
            transport=None,
            reason=outcome.error.message,
        )
    elif row.status is not agent.AgentStatus.UP:
        row = msgspec.structs.replace(
            row,
            status=agent.AgentStatus.UP,
            transport=outcome.transport,
            reason=None,
        )
    elif outcome.transport is not row.transport and settled.failures:
        row = msgspec.structs.replace(
            row,
            transport=outcome.transport,
            reason=f"lost the bus: {settled.failures[0].error.message}",
        )
    return msgspec.structs.replace(known, row=row)


def _status(error: errors.OperationError) -> agent.AgentStatus:
    if error.code is errors.ErrorCode.REFUSED:
        return agent.AgentStatus.REFUSED
    return agent.AgentStatus.SILENT


def _major(version: str) -> str:
    return version.partition(".")[0]
