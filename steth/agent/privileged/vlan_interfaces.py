# SPDX-License-Identifier: Apache-2.0
"""The part of ``probe.vlan_interface`` that changes the host.

What it makes carries the task's id, as the alias that ``ip link`` shows, and
nothing without it is ever removed.
"""

import contextlib
import errno
import ipaddress
import pathlib
import re
import socket
import struct

from steth.agent.inspect import links
from steth.agent.inspect import namespace
from steth.agent.inspect import netlink
from steth.agent.inspect import rtnetlink
from steth.agent.privileged import contexts

_IFLA_IFNAME = 3
_IFLA_LINK = 5
_IFLA_LINKINFO = 18
_IFLA_IFALIAS = 20
_IFLA_AF_SPEC = 26
_IFLA_INFO_KIND = 1
_IFLA_INFO_DATA = 2
_IFLA_VLAN_ID = 1
_IFLA_INET6_ADDR_GEN_MODE = 8
_ADDR_GEN_MODE_NONE = 1
_IFA_ADDRESS = 1
_IFA_LOCAL = 2
_IFA_BROADCAST = 4
_IFF_UP = 0x1

_PREFIX = "steth"
_TASK = re.compile(r"[0-9a-f]{32}")
_MARK = re.compile(r"steth task [0-9a-f]{32}")
_NAME = re.compile(r"steth[0-9a-f]{8}")
_SYSCTLS = pathlib.Path("/proc/sys/net/ipv6/conf")


@contexts.interface.entrypoint
def create(parent: str, vlan: int, cidr: str | None, task: str) -> str:
    """Make an interface for a VLAN and bring it up; return its name.

    :param cidr: its address and prefix length
    :param task: the id of the task that removes it
    :raises OSError: the kernel refused; nothing is left
    """
    if not _is_task(task) or not isinstance(parent, str):
        raise ValueError(f"no interface for a task: {parent!r}, {task!r}")
    if not isinstance(vlan, int) or not 1 <= vlan <= 4094:
        raise ValueError(f"vlan: {vlan!r} is not from 1 to 4094")
    address = None if cidr is None else ipaddress.ip_interface(cidr)
    name = name_of(task)
    with netlink.RouteSocket() as sock, contextlib.ExitStack() as undoing:
        _add(sock, name, socket.if_nametoindex(parent), vlan)
        index = socket.if_nametoindex(name)
        undoing.callback(_remove, sock, index)
        _mark(sock, index, task)
        _keep_quiet(sock, index, name)
        if address is not None:
            _address(sock, index, address)
        sock.change(
            rtnetlink.RTM_NEWLINK,
            0,
            rtnetlink.IFINFO.pack(0, 0, index, _IFF_UP, _IFF_UP),
        )
        undoing.pop_all()
    return name


@contexts.interface.entrypoint
def remove(task: str) -> None:
    """Remove the interface of a task; one that is gone is no error."""
    if not _is_task(task):
        raise ValueError(f"task: {task!r} is none")
    mark = re.compile(re.escape(f"{_PREFIX} task {task}"))
    named = {_IFLA_IFNAME: name_of(task).encode() + b"\0"}
    with netlink.RouteSocket() as sock:
        try:
            body = sock.get(rtnetlink.RTM_GETLINK, links.REQUEST, named)
            index, _ = links.index_and_name(body)
            if _is_marked(body, mark):
                _remove(sock, index)
        except OSError as error:
            if error.errno != errno.ENODEV:
                raise


@contexts.interface.entrypoint
def remove_all() -> list[str]:
    """Remove what any task has made; return the names."""
    removed = []
    with netlink.RouteSocket() as sock:
        for index, name in _marked():
            _remove(sock, index)
            removed.append(name)
    return removed


def name_of(task: str) -> str:
    """Return the name of a task's interface."""
    return _PREFIX + task[:8]


def leftovers() -> list[str]:
    """Return the names of what tasks have made. It takes no privilege."""
    return [name for _, name in _marked()]


def _is_task(task: object) -> bool:
    return isinstance(task, str) and _TASK.fullmatch(task) is not None


