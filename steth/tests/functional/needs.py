# SPDX-License-Identifier: Apache-2.0
"""What a functional test needs; without it, it is skipped and says why."""

import os
import shutil
import subprocess
import sys
import unittest


def root() -> None:
    """Skip unless run as root, which may make network namespaces."""
    if os.geteuid():
        raise unittest.SkipTest("needs root, to make network namespaces")


def programs(*names: str) -> None:
    """Skip unless these programs are installed."""
    missing = [one for one in names if shutil.which(one) is None]
    if missing:
        raise unittest.SkipTest(f"needs {', '.join(missing)}")


def nobody() -> None:
    """Skip unless an unprivileged user can run this Python environment.

    A checkout, or the environment in it, may lie in a directory that only
    root may enter.
    """
    done = subprocess.run(
        [
            "setpriv",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            sys.executable,
            "-c",
            "import oslo_config, steth",
        ],
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise unittest.SkipTest(
            f"needs {sys.prefix} to be readable by an unprivileged user"
        )
