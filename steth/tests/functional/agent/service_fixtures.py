# SPDX-License-Identifier: Apache-2.0
"""A running steth-agent, and a RabbitMQ of a test's own."""

from collections.abc import Callable
from concurrent import futures
import contextlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from typing import Any
import unittest

from pyroute2 import netns

from steth.tests.functional.agent import namespaces

PORT = 9698
BROKER_PORT = 5672
#: Seconds in which an agent has to stop, on a busy machine too.
DEADLINE = 10.0
_RABBITMQ = "/usr/lib/rabbitmq/bin"


def wait_for(
    condition: Callable[[], Any], what: str, timeout: float = 30.0
) -> Any:
    """Return what a condition says once it says something."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if said := condition():
            return said
        time.sleep(0.05)
    raise AssertionError(f"not within {timeout} s: {what}")


def directory(test: unittest.TestCase) -> pathlib.Path:
    """Return a directory that is gone when its test is."""
    made = tempfile.mkdtemp(prefix="steth-test-")
    test.addCleanup(shutil.rmtree, made, ignore_errors=True)
    return pathlib.Path(made)


class Inside:
    """Calls functions in a host's network namespace.

    A network namespace is a thread's own, so a thread of this process can
    be inside while the others stay outside.
    """

    def __init__(
        self, test: unittest.TestCase, host: namespaces.Host, threads: int = 1
    ) -> None:
        self._pool = futures.ThreadPoolExecutor(
            threads, initializer=netns.setns, initargs=(host.name,)
        )
        test.addCleanup(self._pool.shutdown)

    def begin(
        self, function: Callable[..., Any], *arguments: Any
    ) -> futures.Future[Any]:
        """Begin a call."""
        return self._pool.submit(function, *arguments)

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Return what a function returns inside."""
        return self.begin(function, *arguments).result()


class Answer:
    """The HTTP answer to a request."""

    def __init__(self, status: int, headers: Any, body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


def post(
    body: bytes,
    *,
    headers: dict[str, str] | None = None,
    tls: ssl.SSLContext | None = None,
    method: str = "POST",
    address: str = "127.0.0.1",
    path: str = "/",
) -> Answer:
    """Send a request to the agent, from where the calling thread is."""
    connection: http.client.HTTPConnection
    if tls is None:
        connection = http.client.HTTPConnection(address, PORT, timeout=60)
    else:
        connection = http.client.HTTPSConnection(
            address, PORT, timeout=60, context=tls
        )
    try:
        connection.request(
            method,
            path,
            body,
            {"Content-Type": "application/json", **(headers or {})},
        )
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


def call(operation: str, **arguments: Any) -> bytes:
    """Return the body of a call."""
    return json.dumps(
        {
            "jsonrpc": "2.0",
            "id": "a",
            "method": operation,
            "params": {"version": "1.0", "arguments": arguments},
        }
    ).encode()


def talk(payload: bytes, timeout: float = 30.0) -> bytes:
    """Send bytes to the agent and return all that it says until it closes."""
    with socket.create_connection(("127.0.0.1", PORT), timeout) as peer:
        peer.sendall(payload)
        said = b""
        while chunk := peer.recv(65536):
            said += chunk
        return said


class Agent:
    """A steth-agent that ends with its test."""

    def __init__(
        self, test: unittest.TestCase, host: namespaces.Host, options: str
    ) -> None:
        self._home = directory(test)
        self.config_file = self._home / "steth.conf"
        self.config_file.write_text(options)
        self._log_file = self._home / "log"
        with self._log_file.open("wb") as output:
            # ip-netns(8) becomes what it runs, so this is the agent itself.
            self.process = subprocess.Popen(
                host.command(
                    sys.executable,
                    "-m",
                    "steth.agent",
                    f"--config-file={self.config_file}",
                ),
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        test.addCleanup(self._end)

    @property
    def log(self) -> str:
        """All it said."""
        return self._log_file.read_text()

    def await_log(
        self, text: str, *, timeout: float = 30.0, count: int = 1
    ) -> None:
        """Return when it has said something, so many times."""
        try:
            wait_for(
                lambda: (
                    self.log.count(text) >= count
                    or self.process.poll() is not None
                ),
                text,
                timeout,
            )
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.log}") from None
        if self.log.count(text) < count:
            raise AssertionError(f"ended without: {text}\n{self.log}")

    def exit_code(self, timeout: float = 20.0) -> int:
        """Return its exit code once it has ended."""
        return self.process.wait(timeout)

    def stop(self) -> float:
        """Ask it to stop; return the seconds it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)
        return time.monotonic() - began

    def _end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


class Broker:
    """A RabbitMQ in a host's namespace, with all it keeps its own."""

    def __init__(self, test: unittest.TestCase, host: namespaces.Host) -> None:
        self._host = host
        self._home = directory(test)
        self._process: subprocess.Popen[bytes] | None = None
        (self._home / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{BROKER_PORT}\n"
            "default_user = steth\ndefault_pass = right\n"
        )
        (self._home / "enabled_plugins").write_text("[].\n")
        self._environment = {
            **os.environ,
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "HOME": str(self._home),
            "RABBITMQ_CONFIG_FILE": str(self._home / "rabbitmq"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(
                self._home / "enabled_plugins"
            ),
            "RABBITMQ_LOGS": str(self._home / "log"),
            "RABBITMQ_MNESIA_BASE": str(self._home / "mnesia"),
            "RABBITMQ_NODENAME": "steth@localhost",
            "RABBITMQ_PID_FILE": str(self._home / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none",
        }
        test.addCleanup(self._end)

    def start(self) -> None:
        """Start it, and return when it takes connections."""
        self._process = subprocess.Popen(
            self._host.command(f"{_RABBITMQ}/rabbitmq-server"),
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        wait_for(self._listens, "RabbitMQ listens", 90.0)

    def kill(self) -> None:
        """End it as a crash would."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def forget(self) -> None:
        """Lose all it kept, as a node that is set up anew."""
        shutil.rmtree(self._home / "mnesia")

    def control(self, *command: str) -> str:
        """Run rabbitmqctl(8)."""
        done = subprocess.run(
            self._host.command(f"{_RABBITMQ}/rabbitmqctl", "-q", *command),
            env=self._environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def consumers(self) -> dict[str, int]:
        """Return how many consume each queue."""
        listed = self.control(
            "list_queues", "--no-table-headers", "name", "consumers"
        )
        pairs = [line.split("\t") for line in listed.splitlines() if line]
        return {name: int(count) for name, count in pairs}

    def _listens(self) -> bool:
        shown = self._host.run("ss", "-Hltn", f"sport = :{BROKER_PORT}")
        return bool(shown.strip())

    def _end(self) -> None:
        self.kill()
        # Erlang's port mapper, which nobody ends.
        left = subprocess.run(
            ("ip", "netns", "pids", self._host.name),
            capture_output=True,
            text=True,
            check=True,
        )
        for number in left.stdout.split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(number), signal.SIGKILL)
