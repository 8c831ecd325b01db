# SPDX-License-Identifier: Apache-2.0
"""Calling what needs privileges: the errors it has, and ending it early."""

from collections.abc import Callable
from collections.abc import Iterator
import contextlib
import logging
import os
import secrets
import threading
from typing import Any
from typing import Protocol

from oslo_privsep import comm
from oslo_privsep import daemon

from steth.agent.privileged import stopping
from steth.rpc import errors

LOG = logging.getLogger(__name__)

#: How a call ends without the privilege: the sockets are refused, or sudo
#: is, or the helper is not there.
NOT_ALLOWED = (
    PermissionError,
    FileNotFoundError,
    comm.PrivsepTimeout,
    daemon.FailedToDropPrivileges,
)

#: The contexts in which probes run: here, and in other network namespaces.
PROBE = "steth_probe"
NAMESPACE_PROBE = "steth_namespace_probe"

#: How soon a probe notices that it is to end, in seconds.
_CANCEL_CHECK = 0.2


class Signal(Protocol):
    """What tells that it has to end early; a ``threading.Event`` does."""

    def wait(self, timeout: float | None = None) -> bool:
        """Return whether it was set, waiting so many seconds for it."""


def call(
    name: str,
    interface: str,
    sockets: str,
    function: Callable[[], Any],
    section: str = PROBE,
) -> Any:
    """Call a function that is performed with privileges.

    :param name: of the operation, for its errors
    :param interface: which it is about, empty for none
    :param sockets: what the agent may not use when it is not allowed
    :param section: that of the configuration for the privileges' context
    :raises errors.OperationError: ``failed``, saying why
    """
    try:
        return function()
    except NOT_ALLOWED as error:
        raise errors.OperationError(
            errors.ErrorCode.FAILED,
            f"{name}: the agent may not use {sockets} sockets: {error}; it "
            f"has to run as root, or [{section}] helper_command has to be "
            "able to start privsep-helper",
        ) from error
    except OSError as error:
        where = f" on {interface}" if interface else ""
        said = error.strerror.lower() if error.strerror else str(error)
        raise errors.OperationError(
            errors.ErrorCode.FAILED, f"{name}{where}: {said}"
        ) from error


def run(
    name: str,
    interface: str,
    sockets: str,
    function: Callable[[int, int], Any],
    cancelled: Signal | None,
    section: str = PROBE,
) -> Any:
    """Call, as :func:`call` does, a function that takes its time.

    :param function: is given what ``stopping.stops`` wants, a token and the
        agent's process id; returns None when it was ended early
    :param cancelled: once it is set, it ends within half a second
    :raises errors.OperationError: ``failed``, also when it was ended early
    """
    token = secrets.randbelow(1 << 62) + 1
    with _cancellation(token, cancelled, inside=section == NAMESPACE_PROBE):
        found = call(
            name,
            interface,
            sockets,
            lambda: function(token, os.getpid()),
            section,
        )
    if found is None:
        raise errors.OperationError(
            errors.ErrorCode.FAILED,
            f"{name}: the agent is stopping and has ended it",
        )
    return found


@contextlib.contextmanager
def _cancellation(
    token: int, cancelled: Signal | None, *, inside: bool
) -> Iterator[None]:
    """End the probe of a token when the signal comes, while in here.

    :param inside: it runs in another network namespace
    """
    if cancelled is None:
        yield
        return
    finished = threading.Event()

    def watch() -> None:
        while not finished.is_set():
            if not cancelled.wait(_CANCEL_CHECK):
                continue
            # Said again until it is over: the first time may come before
            # the probe has begun.
            try:
                if inside:
                    stopping.cancel_inside(token)
                else:
                    stopping.cancel(token)
            except OSError as error:
                LOG.debug("The prober is gone already: %s", error)
                return
            finished.wait(_CANCEL_CHECK)

    watcher = threading.Thread(target=watch, name="probe-cancel", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        finished.set()
