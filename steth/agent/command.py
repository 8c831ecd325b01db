# SPDX-License-Identifier: Apache-2.0
"""``steth-agent``: what has to happen before anything else is imported."""

import sys

from oslo_service import backend


def main() -> int:
    """Run the agent until a signal ends it; return the exit code."""
    # oslo.messaging and futurist import eventlet where it is installed, a
    # third of this process's memory for nothing: the agent runs on threads.
    sys.modules.setdefault("eventlet", None)  # type: ignore[arg-type]
    # It may be settled once, and whoever imports oslo_messaging settles it.
    backend.init_backend(backend.BackendType.THREADING)
    from steth.agent import run  # noqa: PLC0415 - only now, see above

    return run.run(sys.argv[1:])
