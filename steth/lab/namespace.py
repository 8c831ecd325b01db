# SPDX-License-Identifier: Apache-2.0
"""The life of a host: a set of Linux namespaces with an init of its own.

All that a host consists of (processes, network devices, mounts, files) ends
with its first process, see pid_namespaces(7).
"""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import contextlib
import os
import pathlib
import selectors
import subprocess
import sys
import time
import typing

from steth.lab import commands
from steth.lab import deadline
from steth.lab import errors
from steth.lab import processes
from steth.lab import state

#: What a host is made with.
TOOLS = ("unshare", "nsenter", "mount", "tini")

_INIT = pathlib.Path(__file__).with_name("host-init.sh")
#: Starts every host in the background, so that they come up side by side.
_LAUNCHER = f"""
init=$1 files=$2 layers=$3
shift 3
for name; do
    {processes.HOST_MARK}=$name unshare --mount --net --uts --pid --ipc \
        --fork --propagation private sh "$init" "$name" "$files" "$layers" &
done
"""
_START_TIMEOUT = 60.0
_STOP_TIMEOUT = 30.0

#: What of the caller's environment is of use inside a host.
_KEPT = ("COLORTERM", "COLUMNS", "HOME", "LANG", "LC_ALL", "LINES", "TERM")
_KEPT_PREFIXES = ("COVERAGE_", "PYTHON")


class Hosts:
    """The hosts of one lab.

    :param layers: a directory with what hosts have in ``/var/lib/steth-lab``
        when they start, by their names
    """

    def __init__(
        self, directory: pathlib.Path, layers: pathlib.Path | None = None
    ) -> None:
        self.directory = directory
        self._layers = layers
        self.mark = {processes.LAB_MARK: str(directory)}

    def running(self) -> dict[str, processes.Process]:
        """Return the first process of each host that is up, by name."""
        return {
            host: process
            for process, host in processes.of_lab(str(self.directory))
            if host and process.is_init and process.command == "tini"
        }

    def start(self, names: Sequence[str]) -> None:
        """Start hosts, without network devices as yet.

        :raises errors.LabError: naming the first that did not come up
        """
        files = state.files(self.directory)
        files.mkdir(exist_ok=True)
        with subprocess.Popen(
            [
                *("sh", "-c", _LAUNCHER, "sh", str(_INIT), str(files)),
                *(str(self._layers or os.devnull), *names),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={"PATH": commands.PATH, "LC_ALL": "C", **self.mark},
            cwd=os.sep,
            # A Ctrl-C at the lab command is not meant for its hosts.
            start_new_session=True,
        ) as launcher:
            output = typing.cast(typing.IO[bytes], launcher.stdout)
            _await_ready(output.fileno(), set(names))
        # A host says so just before it becomes its init.
        if not deadline.until(
            lambda: set(names) <= self.running().keys(), _START_TIMEOUT
        ):
            gone = set(names) - self.running().keys()
            raise errors.LabError(
                f"{', '.join(sorted(gone))} ended as soon as it was up"
            )

    def stop(self, names: Collection[str] | None = None) -> int:
        """Kill hosts, or all that belongs to the lab.

        What is being started meanwhile is found by looking until nothing
        is left.

        :returns: how many hosts there were
        """
        hosts: set[str] = set()
        while found := [
            (process, host)
            for process, host in processes.of_lab(str(self.directory))
            if names is None or host in names
        ]:
            hosts.update(host for _, host in found if host)
            processes.kill([one for one, _ in found], _STOP_TIMEOUT)
        return len(hosts)


def _await_ready(descriptor: int, names: set[str]) -> None:
    """Read what the hosts print until each said that it is ready."""
    end = time.monotonic() + _START_TIMEOUT
    said = ""
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while selector.select(max(end - time.monotonic(), 0)):
            chunk = os.read(descriptor, 65536).decode(errors="replace")
            said += chunk
            missing = names - _named(said, "ready")
            if not missing:
                return
            if not chunk or _named(said, "failed"):
                break
    reasons = [
        line
        for line in said.splitlines()
        if not line.endswith((" ready", " failed"))
    ]
    missing = names - _named(said, "ready")
    raise errors.LabError(
        f"{', '.join(sorted(missing))} did not come up: "
        f"{'; '.join(reasons) or f'silent for {_START_TIMEOUT:.0f} s'}"
    )


def _named(said: str, word: str) -> set[str]:
    """Return the hosts that said a word; the last line may be cut off."""
    lines = said.split("\n")[:-1]
    ending = f" {word}"
    return {one.removesuffix(ending) for one in lines if one.endswith(ending)}


def in_network(init: processes.Process, argv: Iterable[str]) -> list[str]:
    """Return a command line that runs in a host's network namespace only.

    Process ids on it, as ``ip link set … netns`` takes, are the caller's.
    """
    return ["nsenter", "-t", str(init.pid), "-n", "--", *argv]


def inside(
    init: processes.Process,
    argv: Iterable[str],
    variables: Mapping[str, str] | None = None,
) -> list[str]:
    """Return a command line that runs inside a host as if logged in there.

    The working directory is the root directory; programs of the Python
    environment that runs the lab are found first.

    :param variables: variables to add to its environment
    """
    used = environment() | dict(variables or {})
    return [
        *("nsenter", "-t", str(init.pid), "-m", "-n", "-u", "-i", "-p"),
        # The root and working directories of the host's init: not those of
        # the mount namespace, which are others where the lab is in a chroot.
        *("-r", "-w", "--"),
        *("env", "-i", *(f"{name}={value}" for name, value in used.items())),
        *argv,
    ]


def environment() -> dict[str, str]:
    """Return the environment of what runs inside a host."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT or name.startswith(_KEPT_PREFIXES)
    }
    programs = pathlib.Path(sys.executable).parent
    return kept | {
        "PATH": f"{programs}:{commands.PATH}",
        # The machine's /tmp is shared; what a host leaves must go with it.
        "TMPDIR": "/run/tmp",
    }


def path(init: processes.Process, name: str) -> pathlib.Path:
    """Return the way from outside to a file inside a host."""
    return pathlib.Path("/proc", str(init.pid), "root", name.lstrip("/"))


def write(
    init: processes.Process, name: str, content: str, mode: int = 0o644
) -> None:
    """Write a file inside a host, replacing one that is there."""
    target = path(init, name)
    with contextlib.suppress(FileNotFoundError):
        target.unlink()
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
