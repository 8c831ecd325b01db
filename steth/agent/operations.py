# SPDX-License-Identifier: Apache-2.0
"""The operations this agent performs, whoever asks and on whatever way.

One :class:`Operations` serves the message bus and the direct listener, so
that a call means the same on both. A call that is held is a task while it
lasts.
"""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
import contextlib
import threading
from typing import Any

import msgspec
from oslo_log import log

from steth.agent import tasks
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests

LOG = log.getLogger(__name__)

#: It is given a request of the operation's type and returns its reply. That
#: of an operation that can be held is also given an event: once it is set,
#: the operation ends early with an error.
Handler = Callable[..., msgspec.Struct]
#: Done at once and without harm: answered however busy the agent is, so that
#: a busy agent is not taken for one that is gone, nor loses a task.
_ALWAYS_ANSWERED = frozenset(
    {
        contract.CAPTURE_END.name,
        contract.CAPTURE_READ.name,
        contract.INSPECT_AGENT.name,
        contract.TASK_LIST.name,
        contract.TASK_RENEW.name,
        contract.TASK_STOP.name,
    }
)


class Operations:
    """Performs the operations of the contract, a bounded number at once.

    :param handlers: what to call, by the operation's full name; exactly the
        contract's operations
    :param limit: how many may run at once
    :param cancelled: set when the agent stops; no operation starts after
    :param registry: has the calls that are held
    :raises ValueError: if an operation has no handler, or a handler no
        operation
    """

    def __init__(
        self,
        handlers: Mapping[str, Handler],
        limit: int,
        cancelled: threading.Event,
        registry: tasks.Registry,
    ) -> None:
        astray = set(handlers) ^ set(contract.OPERATIONS)
        if astray:
            raise ValueError(
                "operations and handlers differ: " + ", ".join(sorted(astray))
            )
        self._handlers = handlers
        self._limit = limit
        self._slots = threading.BoundedSemaphore(limit)
        self._cancelled = cancelled
        self._registry = registry

    def perform(
        self,
        operation: contract.Operation,
        arguments: Any,
        hold: Any = None,
    ) -> dict[str, Any]:
        """Return the contract's reply: data, or a named error.

        :param arguments: as they came from outside
        :param hold: what came beside them, if anything
        """
        try:
            request = contract.decode_request(operation, arguments)
            held_by = contract.decode_hold(operation, hold)
            with self._slot(operation):
                data = self._handle(operation, request, held_by)
            return contract.encode_data(data)
        except errors.OperationError as error:
            LOG.debug("%s: %s: %s", operation.name, error.code, error.message)
            return contract.encode_error(error)
        except Exception:  # Whatever broke, the caller gets an answer.
            LOG.exception("%s broke", operation.name)
            return contract.encode_error(
                errors.OperationError(
                    errors.ErrorCode.INTERNAL,
                    f"the agent broke in {operation.name}; its log says why",
                )
            )

    def _handle(
        self,
        operation: contract.Operation,
        request: requests.Request,
        hold: requests.Hold | None,
    ) -> msgspec.Struct:
        handler = self._handlers[operation.name]
        if not operation.holdable:
            return handler(request)
        if hold is None:
            return handler(request, self._cancelled)
        # Set when the agent stops too, as then all tasks are undone.
        ended = threading.Event()
        self._registry.start(
            operation.name,
            request.summary,
            hold.lease,
            lambda _: ended.set,
            hold.id,
        )
        try:
            return handler(request, ended)
        except errors.OperationError:
            if not ended.is_set() or self._cancelled.is_set():
                raise
            raise errors.OperationError(
                errors.ErrorCode.FAILED,
                f"{operation.name}: it was ended early: its task was "
                "stopped, or nobody renewed its lease",
            ) from None
        finally:
            self._registry.ended(hold.id)

    @contextlib.contextmanager
    def _slot(self, operation: contract.Operation) -> Iterator[None]:
        if self._cancelled.is_set():
            raise errors.OperationError(
                errors.ErrorCode.BUSY, "the agent is stopping"
            )
        if operation.name in _ALWAYS_ANSWERED:
            yield
            return
        if not self._slots.acquire(blocking=False):
            raise errors.OperationError(
                errors.ErrorCode.BUSY,
                f"{self._limit} operations are running, as many as [agent] "
                "max_operations allows; ask again later",
            )
        try:
            yield
        finally:
            self._slots.release()
