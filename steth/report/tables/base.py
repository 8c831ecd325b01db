# SPDX-License-Identifier: Apache-2.0
"""What the table of a check's measurements is made of."""

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

import msgspec
import prettytable

#: Names are wrapped before the table gets wider than the terminal, but not
#: into columns of letters.
_NARROWEST = 12

Row = Mapping[str, Any]


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column for people; ``align`` is "l" or "r".

    One that is ``optional`` is left out where it has nothing in any row.
    """

    title: str
    show: Callable[[Row], str]
    align: str = "r"
    optional: bool = False


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """How one list of rows in a check's measurements is shown.

    ``key`` is where the list is in the measurements. ``columns`` are for
    people, the first of them may be wrapped; ``fields`` give, by title, what
    machines get of each row, with plain values.
    """

    key: str
    columns: tuple[Column, ...]
    fields: Mapping[str, str]

    def rows(self, measurements: Row) -> list[list[Any]]:
        """Return the rows for machines, in the order of ``fields``."""
        return [
            [row.get(field) for field in self.fields.values()]
            for row in measurements.get(self.key, ())
        ]

    def render(self, measurements: Row, width: int) -> str:
        """Return the table for people; empty when there is no row."""
        rows = measurements.get(self.key, ())
        if not rows:
            return ""
        columns = [
            one
            for one in self.columns
            if not one.optional or any(one.show(row) != "-" for row in rows)
        ]
        table = prettytable.PrettyTable([one.title for one in columns])
        for one in columns:
            table.align[one.title] = one.align  # type: ignore[assignment]
        for row in rows:
            table.add_row([one.show(row) for one in columns])
        over = len(table.get_string().partition("\n")[0]) - width
        if over > 0:
            longest = max(len(row[0]) for row in table.rows)
            first = self.columns[0].title
            table.max_width[first] = max(longest - over, _NARROWEST)
        return table.get_string()


def text(key: str) -> Callable[[Row], str]:
    """Return what shows a value as it is, nothing as a dash."""
    return lambda row: "-" if row.get(key) is None else str(row[key])


def percent(value: float | None) -> str:
    """Show a share so that a little is not taken for none."""
    if value is None:
        return "-"
    if 0 < value < 0.1:
        return "< 0.1 %"
    if 99.9 < value < 100:
        return "> 99.9 %"
    return f"{value:.1f} %" if value % 1 else f"{value:.0f} %"


def milliseconds(value: float | None) -> str:
    """Show a time in milliseconds."""
    if value is None:
        return "-"
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"
