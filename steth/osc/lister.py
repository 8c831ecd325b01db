# SPDX-License-Identifier: Apache-2.0
"""What the commands have in common that list things."""

import argparse
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from osc_lib.command import command

from steth.osc import columns


class Lister(command.Lister):
    """Lists rows, whose values are plain in CSV as well.

    cliff makes a text of every value that has a form for people, also of
    numbers and of what is missing.
    """

    def produce_output(
        self,
        parsed_args: argparse.Namespace,
        column_names: Sequence[str],
        data: Iterable[Sequence[Any]],
    ) -> int:
        """Show the rows."""
        if parsed_args.formatter == "csv":
            data = [[columns.plain(one) for one in row] for row in data]
        return int(super().produce_output(parsed_args, column_names, data))
