# SPDX-License-Identifier: Apache-2.0
"""Other programs that the agent runs: with few rights, never outliving it.

The kernel kills them when the agent ends, in whatever way.
"""

from collections.abc import Sequence
from concurrent import futures
import os
import pathlib
import shutil
import subprocess
import sys

from steth.rpc import errors

_LAUNCHER = pathlib.Path(__file__).with_name("launcher.py")

# "Parent" in PR_SET_PDEATHSIG is the thread that forked, see prctl(2). Those
# that serve requests come and go; this one stays as long as the agent.
_parent = futures.ThreadPoolExecutor(1, thread_name_prefix="programs")

#: Programs are found as an administrator would find them.
PATH = os.pathsep.join(
    ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin")
)


def find(name: str) -> str:
    """Return where a program is.

    :raises errors.OperationError: ``missing``, when it is not installed
    """
    path = shutil.which(name, path=PATH)
    if path is None:
        raise errors.OperationError(
            errors.ErrorCode.MISSING,
            f"{name} is not installed on this host: install the package "
            f"{name}",
        )
    return path


def start(
    program: str,
    *arguments: str,
    merge_errors: bool = False,
    groups: Sequence[int] = (),
    capability: int | None = None,
    namespace: str = "",
) -> "subprocess.Popen[bytes]":
    """Start a program; what it writes is read through pipes.

    :param program: its path, as :func:`find` returns it
    :param merge_errors: what it writes to its error output comes with the
        other output
    :param groups: what it may use as a member of these groups, besides
        what everybody may; of no effect unless the agent may change groups
    :param capability: the one that it keeps, of those of the calling process;
        without it, it has none
    :param namespace: the file of the network namespace that it runs in,
        instead of the caller's
    """
    command = [
        sys.executable,
        "-I",
        "-S",
        str(_LAUNCHER),
        ":".join((str(os.getpid()), ",".join(map(str, groups)))),
        "" if capability is None else str(capability),
        namespace,
        program,
        *arguments,
    ]
    return _parent.submit(_open, command, merge_errors).result()


def _open(command: list[str], merge_errors: bool) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if merge_errors else subprocess.PIPE,
        cwd="/",
        env={"LC_ALL": "C", "PATH": PATH},
    )


def end(process: "subprocess.Popen[bytes]") -> None:
    """Kill a program, unless it has ended, and wait until it is gone."""
    process.kill()
    # Closes the pipes too.
    process.communicate()
