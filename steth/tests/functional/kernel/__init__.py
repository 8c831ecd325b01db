# SPDX-License-Identifier: Apache-2.0
"""What only the kernel's own datapath can prove.

They run where the kernel has what they need; ``tox -e functional-kernel``
brings such a machine.
"""

import pathlib
import unittest


def load_tests(
    loader: unittest.TestLoader,
    tests: unittest.TestSuite,
    pattern: str | None,
) -> unittest.TestSuite:
    """Load the modules also where only the package is named."""
    here = pathlib.Path(__file__).parent
    tests.addTests(
        loader.discover(
            str(here),
            pattern or "test*.py",
            top_level_dir=str(here.parents[3]),
        )
    )
    return tests
