# SPDX-License-Identifier: Apache-2.0
"""The virtual machine: QEMU's command line, and its life.

See qemu(1). The machine has no network; it ends with the process that
started it, however that ends, and leaves nothing.
"""

from collections.abc import Iterator
from collections.abc import Sequence
import contextlib
import enum
import signal
import socket
import subprocess

from steth.lab import commands
from steth.lab.kernel import image as image_module

#: What it is run with.
TOOLS = ("qemu-system-x86_64", "setpriv")

#: The ports of the machine, as start.sh names them.
OUTPUT, ERROR, STATUS = PORTS = ("output", "error", "status")

_PROCESSORS = 2
_MEMORY = "2G"
#: On any trouble the machine ends at once. Nobody attacks it, so that it
#: need not pay for defences. The processor's own clock is measured at boot,
#: wrongly where other programs keep QEMU waiting, and then runs too fast.
#: Bonds are made by those who want them.
_KERNEL_ARGUMENTS = (
    "console=ttyS0 quiet panic=-1 mitigations=off nokaslr audit=0 "
    "clocksource=hpet bonding.max_bonds=0"
)


class Accelerator(enum.StrEnum):
    """What runs the machine's instructions: the processor, or QEMU."""

    KVM = "kvm"
    TCG = "tcg"


class Machine:
    """A machine that runs.

    ``ports`` has a socket for each of PORTS, ``console`` one for what the
    kernel says; without that the terminal is the machine's console.
    """

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        ports: dict[str, socket.socket],
        console: socket.socket | None,
    ) -> None:
        self.process = process
        self.ports = ports
        self.console = console


@contextlib.contextmanager
def start(
    image: image_module.Image,
    job: int,
    accelerator: Accelerator,
    *,
    interactive: bool = False,
    quiet: bool = False,
) -> Iterator[Machine]:
    """Start a machine; it is gone in the end.

    :param job: a descriptor of the archive of ``source.job``
    :param interactive: make the terminal its console
    :param quiet: let QEMU's own complaints pass
    """
    with contextlib.ExitStack() as stack:
        names = PORTS if interactive else (*PORTS, "console")
        ours, theirs = {}, {}
        for name in names:
            ours[name], theirs[name] = map(
                stack.enter_context, socket.socketpair()
            )
        descriptors = {name: one.fileno() for name, one in theirs.items()}
        process = stack.enter_context(
            subprocess.Popen(
                _argv(image, job, accelerator, descriptors),
                stdin=None if interactive else subprocess.DEVNULL,
                stderr=subprocess.DEVNULL if quiet else None,
                pass_fds=[job, *descriptors.values()],
                env={"PATH": commands.PATH},
            )
        )
        stack.callback(_end, process)
        for one in theirs.values():
            one.close()
        console = ours.pop("console", None)
        yield Machine(process, ours, console)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()


def _argv(
    image: image_module.Image,
    job: int,
    accelerator: Accelerator,
    descriptors: dict[str, int],
) -> list[str]:
    argv = [
        *("setpriv", "--pdeathsig", "KILL", "--"),
        *("qemu-system-x86_64", "-no-user-config", "-nodefaults"),
        *("-display", "none", "-no-reboot"),
        *("-machine", "q35", "-accel", accelerator, "-cpu", "max"),
        *("-smp", str(_PROCESSORS), "-m", _MEMORY),
        *("-kernel", str(image.kernel), "-initrd", str(image.initramfs)),
        *("-append", _KERNEL_ARGUMENTS),
        *_disk("root", str(image.root)),
        *_disk("job", f"/dev/fd/{job}"),
        *("-device", "virtio-rng-pci,max-bytes=1024,period=1000"),
        *("-device", "virtio-serial-pci"),
    ]
    for name, descriptor in descriptors.items():
        argv += ["-chardev", f"socket,id={name},fd={descriptor}"]
        if name in PORTS:
            argv += ["-device", f"virtserialport,chardev={name},name={name}"]
    if "console" in descriptors:
        argv += ["-serial", "chardev:console"]
    else:
        argv += ["-serial", "mon:stdio"]
    return argv


def _disk(name: str, file: str) -> Sequence[str]:
    return (
        "-drive",
        f"if=none,id={name},file={file},format=raw,readonly=on",
        "-device",
        f"virtio-blk-pci,drive={name}",
    )