def _add(sock: netlink.RouteSocket, name: str, below: int, vlan: int) -> None:
    data = rtnetlink.packed({_IFLA_VLAN_ID: struct.pack("=H", vlan)})
    sock.change(
        rtnetlink.RTM_NEWLINK,
        rtnetlink.NLM_F_CREATE | rtnetlink.NLM_F_EXCL,
        rtnetlink.IFINFO.pack(0, 0, 0, 0, 0),
        {
            _IFLA_IFNAME: name.encode() + b"\0",
            _IFLA_LINK: struct.pack("=I", below),
            _IFLA_LINKINFO: rtnetlink.packed(
                {_IFLA_INFO_KIND: b"vlan\0", _IFLA_INFO_DATA: data}
            ),
        },
    )


def _mark(sock: netlink.RouteSocket, index: int, task: str) -> None:
    sock.change(
        rtnetlink.RTM_NEWLINK,
        0,
        rtnetlink.IFINFO.pack(0, 0, index, 0, 0),
        {_IFLA_IFALIAS: f"{_PREFIX} task {task}".encode()},
    )


def _keep_quiet(sock: netlink.RouteSocket, index: int, name: str) -> None:
    """Keep it from sending by itself, and from taking routes of others.

    It has no link-local address, so nobody is solicited. A router's own
    advertisements are refused where the files of the kernel's settings can
    be written: a unit may protect them.
    """
    mode = rtnetlink.packed(
        {_IFLA_INET6_ADDR_GEN_MODE: bytes([_ADDR_GEN_MODE_NONE])}
    )
    # A kernel without IPv6 has nothing to be kept from.
    with contextlib.suppress(OSError):
        sock.change(
            rtnetlink.RTM_NEWLINK,
            0,
            rtnetlink.IFINFO.pack(0, 0, index, 0, 0),
            {_IFLA_AF_SPEC: rtnetlink.packed({socket.AF_INET6: mode})},
        )
    with contextlib.suppress(OSError):
        (_SYSCTLS / name / "accept_ra").write_text("0")


def _address(
    sock: netlink.RouteSocket,
    index: int,
    address: ipaddress.IPv4Interface | ipaddress.IPv6Interface,
) -> None:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    length = address.network.prefixlen
    attributes = {_IFA_LOCAL: address.packed, _IFA_ADDRESS: address.packed}
    if address.version == 4 and length < 31:
        broadcast = address.network.broadcast_address.packed
        attributes[_IFA_BROADCAST] = broadcast
    sock.change(
        rtnetlink.RTM_NEWADDR,
        rtnetlink.NLM_F_CREATE | rtnetlink.NLM_F_EXCL,
        rtnetlink.IFADDR.pack(family, length, 0, 0, index),
        attributes,
    )


def _remove(sock: netlink.RouteSocket, index: int) -> None:
    sock.change(
        rtnetlink.RTM_DELLINK, 0, rtnetlink.IFINFO.pack(0, 0, index, 0, 0)
    )


def _marked() -> list[tuple[int, str]]:
    """Return index and name of the interfaces that tasks have made."""
    bodies, _ = namespace.dump(
        rtnetlink.RTM_GETLINK,
        links.REQUEST,
        namespace.MAX_LINKS,
        links.REQUEST_ATTRIBUTES,
        wanted=lambda body: _is_marked(body, _MARK),
    )
    return [links.index_and_name(body) for body in bodies]


def _is_marked(body: bytes, mark: re.Pattern[str]) -> bool:
    """Return whether the link that a message is of was made by us."""
    _, name = links.index_and_name(body)
    attributes = rtnetlink.attributes(body, rtnetlink.IFINFO.size)
    info = rtnetlink.attributes(attributes.get(_IFLA_LINKINFO, b""))
    return (
        rtnetlink.text(info.get(_IFLA_INFO_KIND, b"")) == "vlan"
        and _NAME.fullmatch(name) is not None
        and mark.fullmatch(rtnetlink.text(attributes.get(_IFLA_IFALIAS, b"")))
        is not None
    )
