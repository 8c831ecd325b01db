# SPDX-License-Identifier: Apache-2.0
"""The image that the machine boots from: made once, kept, found again.

Each lies in a directory that is named by a hash of all that goes into it, is
built beside it and renamed: one that is there is whole.
"""

from collections.abc import Callable
from collections.abc import Iterator
import contextlib
import fcntl
import hashlib
import inspect
import os
import pathlib
import shutil
import tempfile

import msgspec

from steth.lab import commands
from steth.lab import errors
from steth.lab.kernel import debian
from steth.lab.kernel import initramfs
from steth.lab.kernel import root

#: What it is built with.
TOOLS = (*debian.TOOLS, *initramfs.TOOLS, *root.TOOLS, "mkfs.ext4")

CACHE = pathlib.Path("/var/cache/steth-lab/kernel")

#: What its kernel must have, as the command loads it.
MODULES = (
    *("openvswitch", "vport_vxlan", "vport_geneve", "8021q", "bonding"),
    *("sch_netem", "br_netfilter", "tun", "veth"),
)
#: Debian's kernel for virtual machines: it has all of these, and boots
#: faster than the one with the drivers.
KERNEL = "linux-image-cloud-amd64"
_BUSYBOX = "busybox-static"
#: How many images stay: one for each Python environment in use.
_KEPT = 3
_UNFINISHED = "new-"
# Room in the file system beyond the files' own size.
_BLOCK = 4096
_SPARE_BLOCKS = 4096


class Image(msgspec.Struct, frozen=True):
    """An image that is whole, by its directory."""

    directory: pathlib.Path

    @property
    def kernel(self) -> pathlib.Path:
        """The kernel."""
        return self.directory / "vmlinuz"

    @property
    def initramfs(self) -> pathlib.Path:
        """What it starts from."""
        return self.directory / "initramfs"

    @property
    def root(self) -> pathlib.Path:
        """The root file system."""
        return self.directory / "root.ext4"


class _Inputs(msgspec.Struct, frozen=True):
    kernel: debian.Package
    busybox: debian.Package
    packages: dict[str, debian.Package]
    python: list[str]
    #: The code that builds.
    sources: list[str]


def prepare(notify: Callable[[str], None]) -> Image:
    """Return the image for this machine as it is now; build it if need be.

    :param notify: is told what is being done
    :raises errors.LabError: when something that it needs is not there
    """
    commands.require(TOOLS)
    inputs = _gather()
    directory = CACHE / _key(inputs)
    CACHE.mkdir(parents=True, exist_ok=True)
    with _lock():
        if not directory.exists():
            notify("building the image, which is kept for the next time")
            _clean(_KEPT - 1)
            _build(inputs, directory)
        os.utime(directory)
    return Image(directory)


def _gather() -> _Inputs:
    kernel, busybox = debian.candidates(KERNEL, _BUSYBOX)
    modules = (debian, initramfs, root, inspect.getmodule(_gather))
    return _Inputs(
        kernel=kernel,
        busybox=busybox,
        packages=debian.Installed().closure(root.PACKAGES),
        python=root.python(),
        sources=[
            *(inspect.getsource(one) for one in modules if one),
            initramfs.INIT.read_text(),
        ],
    )


def _key(inputs: _Inputs) -> str:
    return hashlib.sha256(msgspec.json.encode(inputs)).hexdigest()[:16]


@contextlib.contextmanager
def _lock() -> Iterator[None]:
    """Let one build at a time; the lock ends with the process."""
    descriptor = os.open(CACHE, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _clean(kept: int) -> None:
    """Remove what a killed build left, and all but the latest images."""
    found = sorted(CACHE.iterdir(), key=lambda one: one.stat().st_mtime)
    whole = [one for one in found if not one.name.startswith(_UNFINISHED)]
    stale = [one for one in found if one.name.startswith(_UNFINISHED)]
    for one in [*stale, *whole[: max(len(whole) - kept, 0)]]:
        shutil.rmtree(one)


def _build(inputs: _Inputs, directory: pathlib.Path) -> None:
    new = pathlib.Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=CACHE))
    try:
        work = new / "work"
        work.mkdir()
        # The package with the files is what that one depends on.
        ((kernel, *_), *_) = inputs.kernel.depends
        for name in (kernel, inputs.busybox.name):
            debian.unpack(name, work)
        release, modules = _modules(work)
        (work / f"boot/vmlinuz-{release}").rename(new / "vmlinuz")
        (new / "initramfs").write_bytes(
            initramfs.build(
                work / initramfs.SHELL,
                initramfs.module_files(work, release),
            )
        )
        tree = work / "root"
        tree.mkdir()
        root.stage(tree, inputs.packages, modules)
        _make_file_system(tree, new / "root.ext4")
        shutil.rmtree(work)
        new.rename(directory)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise


def _modules(work: pathlib.Path) -> tuple[str, pathlib.Path]:
    """Return the kernel's release, and the directory of its modules.

    :raises errors.LabError: naming those that it does not have
    """
    (directory,) = (work / "lib/modules").iterdir()
    commands.run(["depmod", "--basedir", str(work), directory.name])
    # As modprobe does, take _ and - for the same.
    there = {one.stem.replace("-", "_") for one in directory.rglob("*.ko*")}
    missing = sorted(set(MODULES) - there)
    if missing:
        raise errors.LabError(
            f"{KERNEL} {directory.name} has no {', '.join(missing)}"
        )
    return directory.name, directory


def _make_file_system(tree: pathlib.Path, file: pathlib.Path) -> None:
    """Make an image of a directory, without mounting anything."""
    sizes = [one.lstat().st_size for one in tree.rglob("*")]
    blocks = sum(-(-one // _BLOCK) for one in sizes)
    inodes = len(sizes) + 64
    size = blocks + inodes * 256 // _BLOCK + blocks // 20 + _SPARE_BLOCKS
    commands.run(
        [
            *("mkfs.ext4", "-q", "-b", str(_BLOCK), "-m", "0"),
            *("-N", str(inodes), "-O", "^has_journal,^resize_inode"),
            *("-E", "root_owner=0:0", "-d", str(tree), str(file), str(size)),
        ]
    )
