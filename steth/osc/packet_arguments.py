# SPDX-License-Identifier: Apache-2.0
"""The options that say what a packet is."""

import argparse
import pathlib
import re
from typing import Any

from steth.osc import arguments
from steth.rpc import requests

#: The options by the argument of the operation that they give.
OPTIONS = {
    name: name.replace("_", "-")
    for name in (
        *requests.Frame.__struct_fields__,
        *("file", "interface", "netns", "count", "interval"),
    )
} | {"vlans": "vlan"}

_MAC = re.compile(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}")
_FLAGS = re.compile(r"[FSRPAUEC]{0,8}")


def add(parser: argparse.ArgumentParser) -> None:
    """Add them to a command."""
    content = parser.add_mutually_exclusive_group(required=True)
    content.add_argument(
        "--protocol",
        choices=("arp", "icmp", "udp", "tcp", "dhcp"),
        help="What to send; icmp is ICMPv6 where the addresses are of IPv6, "
        "dhcp a DISCOVER by broadcast",
    )
    content.add_argument(
        "--ethertype",
        metavar="<number>",
        type=_ethertype,
        help="Send an Ethernet frame of this type (0x0600 to 0xffff), with "
        "the payload as its content",
    )
    content.add_argument(
        "--file",
        metavar="<file>",
        type=arguments.name,
        help="Send the packets of this pcap or pcapng file as they are (at "
        f"most {requests.MAX_PACKET_FILE // 1024} KiB, not compressed, and "
        "1000 packets)",
    )
    _add_addresses(parser)
    for name, low, high, said in (
        ("ttl", 1, 255, "IP time to live, or hop limit (default: 64)"),
        ("dscp", 0, 63, "Differentiated services code point (default: 0)"),
        ("icmp-type", 0, 255, "ICMP type (default: an echo request's)"),
        ("icmp-code", 0, 255, "ICMP code (default: 0)"),
        ("source-port", 0, 65535, "UDP or TCP source port (default: 49152)"),
        ("destination-port", 0, 65535, "UDP or TCP destination port"),
    ):
        parser.add_argument(
            f"--{name}",
            metavar="<number>",
            type=arguments.whole_number(low, high),
            help=said,
        )
    parser.add_argument(
        "--tcp-flags",
        metavar="<letters>",
        type=_flags,
        help="TCP flags, of FSRPAUEC (default: S)",
    )
    parser.add_argument(
        "--arp-operation",
        choices=("request", "reply"),
        help="ARP operation (default: request)",
    )
    payload = parser.add_mutually_exclusive_group()
    payload.add_argument(
        "--payload", metavar="<text>", type=_text, help="Content"
    )
    payload.add_argument(
        "--payload-hex",
        metavar="<digits>",
        dest="payload",
        type=_hexadecimal,
        help="Content, in hexadecimal digits",
    )


def _add_addresses(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--source-mac",
        metavar="<mac>",
        type=_mac,
        help="Ethernet source (default: the interface's)",
    )
    parser.add_argument(
        "--destination-mac",
        metavar="<mac>",
        type=_mac,
        help="Ethernet destination (default: broadcast where the packet is "
        "one, else that of the destination or of the router to it)",
    )
    parser.add_argument(
        "--vlan",
        metavar="<id>[:<priority>]",
        dest="vlans",
        action="append",
        type=_vlan,
        help="Tag with this VLAN; given twice, the first is the outer one "
        "(802.1ad)",
    )
    parser.add_argument(
        "--source",
        metavar="<address>",
        help="IP source (default: the interface's address)",
    )
    parser.add_argument(
        "--destination",
        metavar="<address>",
        help="IP destination; with ARP, the address that is asked for",
    )


def given(parsed_args: argparse.Namespace) -> dict[str, Any]:
    """Return what was given of a frame, by its argument.

    :raises ValueError: it is more than a frame takes
    """
    found = {
        name: getattr(parsed_args, name)
        for name in requests.Frame.__struct_fields__
        if getattr(parsed_args, name) is not None
    }
    found["vlans"] = tuple(found.get("vlans", ()))
    if not found["vlans"]:
        del found["vlans"]
    elif len(found["vlans"]) > 2:
        raise ValueError("vlans: more than two tags are not supported")
    if len(found.get("payload", b"")) > requests.MAX_PAYLOAD:
        raise ValueError(
            f"payload: more than the {requests.MAX_PAYLOAD} bytes that are "
            "allowed"
        )
    return found


def read(name: str) -> bytes:
    """Return the content of a file of packets.

    :raises ValueError: it can't be read, or is too large
    """
    try:
        with pathlib.Path(name).open("rb") as file:
            content = file.read(requests.MAX_PACKET_FILE + 1)
    except OSError as error:
        raise ValueError(f"file: {name}: {error.strerror}") from None
    if len(content) > requests.MAX_PACKET_FILE:
        raise ValueError(
            f"file: {name} is larger than the "
            f"{requests.MAX_PACKET_FILE // 1024} KiB that are allowed"
        )
    return content


def _mac(text: str) -> str:
    if not _MAC.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a MAC address such as 02:00:00:00:00:01"
        )
    return text.lower()


def _flags(text: str) -> str:
    if not _FLAGS.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} are not letters of FSRPAUEC"
        )
    return text


def _ethertype(text: str) -> int:
    try:
        number = int(text, 0)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a number such as 0x88b5"
        ) from None
    if not 0x0600 <= number <= 0xFFFF:
        raise argparse.ArgumentTypeError(
            f"{text} is not between 0x0600 and 0xffff"
        )
    return number


def _vlan(text: str) -> requests.VlanTag:
    number, _, priority = text.partition(":")
    return requests.VlanTag(
        id=arguments.whole_number(0, 4094)(number),
        priority=arguments.whole_number(0, 7)(priority or "0"),
    )


def _text(text: str) -> bytes:
    return text.encode()


def _hexadecimal(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} are not pairs of hexadecimal digits"
        ) from None
