# SPDX-License-Identifier: Apache-2.0
"""Has an agent go on only as long as somebody waits for its reply."""

from collections.abc import Iterator
import contextlib
import logging
import threading
from typing import Any
from typing import Protocol
import uuid

from steth.rpc import contract
from steth.rpc import requests

LOG = logging.getLogger(__name__)

#: Operations that take more seconds are held; what ends sooner by itself is
#: not worth the messages.
UNHELD = 10.0
#: How long an agent goes on without us, in seconds, how often it is told that
#: we are there, and how long it may take to say that it knows: a message or
#: two may get lost.
LEASE = 15.0
_EVERY = 5.0
_TIMEOUT = 4.0
#: Seconds for an agent to hear that nobody waits any more.
FAREWELL = 1.0


class Ask(Protocol):
    """Asks one agent by one way, as ``bus.Bus.call`` does."""

    def __call__(
        self,
        operation: contract.Operation,
        request: requests.Request,
        *,
        timeout: float,
        hold: requests.Hold | None = None,
    ) -> Any:
        """Return the reply, or raise ``errors.OperationError``."""


class Hold:
    """One call of an operation that takes long.

    While it is waited for, its lease is renewed by the way that it took.
    Whether the agent knows of holding does not matter: one that does not
    comes to the end of the operation by itself.
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._terms = requests.Hold(id=uuid.uuid4().hex, lease=LEASE)
        self._over = threading.Event()

    def call(
        self,
        operation: contract.Operation,
        request: requests.Request,
        *,
        timeout: float,
    ) -> Any:
        """Ask, and hold it until the reply comes, or it is let go."""
        with self._renewed():
            return self._ask(
                operation, request, timeout=timeout, hold=self._terms
            )

    def let_go(self) -> None:
        """Renew it no more, so that the agent ends it with its lease."""
        self._over.set()

    def end(self) -> None:
        """Have the agent end it now, if it can be told."""
        self.let_go()
        self._tell(
            contract.TASK_STOP, requests.TaskStop(id=self._terms.id), FAREWELL
        )

    @contextlib.contextmanager
    def _renewed(self) -> Iterator[None]:
        threading.Thread(
            target=self._renew, name="renew-lease", daemon=True
        ).start()
        try:
            yield
        finally:
            self.let_go()

    def _renew(self) -> None:
        renewal = requests.TaskRenew(
            id=self._terms.id, lease=self._terms.lease
        )
        while not self._over.wait(_EVERY):
            self._tell(contract.TASK_RENEW, renewal, _TIMEOUT)

    def _tell(
        self,
        operation: contract.Operation,
        request: requests.Request,
        timeout: float,
    ) -> None:
        try:
            self._ask(operation, request, timeout=timeout)
        except Exception:
            # It may have come to its end, or the agent may be gone; what
            # matters of that, the call itself will tell.
            LOG.debug("%s failed", operation.name, exc_info=True)
