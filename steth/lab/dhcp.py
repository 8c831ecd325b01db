# SPDX-License-Identifier: Apache-2.0
"""A DHCP server that a fault starts: dnsmasq, with nothing but DHCP."""

from collections.abc import Mapping

from steth.lab import commands
from steth.lab import deadline
from steth.lab import errors
from steth.lab import processes
from steth.lab import services

#: Debian has it in dnsmasq-base.
TOOLS = ("dnsmasq",)
#: What it says when it is at work.
_READY = "IP range"
_TIMEOUT = 20.0


def serve(
    init: processes.Process, mark: Mapping[str, str], script: str
) -> None:
    """Start the server on a device, or end it.

    :param script: the device, and to start it the first and last address
    :raises errors.LabError: when it does not start
    """
    device, *addresses = script.split()
    service = services.Service(f"dhcp-{device}", mark)
    if not addresses:
        service.kill(init)
        return
    commands.require(TOOLS)
    service.clear_log(init)
    service.start(
        init,
        [
            "dnsmasq",
            "--keep-in-foreground",
            "--conf-file=/dev/null",
            # No DNS, and nothing that outlives it.
            "--port=0",
            "--user=root",
            "--pid-file=",
            f"--dhcp-leasefile=/run/steth/dhcp-{device}.leases",
            "--log-facility=-",
            f"--interface={device}",
            "--bind-interfaces",
            f"--dhcp-range={','.join(addresses)},2m",
        ],
    )
    if not deadline.until(
        lambda: _READY in service.last_words(init), _TIMEOUT
    ):
        raise errors.LabError(
            f"the DHCP server did not start: {service.last_words(init)}"
        )
