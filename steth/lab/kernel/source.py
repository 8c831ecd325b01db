# SPDX-License-Identifier: Apache-2.0
"""What changes between runs: the project's tree, and what is to be run.

It is an archive in memory, and a disk of the machine as it is: init.sh
unpacks it over the root file system.
"""

from collections.abc import Iterator
from collections.abc import Sequence
import contextlib
import importlib.util
import io
import marshal
import os
import pathlib
import shlex
import sys
import tarfile

from steth.lab import commands
from steth.lab import errors
from steth.lab.kernel import root

#: The project's tree, which is at the same place in the machine.
TREE = pathlib.Path(__file__).parents[3]

_START = pathlib.Path(__file__).with_name("start.sh")
_LEFT_OUT = frozenset({"__pycache__", "build", "cover", "dist"})
#: What is not compiled here would be there, ten times slower; these are not
#: run there.
_NOT_COMPILED = TREE / "steth/tests/unit"
#: PEP 552: a compiled file that is taken as it is.
_UNCHECKED = (1).to_bytes(4, "little")
_KEPT_PREFIXES = ("COVERAGE_", "OS_LOG_", "PYTHON", "TERM")


def job(argv: Sequence[str], modules: Sequence[str]) -> int:
    """Return a descriptor of an archive with the tree and a command.

    The command runs in the working directory if that is in the tree, else at
    its top, with the environment that the lab's hosts give theirs.

    :param modules: the kernel's modules to load before
    :raises errors.LabError: when this is not run from a tree
    """
    if not (TREE / "pyproject.toml").exists():
        raise errors.LabError(
            f"{TREE} is not the project's tree: install it from there with "
            f"'pip install --editable'"
        )
    descriptor = os.memfd_create("steth-kernel")
    with (
        os.fdopen(os.dup(descriptor), "wb") as file,
        tarfile.open(fileobj=file, mode="w") as archive,
    ):
        _add(archive, "steth/start", _START.read_bytes())
        _add(archive, "steth/modules", "\n".join(modules).encode())
        _add(archive, "steth/job", _script(argv).encode())
        for path in sorted(root.project_files()):
            if path.is_file():
                archive.add(path)
        for path in _files(TREE):
            archive.add(path, recursive=False)
            if path.suffix == ".py" and _NOT_COMPILED not in path.parents:
                # What does not compile is told of when it is imported.
                with contextlib.suppress(SyntaxError):
                    _add(archive, *_compiled(path))
    return descriptor


def _script(argv: Sequence[str]) -> str:
    here = pathlib.Path.cwd()
    variables = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(_KEPT_PREFIXES)
    } | {
        "HOME": "/root",
        "LC_ALL": "C.UTF-8",
        "PATH": f"{pathlib.Path(sys.executable).parent}:{commands.PATH}",
    }
    exports = [
        f"export {name}={shlex.quote(value)}"
        for name, value in variables.items()
    ]
    directory = here if here.is_relative_to(TREE) else TREE
    return "\n".join(
        [
            *exports,
            f"cd {shlex.quote(str(directory))} || exit",
            f"exec {shlex.join(argv)}\n",
        ]
    )


def _files(directory: pathlib.Path) -> Iterator[pathlib.Path]:
    """Yield the files of a tree, without what was made in it."""
    for path in sorted(directory.iterdir()):
        if path.name.startswith(".") and path.is_dir():
            continue
        if path.is_symlink() or path.is_file():
            yield path
        elif not (path.name in _LEFT_OUT or (path / "pyvenv.cfg").exists()):
            yield from _files(path)


def _compiled(path: pathlib.Path) -> tuple[str, bytes]:
    """Return the name and the content of a module's compiled file."""
    source = path.read_bytes()
    code = compile(source, str(path), "exec", dont_inherit=True)
    header = (
        importlib.util.MAGIC_NUMBER
        + _UNCHECKED
        + importlib.util.source_hash(source)
    )
    name = importlib.util.cache_from_source(str(path))
    return name, header + marshal.dumps(code)


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name.lstrip("/"))
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))
