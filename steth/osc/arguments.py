# SPDX-License-Identifier: Apache-2.0
"""Arguments that several commands take, and the types of their values."""

import argparse
from collections.abc import Callable
from typing import Any

import msgspec

from steth.model import vlan_range
from steth.rpc import requests


def whole_number(low: int, high: int) -> Callable[[str], int]:
    """Return an argument type: a whole number within bounds."""

    def convert(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(
                f"{text!r} is not a whole number"
            ) from None
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(
                f"{number} is not between {low} and {high}"
            )
        return number

    return convert


def seconds(low: float, high: float) -> Callable[[str], float]:
    """Return an argument type: a number of seconds within bounds."""

    def convert(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            raise argparse.ArgumentTypeError(
                f"{text!r} is not a number of seconds"
            ) from None
        # Not a number at all is between nothing.
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(
                f"{text} is not between {low:g} and {high:g} seconds"
            )
        return number

    return convert


def name(text: str) -> str:
    """Return a name as it is, which is never empty.

    An empty one is a variable that a script forgot to set, and would stand
    for all hosts or for the host's own namespace.

    :raises argparse.ArgumentTypeError: it is empty
    """
    if not text.strip():
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a name: it is empty"
        )
    return text


def device(text: str) -> str:
    """Return the name of an interface, such as the kernel allows.

    :raises argparse.ArgumentTypeError: no interface can have it
    """
    return _checked(
        text,
        requests.DeviceName,
        "an interface: 1 to 15 characters without / or space",
    )


def namespace(text: str) -> str:
    """Return the name of a network namespace.

    :raises argparse.ArgumentTypeError: no network namespace can have it
    """
    return _checked(
        text,
        requests.NamespaceName,
        "a network namespace: letters, digits and .:@+_-",
    )


def _checked(text: str, kind: Any, what: str) -> str:
    try:
        return str(msgspec.convert(name(text), kind))
    except msgspec.ValidationError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not the name of {what}"
        ) from None


def vlan_ranges(text: str) -> str:
    """Return ranges of VLANs in their shortest form.

    :raises argparse.ArgumentTypeError: naming the range that is wrong
    """
    try:
        return vlan_range.compact(vlan_range.parse(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def add_count(
    parser: argparse.ArgumentParser, what: str, default: int = 5
) -> None:
    """Add how many packets are to be sent.

    :param what: says which, in the help
    """
    parser.add_argument(
        "--count",
        metavar="<number>",
        type=whole_number(1, 1000),
        default=default,
        help=f"{what} (1 to 1000, default: {default})",
    )


def add_transport(parser: argparse.ArgumentParser) -> None:
    """Add how the agents are to be reached."""
    parser.add_argument(
        "--transport",
        choices=("auto", "bus", "direct"),
        help=(
            "Way to reach the agents: the message bus first and their own "
            "listeners second (auto), or only one of the two "
            "(default: [controller] transport)"
        ),
    )
    parser.add_argument(
        "--timeout",
        metavar="<seconds>",
        type=seconds(0.5, 600),
        help=(
            "Seconds to wait for an agent's reply, on top of what the "
            "operation itself takes (default: [controller] timeout)"
        ),
    )
