# SPDX-License-Identifier: Apache-2.0
"""What a functional test needs; without it, it is skipped and says why."""

import os
import shutil
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
