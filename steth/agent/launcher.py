# SPDX-License-Identifier: Apache-2.0
"""Becomes another program that has few rights, and dies with the agent.

Run as ``python -I -S launcher.py PARENT[:GROUP,...] CAPABILITY NAMESPACE
PROGRAM ARGUMENT...`` by :mod:`steth.agent.programs`. It is a program of its
own because a process with threads must not do this between fork(2) and
execve(2).
"""

import contextlib
import ctypes
import os
import signal
import struct
import sys

#: The user and group "nobody": what the kernel calls the overflow ids.
_NOBODY = 65534

#: From linux/prctl.h, linux/capability.h and linux/sched.h.
_PR_SET_PDEATHSIG = 1
_PR_SET_KEEPCAPS = 8
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAPABILITY_VERSION_3 = 0x20080522
_CLONE_NEWNET = 0x40000000


def main(
    given: str, capability: str, namespace: str, program: str, *arguments: str
) -> None:
    """Drop everything else and become the program.

    :param given: the process id of who starts it, and those of groups that
        are kept
    :param capability: the number of the one that is kept, empty for none
    :param namespace: the file of the network namespace to enter, empty for
        staying where it is
    """
    parent, _, groups = given.partition(":")
    kept = [int(one) for one in groups.split(",") if one]
    libc = ctypes.CDLL(None, use_errno=True)
    if namespace:
        _enter(libc, namespace)
    if capability:
        # Otherwise the change of the user takes all of them.
        _checked(libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0))
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
    mask = 1 << int(capability) if capability else 0
    low, high = mask & 0xFFFFFFFF, mask >> 32
    # Effective, permitted, inheritable: the low half of each, then the high.
    sets = struct.pack("=6I", low, low, low, high, high, high)
    _checked(libc.capset(header, sets))
    if capability:
        _checked(
            libc.prctl(
                _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, int(capability), 0, 0
            )
        )
    # Last, since a change of credentials takes it back, see prctl(2).
    _checked(libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0))
    if os.getppid() != int(parent):
        sys.exit("the agent is gone")
    os.execv(program, [program, *arguments])  # noqa: S606


def _enter(libc: ctypes.CDLL, namespace: str) -> None:
    try:
        descriptor = os.open(namespace, os.O_RDONLY | os.O_NOFOLLOW)
        _checked(libc.setns(descriptor, _CLONE_NEWNET))
    except OSError as error:
        sys.exit(f"cannot enter {namespace}: {error.strerror}")
    os.close(descriptor)


def _checked(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


if __name__ == "__main__":
    main(*sys.argv[1:])
