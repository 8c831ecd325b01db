# SPDX-License-Identifier: Apache-2.0
"""Wait until agents take calls from the bus; run in the controller host.

``python -m steth.lab.consumers <seconds> <host>…``, with the URL of the
broker on standard input, so that its password is in no process list. It
exits 0 when a consumer is on the queue of every host, 1 otherwise.
"""

import sys

import amqp
import kombu

from steth.lab import deadline
from steth.rpc import contract


def _has_consumer(connection: kombu.Connection, host: str) -> bool:
    """Return whether somebody consumes from the queue of a host's agent.

    ``<topic>.<server>`` is oslo.messaging's name for it.
    """
    with connection.channel() as channel:
        try:
            queue = channel.queue_declare(
                f"{contract.TOPIC}.{host}", passive=True
            )
        except amqp.NotFound:
            return False
        return bool(queue.consumer_count)


def main() -> int:
    """Wait; return the exit code."""
    timeout = float(sys.argv[1])
    waiting = set(sys.argv[2:])
    url = sys.stdin.readline().strip().replace("rabbit://", "amqp://", 1)

    def settled() -> bool:
        waiting.difference_update(
            [one for one in waiting if _has_consumer(connection, one)]
        )
        return not waiting

    with kombu.Connection(url, connect_timeout=5) as connection:
        done = deadline.until(settled, timeout)
    if not done:
        print(
            f"not on the bus after {timeout:.0f} s: "
            f"{', '.join(sorted(waiting))}; see /var/log/steth/agent.log on "
            f"each",
            file=sys.stderr,
        )
    return int(not done)


if __name__ == "__main__":
    sys.exit(main())
