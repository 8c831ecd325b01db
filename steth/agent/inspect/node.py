# SPDX-License-Identifier: Apache-2.0
"""``inspect.node``: who this host is, and what it has."""

from collections.abc import Iterable
from collections.abc import Iterator
import hashlib
import hmac
import ipaddress
import itertools
import pathlib
import socket
import time

from steth.agent import programs
from steth.agent.inspect import bonds
from steth.agent.inspect import names
from steth.agent.inspect import neutron_agents
from steth.model import node
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests

#: The programs that operations run, and which operation.
_TOOLS = {
    "iperf3": contract.PROBE_THROUGHPUT.name,
    "tcpdump": contract.CAPTURE_START.name,
}

#: In a container of these, /etc/machine-id and the programs are the image's,
#: not the host's.
_CONTAINER_MARKS = (".dockerenv", "run/.containerenv")

#: Seconds for all look-ups together.
_RESOLVING = 3.0
#: More addresses than that are not looked up.
_MOST_ADDRESSES = requests.MAX_NAMES

_KEY = b"steth inspect.node"


def describe(
    request: requests.InspectNode,
    host: str,
    root: pathlib.Path = pathlib.Path("/"),
) -> node.Node:
    """Return what this host is.

    :param host: what the agent calls it
    :param root: where the host's files are
    """
    began = time.monotonic()
    own = socket.gethostname()
    found = names.resolve((*request.names, own), _RESOLVING)
    left = max(_RESOLVING - (time.monotonic() - began), 0.0)
    addresses = itertools.islice(_outside(found), _MOST_ADDRESSES)
    return node.Node(
        host=host,
        hostname=own,
        machine_id=_machine_id(root),
        boot_id=_hashed(root / "proc/sys/kernel/random/boot_id"),
        bonds=bonds.read(root / "proc/net/bonding"),
        tools=tuple(
            node.Tool(
                name=name,
                operation=operation,
                installed=_installed(name),
            )
            for name, operation in _TOOLS.items()
        ),
        neutron_agents=()
        if _is_container(root)
        else neutron_agents.read(root / "proc"),
        names=found,
        reverse=names.reverse(addresses, left),
    )


def _outside(found: Iterable[node.Name]) -> Iterator[str]:
    """Yield the addresses that lead to another host than one's own."""
    for one in found:
        for address in one.addresses:
            if not ipaddress.ip_address(address).is_loopback:
                yield address


def _installed(name: str) -> bool:
    try:
        programs.find(name)
    except errors.OperationError:
        return False
    return True


def _is_container(root: pathlib.Path) -> bool:
    return any((root / one).exists() for one in _CONTAINER_MARKS)


def _machine_id(root: pathlib.Path) -> str | None:
    if _is_container(root):
        return None
    return _hashed(root / "etc/machine-id")


def _hashed(path: pathlib.Path) -> str | None:
    """Return what stands for an id, the way that machine-id(5) asks for."""
    try:
        text = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    # An image that was never booted says "uninitialized".
    if text in {"", "uninitialized"}:
        return None
    return hmac.new(text.encode(), _KEY, hashlib.sha256).hexdigest()[:32]
