# SPDX-License-Identifier: Apache-2.0
"""Reading the other network namespaces of the host, and acting in them.

Entering one takes CAP_SYS_ADMIN (setns(2)) and nothing more: the files in
/run/netns can be opened by everybody, and netlink and /proc/sys/net answer
for the namespace of the thread that asks.
"""

from collections.abc import Callable
from concurrent import futures
import ctypes
import errno
import os
import re
import time
from typing import Any
from typing import TypeVar

import msgspec

from steth.agent.inspect import device
from steth.agent.inspect import namespace
from steth.agent.privileged import contexts
from steth.model import host as host_model

DIRECTORY = "/run/netns"

#: A name that may follow the directory: what ``ip netns add`` takes.
_NAME = re.compile(r"(?!\.{1,2}$)[^/\s\0]{1,255}")
#: A name that the kernel can give to a device.
_DEVICE = re.compile(r"[^/\s\0]{1,15}")
#: What one call reads at most, namespaces, seconds and entries in all.
_MAX_NAMES = 64
_MAX_SECONDS = 30.0
_MAX_ENTRIES = 50_000

_CLONE_NEWNET = 0x40000000

_Result = TypeVar("_Result")


@contexts.namespace.entrypoint
def read(names: tuple[str, ...]) -> list[Any]:
    """Return one ``Namespace`` for each name, as plain data."""
    _validate(names)
    # A thread of its own, which ends in the last namespace it entered, so
    # that nothing else ever runs there.
    with futures.ThreadPoolExecutor(1, "namespace-reader") as reader:
        found = reader.submit(_read_all, names).result()
    return [msgspec.to_builtins(one) for one in found]


@contexts.namespace.entrypoint
def read_interface(name: str, interface: str) -> Any:
    """Return the ``Interface`` of a name in a namespace, as plain data.

    :raises ValueError: this names no network namespace, or no interface
    :raises OSError: the kernel refused; there may be no such interface
    """
    if not isinstance(interface, str) or not _DEVICE.fullmatch(interface):
        raise ValueError(f"interface: {interface!r} names no interface")
    found = inside(name, lambda: device.read(interface, DIRECTORY))
    return msgspec.to_builtins(found)


def inside(name: str, function: Callable[[], _Result]) -> _Result:
    """Return what a function returns in a named network namespace.

    It runs in a thread of its own, which ends there. What it opens stays of
    that namespace.

    :raises ValueError: this names no network namespace
    :raises OSError: it cannot be entered; what the function raises, too
    """
    _validate((name,))

    def enter_and_run() -> _Result:
        try:
            _enter(ctypes.CDLL(None, use_errno=True), f"{DIRECTORY}/{name}")
        except OSError as error:
            # Not as itself: a namespace that has just gone is no right that
            # is missing.
            raise OSError(
                errno.ENXIO,
                f"cannot enter network namespace {name}: {error.strerror}",
            ) from error
        return function()

    with futures.ThreadPoolExecutor(1, "inside") as thread:
        return thread.submit(enter_and_run).result()


def is_name(text: object) -> bool:
    """Return whether this can be the name of a network namespace."""
    return isinstance(text, str) and _NAME.fullmatch(text) is not None


def _validate(names: object) -> None:
    if not isinstance(names, tuple | list) or len(names) > _MAX_NAMES:
        raise ValueError(f"names: a list of at most {_MAX_NAMES} is wanted")
    for name in names:
        if not is_name(name):
            raise ValueError(f"names: {name!r} names no network namespace")


def _read_all(names: tuple[str, ...]) -> list[host_model.Namespace]:
    found: list[host_model.Namespace] = []
    libc = ctypes.CDLL(None, use_errno=True)
    end = time.monotonic() + _MAX_SECONDS
    entries = 0
    for name in names:
        if entries > _MAX_ENTRIES or time.monotonic() > end:
            found.append(
                host_model.Namespace(
                    name=name,
                    error="not read: there was too much in those before it",
                )
            )
            continue
        try:
            _enter(libc, f"{DIRECTORY}/{name}")
            one = namespace.read(name)
        except OSError as error:
            one = host_model.Namespace(
                name=name, error=f"cannot read {DIRECTORY}/{name}: {error}"
            )
        entries += (
            len(one.links)
            + len(one.addresses)
            + len(one.routes)
            + len(one.neighbours)
        )
        found.append(one)
    return found


def _enter(libc: ctypes.CDLL, path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        if libc.setns(descriptor, _CLONE_NEWNET) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    finally:
        os.close(descriptor)
