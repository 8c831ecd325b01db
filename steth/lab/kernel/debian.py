# SPDX-License-Identifier: Apache-2.0
"""What a Debian machine tells of packages, and gets of its archive.

See dpkg-query(1), apt-cache(8) and the fields of deb-control(5).
"""

from collections.abc import Iterable
import os
import pathlib
import re

import msgspec

from steth.lab import commands
from steth.lab import errors

#: What it is asked with.
TOOLS = ("apt-cache", "apt-get", "dpkg-deb", "dpkg-query")

_FORMAT = (
    r"${db:Status-Status}\t${Package}\t${Version}\t${Essential}\t"
    r"${Provides}\t${Pre-Depends}, ${Depends}\n"
)
#: What apt takes from the environment: how it reaches its archive.
_APT_VARIABLES = ("APT_CONFIG", "FTP_PROXY", "HTTPS_PROXY", "HTTP_PROXY")


class Package(msgspec.Struct, frozen=True):
    """A package: each dependency is a choice of names."""

    name: str
    version: str
    depends: tuple[tuple[str, ...], ...]


class Installed:
    """The packages that are installed, as they were when it was made."""

    def __init__(self) -> None:
        self._packages: dict[str, Package] = {}
        self._provided: dict[str, str] = {}
        self._essential: list[str] = []
        listed = commands.run(["dpkg-query", "--show", "-f", _FORMAT])
        for line in listed.splitlines():
            status, name, version, essential, *rest = line.split("\t")
            if status != "installed":
                continue
            provides, depends = map(_choices, rest)
            self._packages[name] = Package(name, version, depends)
            if essential == "yes":
                self._essential.append(name)
            for (one,) in provides:
                self._provided.setdefault(one, name)

    def closure(self, names: Iterable[str]) -> dict[str, Package]:
        """Return packages with all that they depend on, by name.

        Those that each may rely on without saying so are among them.

        :raises errors.LabError: naming those that are not installed
        """
        waiting = [*names, *self._essential]
        missing = sorted(one for one in waiting if not self._find(one))
        if missing:
            raise errors.LabError(
                f"packages that the machine is made of are not installed: "
                f"apt-get install {' '.join(missing)}"
            )
        found: dict[str, Package] = {}
        while waiting:
            package = self._find(waiting.pop())
            if package and package.name not in found:
                found[package.name] = package
                for choice in package.depends:
                    waiting += [one for one in choice if self._find(one)][:1]
        return dict(sorted(found.items()))

    def _find(self, name: str) -> Package | None:
        return self._packages.get(name) or self._packages.get(
            self._provided.get(name, "")
        )


def _choices(field: str) -> tuple[tuple[str, ...], ...]:
    """Return the names in a field, without versions and architectures."""
    return tuple(
        tuple(
            re.split(r"[ (:]", one.strip(), maxsplit=1)[0]
            for one in part.split("|")
        )
        for part in field.split(",")
        if part.strip()
    )


def files(names: Iterable[str]) -> list[str]:
    """Return the paths that installed packages brought."""
    listed = commands.run(["dpkg-query", "--listfiles", *names])
    return [one for one in listed.splitlines() if one.startswith("/")]


def candidates(*names: str) -> list[Package]:
    """Return what apt would install under these names.

    :raises errors.LabError: when it does not know one of them
    """
    try:
        told = commands.run(
            ["apt-cache", "show", "--no-all-versions", *names], marks=_apt()
        )
    except errors.LabError as error:
        raise errors.LabError(
            f"apt does not know {' and '.join(names)}, which Debian has: "
            f"renew its lists with 'apt-get update' ({error})"
        ) from None
    found = {}
    for paragraph in told.strip().split("\n\n"):
        fields = dict(
            line.partition(": ")[::2]
            for line in paragraph.splitlines()
            if not line.startswith(" ")
        )
        found[fields["Package"]] = Package(
            fields["Package"],
            fields["Version"],
            _choices(fields.get("Depends", "")),
        )
    return [found[one] for one in names]


def unpack(name: str, directory: pathlib.Path) -> None:
    """Download a package and unpack it, without installing it.

    :raises errors.LabError: when the archive does not have it any more
    """
    try:
        commands.run(
            ["env", "-C", str(directory), "apt-get", "-q", "download", name],
            marks=_apt(),
        )
    except errors.LabError as error:
        raise errors.LabError(
            f"cannot download {name}: renew apt's lists with 'apt-get "
            f"update' ({error})"
        ) from None
    (archive,) = directory.glob(f"{name}_*.deb")
    commands.run(["dpkg-deb", "--extract", str(archive), str(directory)])
    archive.unlink()


def _apt() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if name.upper() in _APT_VARIABLES
    }
