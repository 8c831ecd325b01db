# SPDX-License-Identifier: Apache-2.0
"""What the names of hosts resolve to, as programs on this host see it.

And the names of their addresses. See getaddrinfo(3) and getnameinfo(3):
/etc/hosts and DNS, in the order that the host is set up for. A name server
that does not answer holds a look-up for many seconds, and nothing can end it;
so each is in a thread that nobody waits for.
"""

from collections.abc import Callable
from collections.abc import Iterable
import queue
import socket
import threading
import time
from typing import TypeVar

from steth.model import node

_THREADS = 8

_Found = TypeVar("_Found")


def resolve(names: Iterable[str], seconds: float) -> tuple[node.Name, ...]:
    """Look names up, for so many seconds in all.

    :returns: one for each name, in the order given
    """
    found = _look_up(_addresses, names, seconds)
    return tuple(
        one or node.Name(name=name, error=f"no answer within {seconds:.0f} s")
        for name, one in found.items()
    )


def reverse(
    addresses: Iterable[str], seconds: float
) -> tuple[node.ReverseName, ...]:
    """Look the names of addresses up, for so many seconds in all.

    :returns: one for each address, in the order given
    """
    found = _look_up(_name, addresses, seconds)
    return tuple(
        one
        or node.ReverseName(
            address=address, error=f"no answer within {seconds:.0f} s"
        )
        for address, one in found.items()
    )


def _look_up(
    ask: Callable[[str], _Found], things: Iterable[str], seconds: float
) -> dict[str, _Found | None]:
    """Return the answers that came in time, ``None`` for the others."""
    found: dict[str, _Found | None] = dict.fromkeys(things)
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[str, _Found]] = queue.SimpleQueue()
    for one in found:
        waiting.put(one)
    deadline = time.monotonic() + seconds

    def work() -> None:
        while time.monotonic() < deadline:
            try:
                one = waiting.get_nowait()
            except queue.Empty:
                return
            done.put((one, ask(one)))

    for _ in range(min(_THREADS, len(found))):
        threading.Thread(target=work, name="resolve", daemon=True).start()
    for _ in range(len(found)):
        try:
            one, answer = done.get(
                timeout=max(deadline - time.monotonic(), 0.0)
            )
        except queue.Empty:
            break
        found[one] = answer
    return found


def _addresses(name: str) -> node.Name:
    try:
        answers = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        return node.Name(name=name, error=str(error))
    addresses = {str(answer[4][0]).partition("%")[0] for answer in answers}
    return node.Name(name=name, addresses=tuple(sorted(addresses)))


def _name(address: str) -> node.ReverseName:
    try:
        name, _ = socket.getnameinfo((address, 0), socket.NI_NAMEREQD)
    except (OSError, UnicodeError) as error:
        return node.ReverseName(address=address, error=str(error))
    return node.ReverseName(address=address, name=name)
