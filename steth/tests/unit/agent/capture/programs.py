# SPDX-License-Identifier: Apache-2.0
"""Stands in for the privileged process, with a tcpdump that a test plays."""

import contextlib
import os
import socket
import threading
from typing import Any

import msgspec

from steth.rpc import requests
from steth.tests.unit.model import test_pcap

LISTENING = b"tcpdump: listening on %s, link-type EN10MB (Ethernet)\n"
COUNTS = b"1 packet captured\n9 packets received by filter\n"
DROPPED = b"2 packets dropped by kernel\n"


class Programs:
    """What ``steth.agent.privileged.capture`` does.

    ``says`` is what tcpdump says by device, instead of listening.
    """

    MAX_PROGRAMS = 64

    def __init__(self) -> None:
        self.says: dict[str, bytes] = {}
        self.starter = os.getpid()
        self.too_many = False
        self.ended: list[int] = []
        self._lock = threading.Lock()
        self._pipes: dict[int, tuple[int, int]] = {}

    def start(
        self, arguments: dict[str, Any], index: int, door: bytes
    ) -> tuple[int, int]:
        """Begin to be a tcpdump."""
        if self.too_many:
            return 0, self.starter
        request = msgspec.convert(arguments, requests.CaptureStart)
        device = request.points[index].device
        output, said = os.pipe(), os.pipe()
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as agent:
            agent.connect(door)
            socket.send_fds(agent, [b"\0"], [output[0], said[0]])
        os.close(output[0])
        os.close(said[0])
        with self._lock:
            pid = 1000 + len(self._pipes) + len(self.ended)
            self._pipes[pid] = (output[1], said[1])
        if device in self.says:
            os.write(said[1], self.says[device])
            self._close(pid)
        else:
            os.write(output[1], test_pcap.header())
            os.write(said[1], LISTENING % device.encode())
        return pid, self.starter

    def write(self, data: bytes) -> None:
        """Have each write something."""
        for output, _ in self._pipes.values():
            os.write(output, data)

    def end(self, pid: int) -> None:
        """Have one end."""
        with self._lock:
            pipes = self._pipes.get(pid)
        if pipes is not None:
            with contextlib.suppress(BrokenPipeError):
                os.write(pipes[1], COUNTS + DROPPED)
            self._close(pid)

    def _close(self, pid: int) -> None:
        with self._lock:
            for one in self._pipes.pop(pid):
                os.close(one)
            self.ended.append(pid)
