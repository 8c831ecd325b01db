# SPDX-License-Identifier: Apache-2.0
"""``openstack steth packet``: what is sent arrives as it was meant."""

import json
import struct
import subprocess
import sys
import tempfile
from typing import Any

from steth.model import report
from steth.tests.functional.controller import cases

NETNS = "qrouter-test"
#: Prints one datagram, or one frame of the local experimental EtherType.
_DATAGRAM = """
import socket
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("", 7777))
sock.settimeout(20)
print("ready", flush=True)
print(sock.recvfrom(100))
"""
_FRAME = """
import socket
sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x88B5))
sock.bind(("eth1", 0x88B5))
sock.settimeout(20)
print("ready", flush=True)
print(sock.recv(100)[12:].hex())
"""


class PacketTestCase(cases.LabTestCase):
    """Frames leave, and the other host's kernel takes them."""

    def send(self, *options: str) -> dict[str, Any]:
        done = self.steth("packet", "send", *options, "-f", "json")
        self.assertEqual(0, done.returncode, done.stderr)
        told: dict[str, Any] = json.loads(done.stdout)
        return told

    def listen(self, program: str) -> "subprocess.Popen[str]":
        """Start to listen on compute2."""
        listener = subprocess.Popen(
            self.lab.command("compute2", [sys.executable, "-c", program]),
            stdout=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(listener.communicate)
        self.addCleanup(listener.kill)
        assert listener.stdout is not None
        self.assertEqual("ready\n", listener.stdout.readline())
        return listener

    def heard(self, listener: "subprocess.Popen[str]") -> str:
        """Return what it printed."""
        printed, _ = listener.communicate(timeout=30)
        return printed.strip()

    def test_what_is_filled_in_is_right(self) -> None:
        listener = self.listen(_DATAGRAM)
        told = self.send(
            "compute1", "--interface", "eth1", "--protocol", "udp",
            "--destination", "10.77.1.12", "--destination-port", "7777",
            "--source-port", "1234", "--payload", "hello",
        )  # fmt: skip
        self.assertEqual((1, 0), (told["sent"], told["refused"]))
        self.assertEqual(
            {"source_mac", "destination_mac", "source"}, set(told["filled_in"])
        )
        self.assertEqual(
            "(b'hello', ('10.77.1.11', 1234))", self.heard(listener)
        )

    def test_file(self) -> None:
        listener = self.listen(_FRAME)
        frame = b"\xff" * 6 + b"\2\0\0\0\0\1\x88\xb5" + bytes(46)
        with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
            file.write(
                struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
                + struct.pack("<IIII", 0, 0, len(frame), len(frame))
                + frame
            )
            file.flush()
            told = self.send(
                *("compute1", "--interface", "eth1", "--file", file.name),
                *("--count", "3", "--interval", "0.01"),
            )
        self.assertEqual(3, told["sent"])
        self.assertEqual(frame[12:].hex(), self.heard(listener))

    def test_in_a_namespace(self) -> None:
        for command in (
            f"netns add {NETNS}",
            f"link add qg-2 type veth peer name qg-1 netns {NETNS}",
            "link set qg-2 up",
            "address add 198.51.100.2/24 dev qg-2",
            f"-n {NETNS} address add 198.51.100.1/24 dev qg-1",
            f"-n {NETNS} link set qg-1 up",
        ):
            self.inside("compute2", "ip", *command.split())
        listener = self.listen(_DATAGRAM)
        self.send(
            "compute2", "--interface", "qg-1", "--netns", NETNS,
            "--protocol", "udp", "--destination", "198.51.100.2",
            "--destination-port", "7777",
        )  # fmt: skip
        self.assertEqual(
            "(b'', ('198.51.100.1', 49152))", self.heard(listener)
        )

    def test_dry_run(self) -> None:
        done = self.steth(
            "packet", "send", "compute1", "--interface", "eth0",
            "--protocol", "dhcp", "--vlan", "7", "--dry-run", "-f", "json",
        )  # fmt: skip
        self.assertRegex(
            done.stderr,
            "^compute1 eth0: .* > ff:ff:ff:ff:ff:ff, VLAN 7: .*DHCP Discover",
        )
        self.assertEqual(0, json.loads(done.stdout)["sent"])

    def test_dry_run_sends_nothing(self) -> None:
        self.inside("compute1", "ip", "neighbour", "flush", "dev", "eth1")
        done = self.steth(
            "packet", "send", "compute1", "--interface", "eth1",
            "--protocol", "icmp", "--destination", "10.77.1.99", "--dry-run",
            "-f", "json",
        )  # fmt: skip
        self.assertIn("> MAC of 10.77.1.99: IP / ICMP", done.stderr)
        self.assertEqual("10.77.1.99", json.loads(done.stdout)["to_look_up"])
        asked = self.inside(
            "compute1", "ip", "neighbour", "show", "dev", "eth1"
        )
        self.assertNotIn("10.77.1.99", asked)

    def test_mistakes(self) -> None:
        udp = (
            *("compute1", "--interface", "eth0", "--protocol", "udp"),
            *("--destination-port", "7", "--destination"),
        )
        for options, said in (
            ((*udp, "10.77.0.99"), "--destination-mac: 10.77.0.99 does not"),
            ((*udp, "10.77.0.12", "--icmp-type", "8"), "--icmp-type: does"),
            ((*udp, "10.77.0.12", "--netns", "x"), "there are: none"),
        ):
            done = self.steth("packet", "send", *options)
            self.assertEqual(report.ExitCode.FAILED, done.returncode)
            self.assertIn(said, done.stderr)
            self.assertEqual("", done.stdout)

    def test_refused(self) -> None:
        done = self.steth(
            "packet", "send", "compute1", "--interface", "eth0",
            "--ethertype", "0x88b5", "--payload-hex", "00" * 2000,
        )  # fmt: skip
        self.assertEqual(report.ExitCode.FAULT_FOUND, done.returncode)
        self.assertIn("Message too long", done.stdout)
