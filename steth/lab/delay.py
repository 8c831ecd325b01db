# SPDX-License-Identifier: Apache-2.0
"""A delay line between a switch's port and its bridge.

``python -m steth.lab.delay <port> <tap> <milliseconds>``: frames that come
in at the port reach the bridge, through the tap that is plugged in there,
so much later and in their order; those of the other direction at once. It
stands in for netem, which not every kernel has.
"""

import collections
import contextlib
import fcntl
import os
import pathlib
import select
import socket
import struct
import sys
import time

#: What it prints when it is at work.
READY = "carrying frames"

# From linux/if_tun.h and linux/if_packet.h.
_TUNSETIFF = 0x400454CA
_IFF_TAP = 0x0002
_IFF_NO_PI = 0x1000
_IFF_VNET_HDR = 0x4000
_SOL_PACKET = 263
_PACKET_VNET_HDR = 15
_PACKET_IGNORE_OUTGOING = 23
_ETH_P_ALL = 0x0003

# A segment of the largest size, and the header that says how to cut it.
_LARGEST = 65536 + 256
# What a line holds at most, as a switch's buffer does.
_CAPACITY = 10000


def open_tap(name: str) -> int:
    """Return a descriptor that reads and writes the frames of a tap."""
    tap = os.open(pathlib.Path("/dev/net/tun"), os.O_RDWR | os.O_NONBLOCK)
    flags = _IFF_TAP | _IFF_NO_PI | _IFF_VNET_HDR
    fcntl.ioctl(tap, _TUNSETIFF, struct.pack("16sH", name.encode(), flags))
    return tap


def open_port(name: str) -> socket.socket:
    """Return a socket that reads and writes the frames of a device.

    As with the tap, a virtio_net_hdr goes before each: checksums that the
    sender left to its NIC stay to be done, see packet(7) and virtio 1.1.
    """
    port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    port.setsockopt(_SOL_PACKET, _PACKET_VNET_HDR, 1)
    port.setsockopt(_SOL_PACKET, _PACKET_IGNORE_OUTGOING, 1)
    port.bind((name, _ETH_P_ALL))
    port.setblocking(False)
    return port


def run(port: socket.socket, tap: int, delay: float) -> None:
    """Carry frames until the port is closed; ``delay`` is in seconds.

    What cannot be taken or passed on (a device is down, a buffer is full) is
    lost, as in a switch.
    """
    line: collections.deque[tuple[float, bytes]] = collections.deque()
    while True:
        now = time.monotonic()
        while line and line[0][0] <= now:
            _, frame = line.popleft()
            with contextlib.suppress(OSError):
                os.write(tap, frame)
        wait = line[0][0] - now if line else None
        ready, _, _ = select.select([port.fileno(), tap], [], [], wait)
        with contextlib.suppress(OSError):
            if port.fileno() in ready:
                frame = port.recv(_LARGEST)
                if not frame:
                    return
                if len(line) < _CAPACITY:
                    line.append((time.monotonic() + delay, frame))
        with contextlib.suppress(OSError):
            if tap in ready:
                port.send(os.read(tap, _LARGEST))


def main() -> None:
    """Set up the line and run it."""
    name, tap, milliseconds = sys.argv[1:]
    port = open_port(name)
    opened = open_tap(tap)
    print(READY, flush=True)
    run(port, opened, int(milliseconds) / 1000)


if __name__ == "__main__":
    main()
