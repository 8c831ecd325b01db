# SPDX-License-Identifier: Apache-2.0

from collections.abc import Mapping
import contextlib
import io
import json
import pathlib
import tempfile
from typing import Any

from osc_lib import exceptions as osc_exceptions

from steth.controller import outcome
from steth.model import packet
from steth.osc.v1 import packet as commands
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests
from steth.tests.unit.osc import fakes

_UDP = (
    *("compute1", "--interface", "eth0", "--protocol", "udp"),
    *("--destination", "192.0.2.1", "--destination-port", "53"),
)


class _Fleet(fakes.Fleet):
    """Sends everything, or refuses."""

    def __init__(self) -> None:
        super().__init__(fakes.row("compute1"))
        self.asked: list[Any] = []
        self.refused = 0
        self.sought: str | None = None
        self.error: errors.OperationError | None = None

    def ask(
        self,
        operation: contract.Operation,
        asked: Mapping[str, requests.Request],
        *,
        seconds: float,
    ) -> Mapping[str, outcome.Outcome]:
        """Answer as the agent does."""
        (request,) = asked.values()
        self.asked.append(request)
        sent = packet.PacketsSent(
            frames=("a > b: UDP, 42 bytes",),
            packets=1,
            length=42,
            interval=0.2,
            filled={"source": "192.0.2.7"},
            sought=self.sought,
            sent=2 - self.refused,
            refused=self.refused,
            reason="Message too long" if self.refused else None,
        )
        data = None if self.error else sent
        return {
            "compute1": outcome.Outcome(
                host="compute1", data=data, error=self.error
            )
        }


