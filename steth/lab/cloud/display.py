# SPDX-License-Identifier: Apache-2.0
"""A cloud, for people who run it by hand."""

from steth.lab import display
from steth.lab.cloud import status as status_model


def status(found: status_model.Status) -> list[str]:
    """Return the lines that show how a cloud is."""
    rows = [
        (one.name, str(one.pid or "down"), one.address, _programs(one))
        for one in found.hosts
    ]
    lines = display.table(["host", "pid", "address", "programs"], rows)
    lines += ["", f"cloud: {found.shape}"]
    if not found.complete:
        lines.append("not complete: 'up' was interrupted; run it again")
    return lines


def _programs(host: status_model.HostStatus) -> str:
    said = [
        f"{one} (stopped)" if one in host.stopped else one
        for one in host.programs
    ]
    return ", ".join(said) or "-"
