# SPDX-License-Identifier: Apache-2.0
"""Whether this machine's processor can run another one.

That ``/dev/kvm`` can be opened does not tell: where this machine is a virtual
one itself, a guest may never come to run. So one is started, once a boot.
"""

from collections.abc import Callable
import os
import pathlib

from steth.lab.kernel import image as image_module
from steth.lab.kernel import machine
from steth.lab.kernel import session
from steth.lab.kernel import source

_DEVICE = pathlib.Path("/dev/kvm")
_BOOT = pathlib.Path("/proc/sys/kernel/random/boot_id")
#: Seconds; a guest that runs needs one or two.
_PATIENCE = 10.0


def choose(
    image: image_module.Image, notify: Callable[[str], None]
) -> machine.Accelerator:
    """Return what runs a machine here; try it if that is not known yet.

    :param notify: is told what is being done
    """
    if not os.access(_DEVICE, os.R_OK | os.W_OK):
        return machine.Accelerator.TCG
    known = image.directory / "accelerator"
    boot = _BOOT.read_text().strip()
    if known.exists():
        which, _, when = known.read_text().partition(" ")
        if when == boot:
            return machine.Accelerator(which)
    notify("trying whether KVM runs a machine here")
    found = _try(image)
    known.write_text(f"{found} {boot}")
    return found


def _try(image: image_module.Image) -> machine.Accelerator:
    job = source.job(["true"], image_module.MODULES)
    try:
        with machine.start(
            image, job, machine.Accelerator.KVM, quiet=True
        ) as one:
            life = session.Session(one)
            life.follow(_PATIENCE, until=lambda: life.is_ready)
    finally:
        os.close(job)
    if life.is_ready:
        return machine.Accelerator.KVM
    return machine.Accelerator.TCG
