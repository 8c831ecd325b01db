# SPDX-License-Identifier: Apache-2.0
"""What a machine says: a command's output as it comes, its exit status."""

from collections.abc import Callable
import os
import selectors
import socket
import sys
import time

from steth.lab.kernel import machine as machine_module

_LINES = 40
_CHUNK = 65536
_CONSOLE = "console"


class Session:
    """A machine's life, from its start.

    :param machine: which was just started
    """

    def __init__(self, machine: machine_module.Machine) -> None:
        self._said = {machine_module.STATUS: "", _CONSOLE: ""}
        self._passed_on = {
            machine_module.OUTPUT: sys.stdout,
            machine_module.ERROR: sys.stderr,
        }
        self._selector = selectors.DefaultSelector()
        sockets = dict(machine.ports)
        if machine.console:
            sockets[_CONSOLE] = machine.console
        for name, one in sockets.items():
            self._selector.register(one, selectors.EVENT_READ, name)

    @property
    def is_ready(self) -> bool:
        """Whether it came to the point of running the command."""
        return "ready" in self._status()

    @property
    def exit_status(self) -> int | None:
        """What the command ended with; ``None`` if it has not."""
        for line in self._status():
            word, _, number = line.partition(" ")
            if word == "ended":
                return int(number)
        return None

    def _status(self) -> list[str]:
        # The last line may be cut off.
        return self._said[machine_module.STATUS].split("\n")[:-1]

    @property
    def last_words(self) -> str:
        """The end of what the kernel said."""
        return "\n".join(self._said[_CONSOLE].splitlines()[-_LINES:])

    def follow(
        self, timeout: float, until: Callable[[], bool] = lambda: False
    ) -> bool:
        """Pass on what the command says until the machine ends.

        :param timeout: seconds that this may take
        :param until: what ends it before
        :returns: False when the time was up
        """
        end = time.monotonic() + timeout
        while self._selector.get_map() and not until():
            left = end - time.monotonic()
            if left <= 0:
                return False
            for key, _ in self._selector.select(left):
                if isinstance(key.fileobj, socket.socket):
                    self._read(key.fileobj, str(key.data))
        return True

    def _read(self, source: socket.socket, name: str) -> None:
        try:
            chunk = source.recv(_CHUNK)
        except ConnectionResetError:
            chunk = b""
        if not chunk:
            self._selector.unregister(source)
        elif name in self._passed_on:
            _write(self._passed_on[name].fileno(), chunk)
        else:
            self._said[name] += chunk.decode(errors="replace")


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
