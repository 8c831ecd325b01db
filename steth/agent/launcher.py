# SPDX-License-Identifier: Apache-2.0
"""Becomes another program that has no rights and dies with the agent.

Run as ``python -I -S launcher.py PARENT[:GROUP,...] PROGRAM ARGUMENT...`` by
:mod:`steth.agent.programs`. It is a program of its own because a process
with threads must not do this between fork(2) and execve(2).
"""

import contextlib
import ctypes
import os
import signal
import struct
import sys

#: The user and group "nobody": what the kernel calls the overflow ids.
_NOBODY = 65534

#: From linux/prctl.h and linux/capability.h.
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_CAPABILITY_VERSION_3 = 0x20080522


def main(given: str, program: str, *arguments: str) -> None:
    """Drop everything and become the program.

    :param given: the agent's process id, and those of groups that are kept
    """
    parent, _, groups = given.partition(":")
    kept = [int(one) for one in groups.split(",") if one]
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() == 0:
        # A unit may have taken the capability to do so from the agent; the
        # program then runs as root, but as one without any capability.
        with contextlib.suppress(PermissionError):
            os.setgroups(kept)
            os.setresgid(_NOBODY, _NOBODY, _NOBODY)
            os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    # Without it, execve(2) would give root its capabilities back.
    _checked(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    _checked(libc.capset(header, bytes(24)))
    # Last, since a change of credentials takes it back, see prctl(2).
    _checked(libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0))
    if os.getppid() != int(parent):
        sys.exit("the agent is gone")
    os.execv(program, [program, *arguments])  # noqa: S606


def _checked(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


if __name__ == "__main__":
    main(*sys.argv[1:])
