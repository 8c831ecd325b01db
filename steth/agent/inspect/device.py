# SPDX-License-Identifier: Apache-2.0
"""Reading all about one device of the namespace that the thread is in."""

import errno
import os
import struct

import msgspec

from steth.agent.inspect import ethtool
from steth.agent.inspect import link_details
from steth.agent.inspect import links
from steth.agent.inspect import netlink
from steth.agent.inspect import rtnetlink
from steth.model import interface

#: linux/net_namespace.h; a request's and a reply's body is struct rtgenmsg.
_GENERIC = bytes(4)
_NETNSA_NSID = 1
_NETNSA_PID = 2
_NETNSA_FD = 3
#: NETNSA_NSID_NOT_ASSIGNED, -1
_NOT_ASSIGNED = 0xFFFFFFFF

#: So many named namespaces are compared with the one that is looked for.
_MAX_NAMES = 4096


def read(name: str, directory: str) -> interface.Interface:
    """Return all that ip(8) and ethtool(8) tell of a device.

    :param directory: where the named network namespaces are
    :raises OSError: ``ENODEV`` where there is no such device, or what else
        the kernel has against it
    """
    with netlink.RouteSocket() as sock:
        found = _link(sock, name)
        one = found.interface
        relative = _relative(sock, found, directory)
        devices = {
            role: _name(sock, index) or f"if{index}"
            for role, index in found.devices.items()
        }
    with ethtool.Socket() as drivers:
        told = drivers.all(name)
    is_veth = one.kind == "veth"
    return msgspec.structs.replace(
        one,
        details=one.details | devices,
        peer=relative if is_veth else None,
        parent=None if is_veth else relative,
        ethtool=told,
    )


def _link(sock: netlink.RouteSocket, name: str) -> link_details.Found:
    try:
        body = sock.get(
            rtnetlink.RTM_GETLINK,
            *link_details.request(name, virtual_functions=True),
        )
    except OSError as error:
        # There are so many virtual functions that no message holds them.
        if error.errno != errno.EMSGSIZE:
            raise
        body = sock.get(
            rtnetlink.RTM_GETLINK,
            *link_details.request(name, virtual_functions=False),
        )
    return link_details.Found(body)


def _relative(
    sock: netlink.RouteSocket, found: link_details.Found, directory: str
) -> interface.Relative | None:
    if found.below is None:
        return None
    if found.below_id is None:
        return interface.Relative(
            index=found.below, name=_name(sock, found.below)
        )
    return interface.Relative(
        index=found.below, netns=_namespace(sock, found.below_id, directory)
    )


def _name(sock: netlink.RouteSocket, index: int) -> str | None:
    try:
        body = sock.get(rtnetlink.RTM_GETLINK, *links.get_request(index))
    except OSError:
        # It was removed meanwhile.
        return None
    return links.index_and_name(body)[1]


def _namespace(
    sock: netlink.RouteSocket, number: int, directory: str
) -> str | None:
    """Return the name of a network namespace that the kernel numbers.

    Each namespace has its own numbers for the others, so that the kernel has
    to be asked for that of each name, as ip-netns(8) does.
    """
    # The threads that enter others are none of them the first one.
    if _number(sock, _NETNSA_PID, os.getpid()) == number:
        return ""
    try:
        names = sorted(os.listdir(directory))[:_MAX_NAMES]
    except OSError:
        return None
    for name in names:
        try:
            descriptor = os.open(
                os.path.join(directory, name),
                os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW,
            )
        except OSError:
            continue
        try:
            if _number(sock, _NETNSA_FD, descriptor) == number:
                return name
        finally:
            os.close(descriptor)
    return None


def _number(sock: netlink.RouteSocket, kind: int, value: int) -> int | None:
    try:
        body = sock.get(
            rtnetlink.RTM_GETNSID, _GENERIC, {kind: struct.pack("=I", value)}
        )
    except OSError:
        return None
    attributes = rtnetlink.attributes(body, len(_GENERIC))
    number = rtnetlink.number(attributes.get(_NETNSA_NSID, b""))
    return None if number == _NOT_ASSIGNED else number
