# SPDX-License-Identifier: Apache-2.0
"""What a functional test needs; without it, it is skipped and says why."""

import atexit
import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

from steth.lab import errors
from steth.lab.cloud import cloud as cloud_module
from steth.lab.cloud import layout

#: Where the cloud of the tests is, so that one that a killed run left
#: behind is found again.
CLOUD_DIRECTORY = pathlib.Path("/run/steth-cloud-test")
_DEFAULT = layout.Shape()


def root() -> None:
    """Skip unless run as root, which may make network namespaces."""
    if os.geteuid():
        raise unittest.SkipTest("needs root, to make network namespaces")


def programs(*names: str) -> None:
    """Skip unless these programs are installed."""
    missing = [one for one in names if shutil.which(one) is None]
    if missing:
        raise unittest.SkipTest(f"needs {', '.join(missing)}")


def kernel(*modules: str) -> None:
    """Skip unless the kernel has these modules, loaded."""
    missing = [
        one for one in modules if not pathlib.Path("/sys/module", one).exists()
    ]
    if missing:
        raise unittest.SkipTest(
            f"needs {', '.join(missing)} in the kernel: 'tox -e "
            f"functional-kernel' brings one"
        )


def vlan_interfaces() -> None:
    """Skip unless the kernel makes VLAN interfaces (its module 8021q)."""
    done = subprocess.run(
        ["unshare", "--net", "ip", "-batch", "-"],
        input="link add veth1 type veth peer name veth2\n"
        "link add link veth1 name vlan5 type vlan id 5\n",
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise unittest.SkipTest(
            "needs a kernel with 8021q: 'python -m steth.lab kernel run' has "
            "one"
        )


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


def cloud(shape: layout.Shape = _DEFAULT) -> cloud_module.Cloud:
    """Return a cloud that is up; skip where none can be had.

    It is one for all tests of a process, and goes with that: a test leaves
    it as it found it. Where another shape is asked for, that takes its place.
    """
    root()
    found = cloud_module.Cloud(CLOUD_DIRECTORY)
    try:
        found.prepare()
    except errors.LabError as error:
        raise unittest.SkipTest(f"needs a cloud: {error}") from None
    # Before it is up: an interrupted one goes as well.
    atexit.unregister(_remove_cloud)
    atexit.register(_remove_cloud)
    with contextlib.suppress(errors.LabError):
        if found.shape != shape:
            found.down()
    found.up(shape)
    return found


def _remove_cloud() -> None:
    cloud_module.Cloud(CLOUD_DIRECTORY).down()
