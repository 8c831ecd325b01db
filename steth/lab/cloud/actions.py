# SPDX-License-Identifier: Apache-2.0
"""Commands with actions of their own, as ``cloud instance list``."""

import argparse
from collections.abc import Callable

from steth.lab.cloud import cloud as cloud_module

Handler = Callable[[cloud_module.Cloud, argparse.Namespace], int]
#: Takes name, text and handler of a command and returns its parser.
Add = Callable[[str, str, Handler], argparse.ArgumentParser]


class Actions:
    """The actions of one command."""

    def __init__(self, add: Add, name: str, text: str) -> None:
        parser = add(name, text, _dispatch)
        self._actions = parser.add_subparsers(
            required=True, metavar="<action>"
        )

    def add(
        self, name: str, text: str, handler: Handler
    ) -> argparse.ArgumentParser:
        """Add an action.

        :param text: what it does, in a line
        """
        one = self._actions.add_parser(name, help=text, description=text)
        one.add_argument(
            "--directory",
            # The default is that of the command.
            default=argparse.SUPPRESS,
            metavar="<directory>",
            help="where the cloud keeps its state",
        )
        one.set_defaults(action=handler)
        return one


def _dispatch(cloud: cloud_module.Cloud, parsed: argparse.Namespace) -> int:
    handler: Handler = parsed.action
    return handler(cloud, parsed)
