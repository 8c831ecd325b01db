# SPDX-License-Identifier: Apache-2.0
"""The machine's root file system: this machine's own programs, copied.

Debian's packages give the programs, whole and with all that they need; the
Python environment is the one that runs the lab, at the same place.
"""

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
import importlib.metadata
import os
import pathlib
import re
import shutil
import sys
import sysconfig

from steth.lab import commands
from steth.lab.kernel import debian

#: What it is put together with.
TOOLS = ("ldconfig", "ldd")

#: What hosts and tests run, without a broker: that is slow to start here.
PACKAGES = (
    *("ethtool", "iperf3", "iproute2", "iputils-ping", "kmod", "mawk"),
    *("mount", "netbase", "nftables", "openvswitch-switch", "procps"),
    *("tcpdump", "tini"),
)

_LEFT_OUT = (
    *("/usr/share/bash-completion", "/usr/share/doc", "/usr/share/doc-base"),
    *("/usr/share/info", "/usr/share/lintian", "/usr/share/locale"),
    *("/usr/share/man", "/usr/share/zoneinfo", "/var/cache", "/var/lib/dpkg"),
)
#: Directories of Python's library that are nobody's business here.
_LEFT_OUT_OF_PYTHON = shutil.ignore_patterns(
    *("config-*", "ensurepip", "idlelib", "lib2to3", "site-packages"),
    *("dist-packages", "test", "tests", "tkinter", "turtledemo"),
)
_ALTERNATIVES = pathlib.Path("/etc/alternatives")
_ALTERNATIVES_RECORDS = pathlib.Path("/var/lib/dpkg/alternatives")
_LIBRARY = re.compile(r"(?:=> )?(/\S+) \(0x")


def python() -> list[str]:
    """Return what the Python environment consists of, for a key.

    The project itself is not part of it: that is put in at each run.
    """
    installed = {
        f"{one.name}=={one.version}"
        for one in importlib.metadata.distributions()
        if one.name != "steth"
    }
    return [sys.version, sys.executable, sys.prefix, *sorted(installed)]


def project_files() -> set[pathlib.Path]:
    """Return the files in the environment that are the project's."""
    steth = importlib.metadata.distribution("steth")
    found = (str(steth.locate_file(one)) for one in steth.files or ())
    return {pathlib.Path(os.path.normpath(one)) for one in found}


def stage(
    target: pathlib.Path,
    packages: Collection[str],
    modules: pathlib.Path,
) -> None:
    """Copy the root file system into an empty directory.

    :param packages: those whose files are copied
    :param modules: the directory of the kernel's modules
    """
    for name in ("bin", "lib", "lib32", "lib64", "sbin"):
        merged = pathlib.Path("/", name)
        if merged.is_symlink():
            (target / name).symlink_to(os.readlink(merged))
    for path in debian.files(packages):
        if not path.startswith(_LEFT_OUT):
            _copy(pathlib.Path(path), target)
    for one in (*_ALTERNATIVES.iterdir(), *_alternatives()):
        _copy(one, target)
    _copy_python(target)
    shutil.copytree(modules, target / "lib/modules" / modules.name)
    _write_files(target)
    commands.run(["ldconfig", "-r", str(target)])


def _alternatives() -> Iterator[pathlib.Path]:
    """Yield the links that no package brought, see update-alternatives(1).

    A record has a line for the mode, one for the link, then two for each
    that goes with it, its name and its link, up to an empty one.
    """
    for record in _ALTERNATIVES_RECORDS.iterdir():
        head = record.read_text().partition("\n\n")[0]
        yield from map(pathlib.Path, head.splitlines()[1::2])


def _copy(path: pathlib.Path, target: pathlib.Path) -> None:
    """Copy a file, or make a directory, as it is at this machine."""
    place = target / _real(path.parent).relative_to("/") / path.name
    if path.is_symlink():
        if not place.is_symlink():
            _parents(place)
            place.symlink_to(os.readlink(path))
    elif path.is_dir():
        place.mkdir(parents=True, exist_ok=True)
    elif path.is_file() and not place.exists():
        _parents(place)
        shutil.copy2(path, place)


def _real(path: pathlib.Path) -> pathlib.Path:
    return pathlib.Path(os.path.realpath(path))


def _parents(place: pathlib.Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)


def _copy_python(target: pathlib.Path) -> None:
    library = pathlib.Path(sysconfig.get_path("stdlib"))
    environment = pathlib.Path(sys.prefix)
    _copy_tree(library, target, _LEFT_OUT_OF_PYTHON)
    _copy_tree(environment, target, _ignore_project)
    # From link to link, as the environment names its interpreter.
    program = pathlib.Path(sys.executable)
    _copy(program, target)
    while program.is_symlink():
        program = program.parent / program.readlink()
        _copy(program, target)
    binaries = [program, *(library / "lib-dynload").glob("*.so")]
    binaries += environment.rglob("*.so")
    _copy_libraries(binaries, target)
    for one in (library, environment):
        place = target / one.relative_to("/")
        arguments = ("-q", "-s", str(target), "-p", "/", str(place))
        commands.run([sys.executable, "-m", "compileall", *arguments])


def _ignore_project(directory: str, names: list[str]) -> set[str]:
    own = project_files()
    # Its metadata would be found first, and be empty.
    own |= {one.parent for one in own if one.parent.suffix == ".dist-info"}
    return {one for one in names if pathlib.Path(directory, one) in own}


def _copy_tree(
    source: pathlib.Path,
    target: pathlib.Path,
    ignore: Callable[[str, list[str]], set[str]],
) -> None:
    place = target / _real(source).relative_to("/")
    shutil.copytree(
        source, place, symlinks=True, ignore=ignore, dirs_exist_ok=True
    )


def _copy_libraries(
    binaries: Iterable[pathlib.Path], target: pathlib.Path
) -> None:
    """Copy the shared libraries that programs and modules are linked to."""
    told = commands.run(["ldd", *map(str, binaries)])
    for name in sorted(set(_LIBRARY.findall(told))):
        library = pathlib.Path(name)
        _copy(library, target)
        _copy(_real(library), target)


def _write_files(target: pathlib.Path) -> None:
    """Write what packages make when they are installed."""
    for name in ("group", "passwd"):
        master = target / f"usr/share/base-passwd/{name}.master"
        shutil.copy(master, target / "etc" / name)
    (target / "etc/hosts").write_text("127.0.0.1 localhost kernel\n")
    (target / "etc/nsswitch.conf").write_text("hosts: files\n")
    for name in ("dev", "proc", "root", "run", "sys", "tmp"):
        (target / name).mkdir(exist_ok=True)
