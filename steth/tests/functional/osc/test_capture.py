# SPDX-License-Identifier: Apache-2.0
"""``openstack steth capture``, read by Wireshark's tools."""

import collections
from collections.abc import Iterator
from concurrent import futures
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from typing import Any

from steth.lab import agents
from steth.model import report
from steth.tests.functional import needs
from steth.tests.functional.controller import cases

HOSTS = ("compute1", "compute2", "compute3")
NETNS = "qdhcp-test"
#: compute2 and compute3 on the network tunnel.
TARGETS = ("10.77.1.12", "10.77.1.13")
_DURATION = "2"
_AHEAD = 5
#: In milliseconds: more than clocks may differ after they were compared on a
#: machine that has much else to do.
_ON_ITS_WAY = 400
#: When the agents end it by themselves, in seconds.
_LEASE = 30.0
_PID = "/run/steth/capture-test.pid"

#: A tcpdump whose host's clock is ahead: no kernel has one for each lab host.
_SKEWED = f"""#!/usr/bin/python3 -ISu
import os, signal, struct, subprocess, sys
real = subprocess.Popen(
    [os.path.dirname(__file__) + "/real/tcpdump", *sys.argv[1:]],
    stdout=subprocess.PIPE,
)
signal.signal(signal.SIGINT, lambda *_: real.send_signal(signal.SIGINT))
read, write = real.stdout.read, sys.stdout.buffer.write
write(read(24))
while header := read(16):
    seconds, part, kept, length = struct.unpack("=IIII", header)
    write(struct.pack("=IIII", seconds + {_AHEAD}, part, kept, length))
    write(read(kept))
sys.exit(real.wait())
"""


