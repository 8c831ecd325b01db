# SPDX-License-Identifier: Apache-2.0
"""Tables for people who run the lab by hand."""

from collections.abc import Iterable
from collections.abc import Sequence

from steth.lab import catalogue
from steth.lab import faults as model
from steth.lab import layout
from steth.lab import status as status_model


def status(found: status_model.Status) -> list[str]:
    """Return the lines that show how a lab is."""
    rows = [
        (
            one.name,
            str(one.pid or "down"),
            *(
                one.addresses[index] if index < len(one.addresses) else "-"
                for index in range(len(layout.NETWORKS))
            ),
            str(one.agent or "-"),
        )
        for one in found.hosts
    ]
    names = [f"{one.name} ({one.nic})" for one in layout.NETWORKS]
    lines = table(["host", "pid", *names, "agent"], rows)
    lines.append("")
    if found.broker is None:
        lines.append("broker: none")
    else:
        lines.append(f"broker: {'listening' if found.broker else 'down'}")
    if not found.switch_pid:
        lines.append("the switch that joins the hosts is down")
    if not found.complete:
        lines.append("not complete: 'up' was interrupted; run it again")
    lines += [f"fault: {one}" for one in found.faults]
    return lines


def faults() -> list[str]:
    """Return the lines that show all faults there are."""
    rows = [
        (one.name, one.summary, _options(one), one.finding or "-")
        for one in catalogue.CATALOGUE.values()
    ]
    return table(["fault", "what it does", "options", "finding"], rows)


def _options(fault: model.Fault) -> str:
    options = []
    if fault.scope is not model.Scope.LAB:
        options.append("--host")
    if fault.peer is not model.Peer.NONE:
        options.append("--peer")
    if fault.scope in (model.Scope.NETWORK, model.Scope.GROUP):
        options.append("--network")
    if fault.value:
        options.append(
            f"--value ({fault.value.default} {fault.value.meaning})"
        )
    return " ".join(options)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table."""
    lines = [tuple(head), *(tuple(one) for one in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) for cell, width in zip(one, widths, strict=True)
        ).rstrip()
        for one in lines
    ]
