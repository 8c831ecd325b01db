# SPDX-License-Identifier: Apache-2.0
"""The command line of the machine with a kernel of its own."""

import argparse
from collections.abc import Callable
import functools
import os
import shutil
import sys
import termios
import time

from steth.lab import commands
from steth.lab import errors
from steth.lab.kernel import acceleration
from steth.lab.kernel import image as image_module
from steth.lab.kernel import machine
from steth.lab.kernel import session
from steth.lab.kernel import source

_Handler = Callable[[argparse.Namespace], int]

_TIMEOUT = 600.0
#: What timeout(1) ends with.
_TIMED_OUT = 124

_DESCRIPTION = """\
A small virtual machine with Debian's kernel, to run the lab and Open vSwitch
with the kernel's own datapath, VLAN interfaces, bonds and netem, where this
machine's kernel does not have them. It sees a copy of the project's tree as it
is now, the Python environment and the programs of this machine, and no
network; it is gone when the command ends, with all that was written in it.
"""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the commands to a parser, with a ``handler`` each."""
    parser.description = _DESCRIPTION
    subcommands = parser.add_subparsers(required=True, metavar="<command>")

    def add_one(
        name: str, text: str, handler: _Handler
    ) -> argparse.ArgumentParser:
        one = subcommands.add_parser(name, help=text, description=text)
        one.set_defaults(handler=functools.partial(_handle, handler))
        return one

    run = add_one("run", "run a command in a fresh machine", _run)
    run.add_argument(
        "--timeout",
        type=float,
        default=_TIMEOUT,
        metavar="<seconds>",
        help="end the machine when it takes longer, with exit status "
        f"{_TIMED_OUT} (default: %(default).0f)",
    )
    run.add_argument("argv", nargs=argparse.REMAINDER, metavar="<command> …")
    add_one("shell", "work in a fresh machine; Ctrl-A X ends it", _shell)
    add_one("prepare", "build the image, unless it is there", _prepare)


def _handle(handler: _Handler, parsed: argparse.Namespace) -> int:
    try:
        return handler(parsed)
    except KeyboardInterrupt:
        _notify("steth.lab: interrupted: the machine is gone")
        return 130


def _prepare(parsed: argparse.Namespace) -> int:
    began = time.monotonic()
    image, accelerator = _ready()
    took = time.monotonic() - began
    print(f"{image.directory}, run by {accelerator.upper()}; {took:.1f} s")
    return 0


def _run(parsed: argparse.Namespace) -> int:
    argv = parsed.argv[parsed.argv[:1] == ["--"] :]
    if not argv:
        raise errors.LabError("give a command to run, such as 'uname -r'")
    image, accelerator = _ready()
    job = source.job(argv, image_module.MODULES)
    with machine.start(image, job, accelerator) as one:
        os.close(job)
        life = session.Session(one)
        in_time = life.follow(parsed.timeout)
    if not in_time:
        _notify(
            f"steth.lab: error: the machine was ended after "
            f"{parsed.timeout:.0f} s, see --timeout; its kernel said last:\n"
            f"{life.last_words}"
        )
        return _TIMED_OUT
    return _result(life)


def _shell(parsed: argparse.Namespace) -> int:
    if not sys.stdin.isatty():
        raise errors.LabError("shell needs a terminal; see 'run'")
    image, accelerator = _ready()
    size = shutil.get_terminal_size()
    script = (
        f"stty rows {size.lines} cols {size.columns} </dev/ttyS0; "
        "exec setsid -cw bash -i </dev/ttyS0 >/dev/ttyS0 2>&1"
    )
    job = source.job(["sh", "-c", script], image_module.MODULES)
    before = termios.tcgetattr(sys.stdin)
    try:
        with machine.start(image, job, accelerator, interactive=True) as one:
            os.close(job)
            life = session.Session(one)
            life.follow(float("inf"))
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
    return _result(life)


def _ready() -> tuple[image_module.Image, machine.Accelerator]:
    if os.uname().machine != "x86_64":
        raise errors.LabError(
            f"the machine is an x86-64 one; QEMU would be too slow for its "
            f"tests on {os.uname().machine}"
        )
    commands.require(machine.TOOLS)
    image = image_module.prepare(_notify)
    return image, acceleration.choose(image, _notify)


def _result(life: session.Session) -> int:
    status = life.exit_status
    if status is None:
        raise errors.LabError(
            f"the machine ended before the command did; its kernel said "
            f"last:\n{life.last_words or '(nothing)'}"
        )
    return status


def _notify(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
