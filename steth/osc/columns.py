# SPDX-License-Identifier: Apache-2.0
"""Columns that read well for people and stay plain for machines."""

from collections.abc import Iterable
import textwrap
from typing import Any

from cliff import columns

#: Of a long list, beside the name of its row on a terminal of 80 columns.
_WIDTH = 52


def plain(value: Any) -> Any:
    """Return the number, or nothing, that a column is of; else the column."""
    if isinstance(value, columns.FormattableColumn):
        bare = value.machine_readable()
        if bare is None or type(bare) in (int, float):
            return bare
    return value


class Uptime(columns.FormattableColumn[float | None]):
    """Seconds, shown in the two largest units that matter."""

    def human_readable(self) -> str:
        """Return e.g. ``3 d 4 h``."""
        if self._value is None:
            return "-"
        left = int(self._value)
        parts = []
        for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
            if left >= length:
                parts.append(f"{left // length} {unit}")
                left %= length
        if len(parts) < 2:
            parts.append(f"{left} s")
        return " ".join(parts[:2])


class Text(columns.FormattableColumn[str | None]):
    """A text that may be missing."""

    def human_readable(self) -> str:
        """Return the text, ``-`` where there is none."""
        return self._value or "-"


class Number(columns.FormattableColumn[int | None]):
    """A whole number that may be missing."""

    def human_readable(self) -> str:
        """Return the number, ``-`` where there is none."""
        return "-" if self._value is None else str(self._value)


class Answer(columns.FormattableColumn[bool | None]):
    """Yes or no, where it is known."""

    def human_readable(self) -> str:
        """Return ``yes``, ``no``, or ``-`` where it is not known."""
        return {True: "yes", False: "no"}.get(self._value, "-")


class Speed(columns.FormattableColumn[int | None]):
    """The speed of a link in Mbit/s, where the driver says."""

    def human_readable(self) -> str:
        """Return e.g. ``25 Gbit/s``."""
        if self._value is None:
            return "-"
        if self._value % 1000 == 0:
            return f"{self._value // 1000} Gbit/s"
        return f"{self._value} Mbit/s"


class Names(columns.FormattableColumn[list[str]]):
    """A list of short names."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(list(names))

    def human_readable(self) -> str:
        """Return the names, separated by commas."""
        return ", ".join(self._value) or "-"


class Lines(Names):
    """A list of longer names, one a line."""

    def human_readable(self) -> str:
        """Return the names, one a line."""
        return "\n".join(self._value) or "-"


class Wrapped(Names):
    """A list of names that is too long for one line."""

    def human_readable(self) -> str:
        """Return the names, separated by commas, in lines."""
        return _wrapped(", ".join(self._value)) or "-"


class Pairs(columns.FormattableColumn[dict[str, Any]]):
    """Names and values."""

    def human_readable(self) -> str:
        """Return a name and its value a line."""
        lines = (
            f"{name}={_cell(value)}" for name, value in self._value.items()
        )
        return "\n".join(lines) or "-"


class Namespace(columns.FormattableColumn[str | None]):
    """The name of a network namespace, empty for the host's own."""

    def human_readable(self) -> str:
        """Return the name, ``-`` where it has none."""
        return "the host's own" if self._value == "" else self._value or "-"


class Offloads(columns.FormattableColumn[list[dict[str, Any]]]):
    """What a device takes off the kernel's hands, or could.

    Each has ``name``, ``active`` and ``fixed``.
    """

    def __init__(self, offloads: Iterable[dict[str, Any]]) -> None:
        super().__init__(list(offloads))

    def human_readable(self) -> str:
        """Return those that are on, and those that can be turned on."""
        names = {
            "on": [one["name"] for one in self._value if one["active"]],
            "off": [
                one["name"]
                for one in self._value
                if not one["active"] and not one["fixed"]
            ],
        }
        return "\n".join(
            _wrapped(f"{which}: {', '.join(those) or '-'}")
            for which, those in names.items()
        )


class Rows(columns.FormattableColumn[list[dict[str, Any]]]):
    """Things of one kind, each with the same names and values."""

    def __init__(self, rows: Iterable[dict[str, Any]]) -> None:
        super().__init__(list(rows))

    def human_readable(self) -> str:
        """Return a line for each, below one with the names."""
        if not self._value:
            return "-"
        lines = [list(self._value[0])]
        for row in self._value:
            lines.append([_cell(one) for one in row.values()])
        widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
        return "\n".join(
            "  ".join(map(str.ljust, line, widths)).rstrip() for line in lines
        )


def _cell(value: Any) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            return ", ".join(map(str, value)) or "-"
        case _:
            return str(value)


def _wrapped(text: str) -> str:
    return textwrap.fill(
        text, _WIDTH, break_long_words=False, break_on_hyphens=False
    )


class ClockOffset(columns.FormattableColumn[float | None]):
    """How far a host's clock is ahead of ours, in seconds."""

    def human_readable(self) -> str:
        """Return e.g. ``+0.012 s``."""
        return "-" if self._value is None else f"{self._value:+.3f} s"
