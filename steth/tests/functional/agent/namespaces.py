# SPDX-License-Identifier: Apache-2.0
"""Hosts for one test: network namespaces joined by veths and switches."""

import itertools
import os
import subprocess
import sys
import unittest

_numbers = itertools.count(1)


class Host:
    """A network namespace that is gone when its test is."""

    def __init__(self, test: unittest.TestCase) -> None:
        self.name = f"steth-test-{os.getpid()}-{next(_numbers)}"
        _run("ip", "netns", "add", self.name)
        test.addCleanup(_run, "ip", "netns", "del", self.name)
        self.ip("link", "set", "lo", "up")
        # Addresses are there at once, without duplicate detection.
        self.sysctl("net.ipv6.conf.default.accept_dad", 0)
        self.sysctl("net.ipv6.conf.default.dad_transmits", 0)

    def ip(self, *arguments: str) -> None:
        """Run ip(8) on the host."""
        _run("ip", "-n", self.name, *arguments)

    def run(self, *command: str, given: str | None = None) -> str:
        """Run a command on the host and return what it prints."""
        return _run(*self.command(*command), given=given)

    def processes(self) -> list[int]:
        """Return the ids of the processes on the host."""
        return [
            int(one) for one in _run("ip", "netns", "pids", self.name).split()
        ]

    def command(self, *command: str) -> tuple[str, ...]:
        """Return the command that runs one on the host."""
        return ("ip", "netns", "exec", self.name, *command)

    def sysctl(self, name: str, value: int) -> None:
        """Set a kernel setting of the host's network."""
        self.run("sysctl", "-q", "-w", f"{name}={value}")

    def filter(self, *rules: str, hook: str, family: str = "inet") -> None:
        """Add a chain of nftables rules for one hook.

        :param hook: what follows ``type filter hook``, a name of a hook and,
            for the family netdev, the device
        """
        name = f"chain{next(_numbers)}"
        lines = "\n".join(rules)
        self.run(
            "nft",
            "-f",
            "-",
            given=f"""
            table {family} steth_test {{
              chain {name} {{
                type filter hook {hook} priority 0; policy accept;
                {lines}
              }}
            }}""",
        )

    def python(self, module: str, *arguments: str) -> tuple[str, ...]:
        """Return the command that runs a module of ours on the host."""
        return self.command(
            sys.executable, "-W", "ignore", "-m", module, *arguments
        )


def cable(
    one: Host, device: str, other: Host, other_device: str, mtu: int = 1500
) -> None:
    """Join two hosts by a veth."""
    one.ip(
        "link",
        "add",
        device,
        "mtu",
        str(mtu),
        "type",
        "veth",
        "peer",
        "name",
        other_device,
        "mtu",
        str(mtu),
        "netns",
        other.name,
    )
    one.ip("link", "set", device, "up")
    other.ip("link", "set", other_device, "up")


def _run(*command: str, given: str | None = None) -> str:
    done = subprocess.run(
        command, input=given, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise AssertionError(f"{' '.join(command)}: {done.stderr}")
    return done.stdout
