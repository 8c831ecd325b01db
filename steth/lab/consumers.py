# SPDX-License-Identifier: Apache-2.0
"""Wait until queues of the bus are consumed; run in the controller host.

``python -m steth.lab.consumers <seconds> <queue>…``, with the URL of the
broker on standard input, so that its password is in no process list. It
exits 0 when there is a consumer on every queue, 1 otherwise.
"""

import sys

import amqp
import kombu

from steth.lab import deadline


def _has_consumer(connection: kombu.Connection, name: str) -> bool:
    """Return whether somebody consumes from a queue."""
    with connection.channel() as channel:
        try:
            queue = channel.queue_declare(name, passive=True)
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
            f"nobody consumes after {timeout:.0f} s from: "
            f"{', '.join(sorted(waiting))}; see /var/log/steth on the hosts "
            f"concerned",
            file=sys.stderr,
        )
    return int(not done)


if __name__ == "__main__":
    sys.exit(main())
