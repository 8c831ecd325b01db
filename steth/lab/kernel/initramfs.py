# SPDX-License-Identifier: Apache-2.0
"""The RAM disk that the machine's kernel starts from.

It holds a static shell, the modules that the root file system is behind, and
``init.sh``. The format is "newc", see cpio(5) and the kernel's
Documentation/driver-api/early-userspace/buffer-format.
"""

from collections.abc import Iterable
from collections.abc import Iterator
import pathlib
import stat

from steth.lab import commands

#: What finds the modules.
TOOLS = ("depmod", "modprobe")

#: The disks, what lies over them, and the ports of the runner.
MODULES = ("virtio_pci", "virtio_blk", "overlay", "virtio_console")
SHELL = "bin/busybox"

INIT = pathlib.Path(__file__).with_name("init.sh")
_MAGIC = b"070701"
_TRAILER = "TRAILER!!!"


def build(shell: pathlib.Path, modules: Iterable[pathlib.Path]) -> bytes:
    """Return an archive.

    :param shell: a static busybox
    :param modules: in the order that they are loaded in
    """
    listed = list(modules)
    loaded = "".join(f"{one.name}\n" for one in listed)
    entries = [
        *_directories("bin", "dev", "lower", "modules", "proc", "root"),
        *_directories("sys", "upper"),
        _entry("init", INIT.read_bytes(), stat.S_IFREG | 0o755),
        _entry(SHELL, shell.read_bytes(), stat.S_IFREG | 0o755),
        _entry("modules/order", loaded.encode()),
        *(_entry(f"modules/{one.name}", one.read_bytes()) for one in listed),
        _entry(_TRAILER, b"", 0),
    ]
    return b"".join(entries)


def module_files(root: pathlib.Path, release: str) -> list[pathlib.Path]:
    """Return the files of MODULES and of what they need, in order.

    :param root: where ``lib/modules`` with that release is
    """
    found: dict[pathlib.Path, None] = {}
    for name in MODULES:
        told = commands.run(
            [
                *("modprobe", "--dirname", str(root), "--set-version"),
                *(release, "--show-depends", name),
            ]
        )
        for line in told.splitlines():
            verb, _, path = line.strip().partition(" ")
            if verb == "insmod":
                found[pathlib.Path(path.split()[0])] = None
    return list(found)


def _directories(*names: str) -> Iterator[bytes]:
    for name in names:
        yield _entry(name, b"", stat.S_IFDIR | 0o755)


def _entry(
    name: str, content: bytes, mode: int = stat.S_IFREG | 0o644
) -> bytes:
    path = name.encode() + b"\0"
    fields = (
        *(0, mode, 0, 0, 1, 0),
        *(len(content), 0, 0, 0, 0),
        *(len(path), 0),
    )
    header = _MAGIC + b"".join(b"%08x" % one for one in fields)
    return _padded(header + path) + _padded(content)


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)
