# SPDX-License-Identifier: Apache-2.0
"""``inspect.interface``: all about one network interface of this host."""

import errno

import msgspec

from steth.agent.inspect import bonds
from steth.agent.inspect import device
from steth.agent.inspect import named
from steth.agent.privileged import namespaces
from steth.model import interface as interface_model
from steth.rpc import errors
from steth.rpc import requests


def describe(request: requests.InspectInterface) -> interface_model.Interface:
    """Return what ip(8) and ethtool(8) tell of an interface.

    One of the host's own namespace is read without any privilege.

    :raises errors.OperationError: ``bad-argument`` when there is no such
        interface or namespace, ``failed`` when it can't be read
    """
    try:
        if request.netns is not None:
            return named.read_interface(request.netns, request.interface)
        found = device.read(request.interface, namespaces.DIRECTORY)
    except OSError as error:
        if error.errno == errno.ENODEV:
            raise errors.OperationError(
                errors.ErrorCode.BAD_ARGUMENT,
                f"interface: there is no interface {request.interface!r}",
                "interface",
            ) from error
        raise errors.OperationError(
            errors.ErrorCode.FAILED,
            f"cannot read interface {request.interface}: "
            f"{error.strerror or error}",
        ) from error
    if found.kind != "bond":
        return found
    members = (one.members for one in bonds.read() if one.name == found.name)
    return msgspec.structs.replace(found, members=next(members, ()))