class CaptureTestCase(cases.LabTestCase):
    """Three hosts, two of which are pinged by the first."""

    @classmethod
    def setUpClass(cls) -> None:
        needs.root()
        needs.programs("tcpdump", "tshark", "capinfos", "ping")
        super().setUpClass()
        for command in (
            f"netns add {NETNS}",
            f"-n {NETNS} link set lo up",
        ):
            cls.lab.exec("compute2", ["ip", *command.split()])

    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory(prefix="steth-test-")
        self.addCleanup(directory.cleanup)
        self.path = pathlib.Path(directory.name) / "merged.pcapng"

    @contextlib.contextmanager
    def pinging(self, *options: str) -> Iterator[None]:
        """Have compute1 ping the others as long as the context lasts."""
        with contextlib.ExitStack() as stack:
            for address in TARGETS:
                process = subprocess.Popen(
                    self.lab.command(
                        "compute1",
                        ["ping", "-q", "-i", "0.05", *options, address],
                    ),
                    stdout=subprocess.DEVNULL,
                    start_new_session=True,
                )
                stack.callback(process.wait, 10)
                stack.callback(os.killpg, process.pid, signal.SIGKILL)
            yield

    @contextlib.contextmanager
    def pinging_inside(self) -> Iterator[None]:
        """Have the namespace on compute2 ping itself."""
        with subprocess.Popen(
            self.lab.command(
                "compute2",
                [
                    *("ip", "netns", "exec", NETNS, "ping", "-q"),
                    *("-i", "0.1", "-w", "60", "127.0.0.1"),
                ],
            ),
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        ) as process:
            try:
                yield
            finally:
                os.killpg(process.pid, signal.SIGKILL)

    def capture(
        self, *arguments: str, path: pathlib.Path | None = None
    ) -> tuple[int, list[dict[str, Any]], str]:
        """Return the exit code, the rows and what was said besides."""
        done = self.steth(
            *("capture", *arguments, "--duration", _DURATION, "-f", "json"),
            *("--write", str(path or self.path)),
        )
        rows = json.loads(done.stdout) if done.stdout else []
        return done.returncode, rows, done.stderr

    def tshark(
        self, *fields: str, path: pathlib.Path | None = None
    ) -> list[list[str]]:
        """Return fields of all packets."""
        chosen = [option for one in fields for option in ("-e", one)]
        read = _run("tshark", "-r", path or self.path, "-T", "fields", *chosen)
        return [line.split("\t") for line in read.splitlines()]

    def assert_merged(
        self, rows: list[dict[str, Any]], path: pathlib.Path | None = None
    ) -> None:
        """Wireshark's tools see what the table tells."""
        told = _run("capinfos", path or self.path)
        self.assertIn("Strict time order:   True", told)
        self.assertEqual(
            [one["Point"] for one in rows], re.findall(r"Name = (.*)", told)
        )
        self.assertEqual(
            [one["Packets"] for one in rows],
            [
                int(one)
                for one in re.findall(
                    r"Number of packets = (\d+)", told.partition("#0")[2]
                )
            ],
        )
        # Each has its statistics.
        self.assertEqual(
            {"1"}, set(re.findall(r"Number of stat entries = (\d+)", told))
        )
        counts = collections.Counter(
            name for (name,) in self.tshark("frame.interface_name", path=path)
        )
        self.assertEqual(
            {one["Point"]: one["Packets"] for one in rows if one["Packets"]},
            counts,
        )

    def test_two_operators_and_both_transports(self) -> None:
        paths = {
            way: self.path.with_name(f"{way}.pcapng")
            for way in ("bus", "direct")
        }
        with self.pinging(), futures.ThreadPoolExecutor(2) as pool:
            running = {
                way: pool.submit(
                    self.capture,
                    *(f"{host}:eth1" for host in HOSTS),
                    *("--filter", "icmp", "--transport", way),
                    path=path,
                )
                for way, path in paths.items()
            }
        for way, one in running.items():
            code, rows, said = one.result()
            self.assertEqual((0, ""), (code, said))
            self.assert_merged(rows, paths[way])
            first, *others = (row["Packets"] for row in rows)
            for packets in others:
                self.assertGreater(packets, 40)
            # It sees all of the others' packets, but at the edges.
            self.assertAlmostEqual(sum(others), first, delta=first // 3)

    def test_the_way_that_packets_take(self) -> None:
        """To the client, over 9698 if that can be reached."""
        for way, expected in (("auto", True), ("bus", False)):
            _, rows, said = self.capture(
                *("compute1:eth0", "--filter", "tcp port 9698"),
                *("--transport", way),
            )
            self.assertEqual("", said)
            self.assertEqual(expected, rows[0]["Packets"] > 0)

    def test_points_where_nothing_can_be_captured(self) -> None:
        program = str(shutil.which("tcpdump"))
        self.inside("compute3", "mount", "--bind", "/dev/null", program)
        try:
            with self.pinging(), self.pinging_inside():
                code, rows, _ = self.capture(
                    "compute1:eth1",
                    "compute2:eth9",
                    f"compute2:any@{NETNS}",
                    "compute2:eth1@qdhcp-none",
                    "compute3:eth1",
                    "--filter",
                    "icmp",
                )
        finally:
            self.inside("compute3", "umount", program)
        self.assertEqual(report.ExitCode.INCONCLUSIVE, code)
        self.assertEqual(
            ["captured", "failed", "captured", "failed", "failed"],
            [one["Status"] for one in rows],
        )
        for row, said in zip(
            (rows[1], *rows[3:]),
            ("eth9: No such device exists", "/run/netns/qdhcp-none: No such",
             "tcpdump is not installed on this host"),
            strict=True,
        ):  # fmt: skip
            self.assertIn(said, row["Detail"])
        self.assert_merged([rows[0], rows[2]])
        self.assertGreater(rows[0]["Packets"], 80)
        self.assertGreater(rows[2]["Packets"], 20)
        # What the namespace sends to itself is seen there and nowhere else.
        self.assertEqual(
            {(f"compute2:any@{NETNS}", "127.0.0.1")},
            {
                (name, address)
                for name, address in self.tshark(
                    "frame.interface_name", "ip.src"
                )
                if NETNS in name or address == "127.0.0.1"
            },
        )

    def test_a_bad_filter(self) -> None:
        code, rows, said = self.capture(
            "compute1:eth1", "compute2:eth1", "--filter", "icmp and and"
        )
        self.assertEqual((report.ExitCode.FAILED, []), (code, rows))
        self.assertIn("can't parse filter expression: syntax error", said)
        self.assertFalse(self.path.exists())

    def test_beyond_the_size(self) -> None:
        with self.pinging("-s", "8000", "-i", "0.005"):
            code, rows, _ = self.capture("compute1:eth1", "--size", "1")
        (row,) = rows
        self.assertEqual(report.ExitCode.INCONCLUSIVE, code)
        self.assertEqual("incomplete", row["Status"])
        self.assertLess(row["Bytes"], 1 << 20)
        self.assertGreater(row["Lost Bound"], 50)
        self.assertGreater(row["Lost Bound Bytes"], 50 * 8000)
        self.assertIn("--size", row["Detail"])
        self.assert_merged(rows)

    def test_the_disk_is_full(self) -> None:
        disk = str(self.path.parent)
        self.inside("controller", "mkdir", "-p", disk)
        mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", disk]
        self.inside("controller", *mount)
        try:
            with self.pinging("-s", "8000", "-i", "0.005"):
                code, rows, said = self.capture("compute1:eth1")
            content = subprocess.run(
                self.lab.command("controller", ["cat", str(self.path)]),
                capture_output=True,
                check=True,
            ).stdout
            left = self.inside("controller", "ls", "-A", disk).split()
        finally:
            self.inside("controller", "umount", disk)
        self.assertEqual(report.ExitCode.FAILED, code)
        self.assertIn("No space left on device", said)
        self.assertEqual([self.path.name], left)
        self.path.write_bytes(content)
        packets = self.tshark("frame.number")
        self.assertGreater(len(packets), 40)
        self.assertEqual(rows[0]["Packets"], len(packets))
        self.assertEqual("", self.inside("compute1", "sh", "-c", _TCPDUMPS))

    def test_interrupted(self) -> None:
        with self.pinging(), self._capturing() as process:
            self._kill("INT")
            out, said = process.communicate(timeout=30)
        self.assertEqual((0, ""), (process.returncode, said))
        self.assert_merged(json.loads(out))
        self.assertEqual("", self._tcpdumps())

    def test_the_client_is_killed(self) -> None:
        """The lease ends it, and nothing is left on the hosts."""
        with self._capturing() as process:
            self._kill("KILL")
            process.communicate(timeout=30)
        began = time.monotonic()
        cases.wait_for(
            lambda: not self._tcpdumps(), "tcpdump ends", _LEASE + 30
        )
        self.assertLess(time.monotonic() - began, _LEASE + 5)
        for host in HOSTS:
            # Neither a socket that listens to packets.
            self.assertEqual("", self.inside(host, "ss", "-H0np"))

    @contextlib.contextmanager
    def _capturing(self) -> Iterator["subprocess.Popen[str]"]:
        """Begin a long capture that can be signalled."""
        program = str(pathlib.Path(sys.executable).with_name("openstack"))
        points = " ".join(f"{host}:eth1" for host in HOSTS)
        script = (
            # Who runs tests in the background has Ctrl-C ignored.
            f"echo $$ >{_PID}; exec env --default-signal=INT "
            f"{program} steth capture {points} --filter icmp "
            f"--duration 600 -f json --write {self.path}"
        )
        with subprocess.Popen(
            self.lab.command("controller", ["sh", "-c", script]),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                cases.wait_for(
                    lambda: len(self._tcpdumps().split()) == len(HOSTS),
                    "tcpdump runs",
                )
                yield process
            finally:
                if process.poll() is None:
                    self._kill("KILL")

    def _kill(self, name: str) -> None:
        self.inside("controller", "sh", "-c", f"kill -{name} $(cat {_PID})")

    def _tcpdumps(self) -> str:
        return "".join(
            self.inside(host, "sh", "-c", _TCPDUMPS) for host in HOSTS
        )

    def test_a_clock_that_is_off(self) -> None:
        """A packet that is long on its way is sent before it arrives."""
        needs.programs("faketime")
        self.lab.fault(
            "latency", hosts=["compute1"], network="tunnel", value=_ON_ITS_WAY
        )
        try:
            with self._skewed("compute2"), self.pinging():
                code, rows, _ = self.capture(
                    *("compute1:eth1", "compute2:eth1", "--filter", "icmp"),
                    *("--transport", "direct"),
                )
        finally:
            self.lab.heal()
        self.assertEqual(0, code, rows)
        # Less than either clock can be off: else the order proves nothing.
        for row in rows:
            self.assertLess(2000 * row["Clock Error"], _ON_ITS_WAY)
        self.assertAlmostEqual(
            _AHEAD, rows[1]["Clock Offset"], delta=rows[1]["Clock Error"]
        )
        self.assert_merged(rows)
        times: dict[str, dict[tuple[str, str], float]] = (
            collections.defaultdict(dict)
        )
        for name, kind, number, address, when in self.tshark(
            *("frame.interface_name", "icmp.type", "icmp.seq", "ip.addr"),
            "frame.time_epoch",
        ):
            if TARGETS[0] in address:
                times[number][name.partition(":")[0], kind] = float(when)
        request, reply = "8", "0"
        whole = [one for one in times.values() if len(one) == 4]
        self.assertGreater(len(whole), 15)
        off = sum(row["Clock Error"] for row in rows)
        for one in whole:
            sent, arrived = one["compute1", request], one["compute2", request]
            self.assertLess(sent, arrived)
            # Only the way there takes long: the answer comes at once, and
            # either clock may be off.
            self.assertLess(arrived, one["compute1", reply] + off)
            self.assertLessEqual(arrived, one["compute2", reply])

    @contextlib.contextmanager
    def _skewed(self, host: str) -> Iterator[None]:
        """Put the clock ahead, of the agent and in what tcpdump writes."""
        (library,) = pathlib.Path("/usr/lib").glob(
            "*/faketime/libfaketime.so.1"
        )
        program = str(shutil.which("tcpdump"))
        directory = self.path.parent
        directory.chmod(0o755)
        (directory / "real").mkdir()
        shutil.copy(program, directory / "real" / "tcpdump")
        skewed = directory / "tcpdump"
        skewed.write_text(_SKEWED)
        skewed.chmod(0o755)
        self.lab.stop_agent(host)
        self.inside(host, "mount", "--bind", str(directory), "/usr/local/sbin")
        try:
            with self.lab._changing() as (_, inits):
                init = {host: inits[host]}
                self.lab._agents._service.start(
                    init[host],
                    agents.ARGV,
                    {
                        "LD_PRELOAD": str(library),
                        "FAKETIME": f"+{_AHEAD}s",
                        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                    },
                )
                self.lab._agents.await_ready(init)
            yield
        finally:
            self.lab.stop_agent(host)
            self.inside(host, "umount", "/usr/local/sbin")
            self.lab.start_agent(host)


#: Prints the process ids of all tcpdumps of a host.
_TCPDUMPS = "ps -C tcpdump -o pid= || true"


def _run(*command: str | pathlib.Path) -> str:
    return subprocess.run(
        command, capture_output=True, text=True, check=True
    ).stdout
