# SPDX-License-Identifier: Apache-2.0
"""What a lab remembers between commands, and the lock that guards it."""

from collections.abc import Iterable
from collections.abc import Iterator
import contextlib
import fcntl
import os
import pathlib
import time
import typing

import msgspec

from steth.lab import certificates
from steth.lab import errors
from steth.lab import layout

_LOCK_TIMEOUT = 300.0
_LOCK_INTERVAL = 0.1

_Kind = typing.TypeVar("_Kind")


class Undo(msgspec.Struct, frozen=True, kw_only=True):
    """One step of taking a fault back: what is fed to which tool, where."""

    place: str
    tool: str
    script: str


class Injection(msgspec.Struct, frozen=True, kw_only=True):
    """A fault that was injected, and how it is taken back."""

    fault: str
    hosts: tuple[str, ...] = ()
    peer: str | None = None
    network: str | None = None
    value: int | None = None
    undo: tuple[Undo, ...] = ()

    def __str__(self) -> str:
        said = self.fault
        if self.hosts:
            said += f" on {', '.join(self.hosts)}"
        if self.peer:
            said += f" towards {self.peer}"
        if self.network:
            said += f" ({self.network})"
        if self.value is not None:
            said += f": {self.value}"
        return said


class State(msgspec.Struct, kw_only=True):
    """A lab's shape, its secrets, and the faults that are in it.

    ``complete`` says that ``up`` came to its end.
    """

    shape: layout.Shape
    broker_password: str
    direct_password: str
    authority: certificates.KeyPair | None = None
    complete: bool = False
    faults: list[Injection] = []


#: The file of the state of a lab.
FILE = "steth-lab.json"
_NEW = ".new"
_FILES = "files"


def load(directory: pathlib.Path) -> State | None:
    """Return the lab's state, ``None`` where there is none.

    :raises errors.LabError: when it cannot be read
    """
    return read(directory / FILE, State)


def save(directory: pathlib.Path, state: State) -> None:
    """Write the lab's state, all of it or nothing."""
    write(directory / FILE, msgspec.json.format(msgspec.json.encode(state)))


def read(file: pathlib.Path, kind: type[_Kind]) -> _Kind | None:
    """Return what a file holds, ``None`` where there is none.

    :param kind: a ``msgspec.Struct``
    :raises errors.LabError: when it cannot be read
    """
    try:
        return msgspec.json.decode(file.read_bytes(), type=kind)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except msgspec.DecodeError as error:
        raise errors.LabError(
            f"{file} is damaged ({error}): remove the lab with 'down' and "
            f"start it again"
        ) from None


def write(target: pathlib.Path, content: bytes) -> None:
    """Write a file that only root may read, all of it or nothing."""
    new = target.with_name(target.name + _NEW)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    new.replace(target)


def remove(directory: pathlib.Path, names: Iterable[str] = (FILE,)) -> bool:
    """Remove what the lab wrote, and the directory unless it holds more.

    :param names: the files that it writes
    :returns: whether there was anything
    """
    removed = False
    for name in names:
        for one in (name, name + _NEW):
            with contextlib.suppress(OSError):
                (directory / one).unlink()
                removed = True
    for path in (files(directory), directory):
        with contextlib.suppress(OSError):
            path.rmdir()
            removed = True
    return removed


def files(directory: pathlib.Path) -> pathlib.Path:
    """Return where each host mounts its own files, unseen by the others."""
    return directory / _FILES


def is_foreign(
    directory: pathlib.Path, names: Iterable[str] = (FILE,)
) -> bool:
    """Return whether a directory holds things but no lab.

    :param names: the files that a lab writes
    """
    own = {one + suffix for one in names for suffix in ("", _NEW)}
    return bool({one.name for one in directory.iterdir()} - own - {_FILES})


@contextlib.contextmanager
def lock(directory: pathlib.Path, *, create: bool = False) -> Iterator[None]:
    """Hold the lab for one command.

    The lock ends with the process, however that ends.

    :param create: make the directory if it is not there
    :raises FileNotFoundError: when it is not there
    :raises errors.LabError: when another command holds it for too long
    """
    deadline = time.monotonic() + _LOCK_TIMEOUT
    while True:
        if create:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            if _try_lock(descriptor) and _is_at(directory, descriptor):
                yield
                return
        finally:
            os.close(descriptor)
        if time.monotonic() > deadline:
            raise errors.LabError(
                f"another command has been working on the lab in "
                f"{directory} for {_LOCK_TIMEOUT:.0f} s: let it end, or "
                f"end it ('fuser -v {directory}' tells which it is)"
            )
        time.sleep(_LOCK_INTERVAL)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_at(directory: pathlib.Path, descriptor: int) -> bool:
    """Whether the directory is still there, not removed by who held it."""
    held = os.fstat(descriptor)
    try:
        now = directory.stat()
    except FileNotFoundError:
        return False
    return (held.st_dev, held.st_ino) == (now.st_dev, now.st_ino)
