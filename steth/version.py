# SPDX-License-Identifier: Apache-2.0
"""The version of the installed package."""

from importlib import metadata


def version_string() -> str:
    """Return the installed version, e.g. ``1.0.0``.

    ``importlib.metadata`` reads one file; pbr's own look-up would import
    setuptools into a process that is meant to stay small.
    """
    return metadata.version("steth")
