# SPDX-License-Identifier: Apache-2.0
"""What is prepared once for all clouds, and kept.

An entry is a directory with the name of what it holds and a hash of all that
went into it. It is made under another name and gets its own when it is
whole, so that what a kill leaves behind is never taken for one.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
import contextlib
import fcntl
import hashlib
import pathlib
import shutil

DEFAULT_DIRECTORY = pathlib.Path("/var/cache/steth-lab")

_NEW = ".new"
_KEY_LENGTH = 16


def key(parts: Iterable[str]) -> str:
    """Return a name for what these texts make."""
    digest = hashlib.sha256()
    for one in parts:
        digest.update(f"{len(one)} {one}".encode())
    return digest.hexdigest()[:_KEY_LENGTH]


class Cache:
    """The entries below a directory."""

    def __init__(self, directory: pathlib.Path = DEFAULT_DIRECTORY) -> None:
        self.directory = directory

    def path(self, name: str, parts: Iterable[str]) -> pathlib.Path:
        """Return where an entry is, or will be."""
        return self.directory / f"{name}-{key(parts)}"

    @contextlib.contextmanager
    def changing(
        self, clean: Callable[[], object] = lambda: None
    ) -> Iterator[None]:
        """Hold the cache, until another command that makes an entry ends.

        The lock ends with the process, however that ends; what is half made
        then is nobody's, and goes.

        :param clean: ends what still works on that
        """
        self.directory.mkdir(mode=0o755, parents=True, exist_ok=True)
        with self._lock_file().open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self._remove_half_made(clean)
            yield

    def clean(self, clean: Callable[[], object]) -> None:
        """Remove what is half made, unless somebody is at it.

        :param clean: ends what still works on that
        """
        with (
            contextlib.suppress(FileNotFoundError, BlockingIOError),
            self._lock_file().open("r+") as file,
        ):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._remove_half_made(clean)

    def _lock_file(self) -> pathlib.Path:
        return self.directory / "lock"

    def _remove_half_made(self, clean: Callable[[], object]) -> None:
        clean()
        for one in self.directory.glob(f"*{_NEW}"):
            shutil.rmtree(one)

    def make(
        self, path: pathlib.Path, build: Callable[[pathlib.Path], None]
    ) -> None:
        """Make an entry; the caller holds the cache.

        :param build: fills the directory that it is given
        """
        new = path.with_name(path.name + _NEW)
        new.mkdir(mode=0o755)
        build(new)
        new.rename(path)
