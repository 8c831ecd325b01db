# SPDX-License-Identifier: Apache-2.0
"""Reading the named network namespaces, through the privileged process."""

import contextlib
import errno
import logging
import os

import msgspec
from oslo_privsep import comm
from oslo_privsep import daemon

from steth.agent.privileged import namespaces
from steth.model import host as host_model
from steth.model import interface as interface_model
from steth.rpc import errors

LOG = logging.getLogger(__name__)

#: So many are read in one call, so that none of its replies is huge.
_BATCH = 64
#: More namespaces than a snapshot takes are in it by name only.
_MAX_NAMES = 1024

#: How a call of a privileged process fails: its reply does not come, or the
#: process does not even start (sudo refuses, the helper is not there).
_FAILURES = (OSError, comm.PrivsepTimeout, daemon.FailedToDropPrivileges)


#: That the namespace or the interface is gone, which is no lack of rights.
_OF_KERNEL = {errno.ENODEV, errno.ENXIO}


def read_all(
    directory: str = namespaces.DIRECTORY,
) -> list[host_model.Namespace]:
    """Return every named namespace; one that can't be read has an error."""
    try:
        names = sorted(os.listdir(directory))
    except FileNotFoundError:
        return []
    except OSError as error:
        LOG.warning("Cannot list the network namespaces: %s", error)
        return []
    readable = [one for one in names if namespaces.is_name(one)][:_MAX_NAMES]
    found = []
    for first in range(0, len(readable), _BATCH):
        found += _read(readable[first : first + _BATCH])
    left_out = "not read: no name that ip-netns(8) gives, or one too many"
    found += [
        host_model.Namespace(name=name, error=left_out)
        for name in set(names).difference(readable)
    ]
    return sorted(found, key=lambda one: one.name)


def read(name: str) -> host_model.Namespace:
    """Return one named network namespace.

    :raises errors.OperationError: ``bad-argument`` when there is none,
        ``failed`` when it can't be read
    """
    check(name)
    (found,) = _read([name])
    if found.error is not None:
        raise errors.OperationError(errors.ErrorCode.FAILED, found.error)
    return found


def read_interface(name: str, interface: str) -> interface_model.Interface:
    """Return all about one interface in a named network namespace.

    :raises errors.OperationError: ``bad-argument`` when there is no such
        namespace, ``failed`` when it can't be entered
    :raises OSError: ``ENODEV`` when there is no such interface, or what else
        the kernel has against it
    """
    check(name)
    try:
        return msgspec.convert(
            namespaces.read_interface(name, interface),
            interface_model.Interface,
        )
    except _FAILURES as error:
        if isinstance(error, OSError) and error.errno in _OF_KERNEL:
            raise
        raise errors.OperationError(
            errors.ErrorCode.FAILED, _may_not_enter(error)
        ) from error


def check(name: str, directory: str = namespaces.DIRECTORY) -> None:
    """Check that there is a network namespace of this name.

    :raises errors.OperationError: ``bad-argument``, telling those there are
    """
    names: list[str] = []
    with contextlib.suppress(FileNotFoundError):
        names = os.listdir(directory)
    if name not in names:
        raise errors.OperationError(
            errors.ErrorCode.BAD_ARGUMENT,
            f"netns: this host has no network namespace {name!r}"
            + errors.instead_of(name, names),
            "netns",
        )


def _read(names: list[str]) -> list[host_model.Namespace]:
    try:
        return msgspec.convert(
            namespaces.read(names), list[host_model.Namespace]
        )
    except _FAILURES as error:
        said = _may_not_enter(error)
        LOG.warning("Cannot read network namespaces: %s", said)
        return [host_model.Namespace(name=name, error=said) for name in names]


def _may_not_enter(error: Exception) -> str:
    return (
        f"the agent may not enter network namespaces: {error}; it has to run "
        "as root, or [steth_namespace] helper_command has to be able to start "
        "privsep-helper"
    )
