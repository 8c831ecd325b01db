# SPDX-License-Identifier: Apache-2.0
"""What the names of hosts resolve to, as programs on this host see it.

See getaddrinfo(3): /etc/hosts and DNS, in the order that the host is set up
for. A name server that does not answer holds a look-up for many seconds,
and nothing can end it; so each is in a thread that nobody waits for.
"""

from collections.abc import Iterable
import queue
import socket
import threading
import time

from steth.model import node

_THREADS = 8


def resolve(names: Iterable[str], seconds: float) -> tuple[node.Name, ...]:
    """Look names up, for so many seconds in all.

    :returns: one for each name, in the order given
    """
    wanted = tuple(dict.fromkeys(names))
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    done: queue.SimpleQueue[node.Name] = queue.SimpleQueue()
    for name in wanted:
        waiting.put(name)
    deadline = time.monotonic() + seconds
    for _ in range(min(_THREADS, len(wanted))):
        threading.Thread(
            target=_work,
            args=(waiting, done, deadline),
            name="resolve",
            daemon=True,
        ).start()
    found: dict[str, node.Name] = {}
    while len(found) < len(wanted):
        try:
            one = done.get(timeout=max(deadline - time.monotonic(), 0.0))
        except queue.Empty:
            break
        found[one.name] = one
    return tuple(
        found.get(name)
        or node.Name(name=name, error=f"no answer within {seconds:.0f} s")
        for name in wanted
    )


def _work(
    waiting: "queue.SimpleQueue[str]",
    done: "queue.SimpleQueue[node.Name]",
    deadline: float,
) -> None:
    while time.monotonic() < deadline:
        try:
            name = waiting.get_nowait()
        except queue.Empty:
            return
        done.put(_looked_up(name))


def _looked_up(name: str) -> node.Name:
    try:
        answers = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        return node.Name(name=name, error=str(error))
    addresses = {str(answer[4][0]).partition("%")[0] for answer in answers}
    return node.Name(name=name, addresses=tuple(sorted(addresses)))