class SendPacketTestCase(fakes.CommandTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.fleet: _Fleet = _Fleet()

    def send(self, *options: str) -> int:
        return self.run_command(commands.SendPacket, *options)

    def frame(self, *options: str) -> requests.Frame:
        self.send("compute1", "--interface", "eth0", *options)
        frame = self.fleet.asked[-1].frame
        assert isinstance(frame, requests.Frame)
        return frame

    def assert_said(self, said: str, *options: str) -> None:
        with self.assertRaises(osc_exceptions.CommandError) as caught:
            self.send(*options)
        self.assertEqual(said, str(caught.exception))

    def test_said_before_it_is_sent(self) -> None:
        self.assertEqual(0, self.send(*_UDP, "--count", "2", "-f", "json"))
        self.assertEqual(
            "compute1 eth0: a > b: UDP, 42 bytes; 2 times, 0.2 s apart\n",
            self.app.stderr.getvalue(),
        )
        self.assertEqual(
            [True, False], [one.dry_run for one in self.fleet.asked]
        )
        told = json.loads(self.output)
        self.assertEqual(
            (2, 0, {"source": "192.0.2.7"}),
            (told["sent"], told["refused"], told["filled_in"]),
        )

    def test_dry_run(self) -> None:
        self.send(*_UDP, "--dry-run", "--netns", "qrouter-1")
        (asked,) = self.fleet.asked
        self.assertEqual((True, "qrouter-1"), (asked.dry_run, asked.netns))
        self.assertIn("eth0@qrouter-1: ", self.app.stderr.getvalue())

    def test_a_mac_address_that_a_dry_run_does_not_know(self) -> None:
        self.fleet.sought = "192.0.2.1"
        self.send(*_UDP, "--dry-run", "-f", "json")
        self.assertEqual("192.0.2.1", json.loads(self.output)["to_look_up"])

    def test_refused(self) -> None:
        self.fleet.refused = 1
        self.assertEqual(3, self.send(*_UDP))
        self.assertIn("Message too long", self.output)

    def test_options(self) -> None:
        self.assertEqual(
            requests.Frame(
                protocol="tcp",
                source="192.0.2.9",
                destination="192.0.2.1",
                source_mac="02:00:00:00:00:0a",
                destination_mac="02:00:00:00:00:02",
                vlans=(
                    requests.VlanTag(id=100, priority=3),
                    requests.VlanTag(id=7),
                ),
                ttl=3,
                dscp=46,
                source_port=0,
                destination_port=80,
                tcp_flags="SA",
                payload=b"hi",
            ),
            self.frame(
                "--protocol", "tcp", "--source", "192.0.2.9",
                "--destination", "192.0.2.1", "--source-mac",
                "02:00:00:00:00:0A", "--destination-mac",
                "02:00:00:00:00:02", "--vlan", "100:3", "--vlan", "7",
                "--ttl", "3", "--dscp", "46", "--source-port", "0",
                "--destination-port", "80", "--tcp-flags", "SA",
                "--payload", "hi",
            ),
        )  # fmt: skip
        self.assertEqual(
            requests.Frame(ethertype=0x88B5, payload=b"\0\1"),
            self.frame("--ethertype", "0x88b5", "--payload-hex", "00 01"),
        )

    def test_file(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            file = pathlib.Path(directory, "x.pcap")
            options = ("compute1", "--interface", "eth0", "--file", str(file))
            self.assert_said(
                f"--file: {file}: No such file or directory", *options
            )
            file.write_bytes(b"content")
            self.send(*options)
            self.assertEqual(b"content", self.fleet.asked[-1].file)
            self.assert_said(
                "--vlan: does not go with --file", *options, "--vlan", "7"
            )
            file.write_bytes(bytes(requests.MAX_PACKET_FILE + 1))
            self.assert_said(
                f"--file: {file} is larger than the 512 KiB that are allowed",
                *options,
            )

    def test_what_contradicts(self) -> None:
        for options, said in (
            (
                (*_UDP, "--tcp-flags", "S"),
                "--tcp-flags: does not go with --protocol udp, only with tcp",
            ),
            (
                (*_UDP[:-2],),
                "--destination-port: --protocol udp needs it",
            ),
            (
                (*_UDP, "--vlan", "1", "--vlan", "2", "--vlan", "3"),
                "--vlan: more than two tags are not supported",
            ),
        ):
            self.assert_said(said, *options)
        self.assertEqual([], self.fleet.asked)

    def test_the_agent_refuses(self) -> None:
        self.fleet.error = errors.OperationError(
            errors.ErrorCode.BAD_ARGUMENT,
            "destination_mac: 192.0.2.1 does not resolve on eth0: give it",
        )
        self.assert_said(
            "compute1: --destination-mac: 192.0.2.1 does not resolve on "
            "eth0: give it",
            *_UDP,
        )

    def test_more_than_the_agent_sends(self) -> None:
        self.fleet.error = errors.OperationError(
            errors.ErrorCode.BAD_ARGUMENT,
            "interval: 600 seconds in all, at most 120 are allowed",
        )
        self.assert_said(
            "compute1: --interval: 600 seconds in all, at most 120 are "
            "allowed",
            *_UDP,
        )

    def test_wrong_usage(self) -> None:
        for options in (
            ("compute1", "--protocol", "dhcp"),
            ("compute1", "--interface", "eth0"),
            (*_UDP, "--ethertype", "0x88b5"),
            (*_UDP, "--vlan", "4095"),
            (*_UDP, "--vlan", "7:8"),
            (*_UDP, "--source-mac", "02:00"),
            (*_UDP, "--payload", "a", "--payload-hex", "00"),
            (*_UDP, "--payload-hex", "0"),
            (*_UDP, "--count", "10001"),
            ("compute1", "--interface", "eth0", "--ethertype", "80"),
            ("compute1", "--interface", "eth0", "--ethertype", "ip"),
            (*_UDP, "--tcp-flags", "X"),
            (*_UDP, "--netns", ""),
            ("compute1", "--interface", "", "--protocol", "dhcp"),
            ("compute1", "--interface", "eth0", "--file", ""),
        ):
            with (
                self.subTest(options=options),
                contextlib.redirect_stderr(io.StringIO()),
                self.assertRaises(SystemExit) as caught,
            ):
                self.send(*options)
            self.assertEqual(2, caught.exception.code)
