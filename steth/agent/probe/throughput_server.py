# SPDX-License-Identifier: Apache-2.0
"""``probe.throughput_server``: an iperf3 server for one test, as a task."""

import errno
import ipaddress
import os
import random
import select
import socket
import subprocess
import threading
import time
from typing import IO
from typing import cast

from steth.agent import programs
from steth.agent import tasks
from steth.agent.probe import throughput
from steth.model import throughput as throughput_model
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests

#: Where servers listen, so that a firewall can be opened for them.
PORTS = range(5201, 5301)

_READY = b"Server listening on"
#: Seconds that iperf3 may take to listen.
_TIMEOUT = 5.0


def start(
    request: requests.ThroughputServer, registry: tasks.Registry
) -> throughput_model.ThroughputServer:
    """Start a server that ends after one test, or with its lease.

    :raises errors.OperationError: ``missing`` without iperf3, ``failed``
        when it cannot listen, ``bad-argument`` when the address is not of
        this host
    """
    server = _Server(
        programs.find(throughput.PROGRAM),
        ipaddress.ip_address(request.address),
        registry,
    )
    info = registry.start(
        contract.PROBE_THROUGHPUT_SERVER.name,
        f"{throughput.PROGRAM} server on {request.address}",
        request.lease,
        server.begin,
    )
    return throughput_model.ThroughputServer(
        task=info, address=request.address, port=server.port
    )


class _Server:
    """One iperf3 server."""

    def __init__(
        self,
        program: str,
        address: ipaddress.IPv4Address | ipaddress.IPv6Address,
        registry: tasks.Registry,
    ) -> None:
        self._program = program
        self._address = address
        self._registry = registry
        self.port = 0

    def begin(self, task_id: str) -> tasks.Undo:
        """Listen on the first port that can be had; return what ends it."""
        ports = list(PORTS)
        # Two who start servers at the same time rarely try the same ones.
        random.shuffle(ports)
        for port in ports:
            if not self._is_free(port):
                continue
            process = self._listening(port)
            if process is not None:
                self.port = port
                threading.Thread(
                    target=self._wait,
                    args=(process, task_id),
                    name=f"throughput-{port}",
                    daemon=True,
                ).start()
                return process.kill
        raise errors.OperationError(
            errors.ErrorCode.FAILED,
            f"no port from {PORTS.start} to {PORTS.stop - 1} is free on "
            f"{self._address}",
        )

    def _is_free(self, port: int) -> bool:
        is_6 = self._address.version == 6
        with socket.socket(socket.AF_INET6 if is_6 else socket.AF_INET) as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                one.bind((str(self._address), port))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    return False
                raise errors.OperationError(
                    errors.ErrorCode.BAD_ARGUMENT,
                    f"address: {self._address} cannot be listened on: "
                    f"{error.strerror}",
                    "address",
                ) from None
        return True

    def _listening(self, port: int) -> "subprocess.Popen[bytes] | None":
        """Return a server that listens, ``None`` when the port was taken."""
        process = programs.start(
            self._program,
            *("--server", "--one-off"),
            *("--bind", str(self._address)),
            *("--port", str(port)),
            *("--interval", "0", "--forceflush"),
            merge_errors=True,
        )
        said = _until_ready(process)
        if _READY in said:
            return process
        programs.end(process)
        if b"in use" in said:
            return None
        text = said.decode(errors="replace").strip()
        raise errors.OperationError(
            errors.ErrorCode.FAILED,
            f"{throughput.PROGRAM} does not listen on {self._address} port "
            f"{port}: {text or 'it says nothing'}",
        )

    def _wait(self, process: "subprocess.Popen[bytes]", task_id: str) -> None:
        """Take the server's output, for it must not block, until its end."""
        process.communicate()
        self._registry.ended(task_id)


def _until_ready(process: "subprocess.Popen[bytes]") -> bytes:
    """Return what a server says until it listens, ends, or is late."""
    descriptor = cast(IO[bytes], process.stdout).fileno()
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    deadline = time.monotonic() + _TIMEOUT
    said = b""
    while _READY not in said:
        left = deadline - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            break
        read = os.read(descriptor, 4096)
        if not read:
            break
        said += read
    return said
