# SPDX-License-Identifier: Apache-2.0
"""The life of an instance: namespaces of its own inside a compute.

It has no disk and no kernel of its own; what counts is that its network is
plugged and used as a virtual machine's.
"""

from collections.abc import Sequence
import json
import pathlib
import shlex
import subprocess

import msgspec

from steth.lab import commands
from steth.lab import deadline
from steth.lab import errors
from steth.lab import namespace
from steth.lab import processes

#: Marks the first process of an instance, see ``processes``.
INSTANCE_MARK = "STETH_LAB_INSTANCE"
#: Where its NIC is found inside.
NIC = "eth0"
TOOLS = ("busybox", "ip", "unshare")

_SCRIPTS = pathlib.Path(__file__).parent
_START_TIMEOUT = 20.0
_STOP_TIMEOUT = 10.0
_PROCESS = "qemu-system-x86"


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """A running instance: its name, compute and first process."""

    name: str
    host: str
    process: processes.Process


def running(directory: pathlib.Path) -> dict[str, Machine]:
    """Return the instances that run in a lab, by name."""
    found = {}
    for process in processes.all_processes():
        if process.command != _PROCESS or not process.is_init:
            continue
        marks = processes.marks(process.pid)
        name = marks.get(INSTANCE_MARK)
        if name and marks.get(processes.LAB_MARK) == str(directory):
            found[name] = Machine(
                name=name,
                host=marks.get(processes.HOST_MARK, ""),
                process=process,
            )
    return found


def start(
    directory: pathlib.Path,
    host: str,
    compute: processes.Process,
    name: str,
    uuid: str,
) -> Machine:
    """Start an instance, without a NIC as yet.

    :param host: the compute's name
    :param compute: the compute's first process
    :raises errors.LabError: when it does not come up
    """
    log = f"/var/log/steth/{name}.log"
    marks = {
        processes.LAB_MARK: str(directory),
        processes.HOST_MARK: host,
        INSTANCE_MARK: name,
    }
    launcher = (
        'log=$1; shift; exec >"$log" 2>&1 </dev/null; '
        "setsid unshare --mount --net --uts --pid --ipc --fork "
        '--propagation private sh "$@" &'
    )
    script = str(_SCRIPTS / "instance-init.sh")
    argv = ["sh", "-c", launcher, "sh", log, script, name, uuid]
    commands.run(namespace.inside(compute, argv, marks))
    if not deadline.until(lambda: name in running(directory), _START_TIMEOUT):
        said = namespace.path(compute, log).read_text(errors="replace")
        raise errors.LabError(f"instance {name} did not start: {said.strip()}")
    return running(directory)[name]


def boot(machine: Machine) -> None:
    """Start what an operating system would, now that the NIC is there."""
    argv = ["sh", "-c", boot_script()]
    commands.run(namespace.inside(machine.process, argv))


def is_booted(machine: Machine) -> bool:
    """Return whether it was booted: the last of ``guest-boot.sh`` is there.

    Who starts an instance may be killed before it is plugged.
    """
    return namespace.path(machine.process, "/run/udhcpc.log").exists()


def boot_script() -> str:
    """Return the command that boots an instance, or its network again."""
    return shlex.join(["sh", str(_SCRIPTS / "guest-boot.sh"), str(_SCRIPTS)])


def addresses(machine: Machine) -> set[str]:
    """Return the addresses that an instance can use."""
    listing = commands.run(
        namespace.in_network(
            machine.process, ["ip", "-j", "address", "show", "dev", NIC]
        )
    )
    return {
        one["local"]
        for link in json.loads(listing)
        for one in link.get("addr_info", ())
        if not one.get("tentative")
    }


def stop(machine: Machine) -> None:
    """Power it off, as pulling the plug would."""
    processes.kill([machine.process], _STOP_TIMEOUT)


def execute(
    machine: Machine,
    argv: Sequence[str],
    timeout: float,
) -> subprocess.CompletedProcess[str]:
    """Run a command inside an instance and return what came of it.

    :param timeout: seconds that it may take
    :raises subprocess.TimeoutExpired: when it takes longer
    """
    return subprocess.run(
        namespace.inside(machine.process, argv),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )
