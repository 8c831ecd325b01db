# SPDX-License-Identifier: Apache-2.0
"""``openstack steth capture``"""

import argparse
import collections
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
import contextlib
import pathlib
import signal
import threading
from typing import Any

from osc_lib import exceptions as osc_exceptions
from osc_lib.command import command

from steth.controller import clock
from steth.controller.capture import file as capture_file
from steth.controller.capture import gather
from steth.controller.capture import points
from steth.controller.capture import stream
from steth.model import report
from steth.osc import arguments
from steth.osc import progress
from steth.osc import session
from steth.rpc import requests

_APPLICATION = "openstack steth capture"
_MIB = 1 << 20
_MAX_SECONDS = 3600.0

_TITLES = (
    "Point",
    "Status",
    "Packets",
    "Bytes",
    "Lost Kernel",
    "Lost Interface",
    "Lost Bound",
    "Lost Bound Bytes",
    "Clock Offset",
    "Clock Error",
    "Detail",
)
_SHOWN_TITLES = (
    "Point",
    "Packets",
    "Bytes",
    "Lost kernel/bound",
    "Clock offset",
    "Status",
)


class CapturePackets(command.Lister):
    """Capture packets at many points at once, into one file.

    tcpdump runs at every point; what it captures is merged into one pcapng
    file for Wireshark, with an interface for each point, in the order of
    time. Clocks of hosts that are off against the others' are corrected.

    It ends after --duration, with --packets at every point, or with Ctrl-C;
    what was captured by then is written. What goes beyond a bound is counted.

    The exit code is 0 when all was captured, 4 when something is missing,
    which the table says, 1 when the command itself failed, 2 for wrong usage.
    """

    auth_required = False

    _complete = False
    _problem: str | None = None

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Return the command's arguments."""
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument(
            "point",
            metavar="<host>:<interface>[@<netns>]",
            nargs="+",
            type=_point,
            help="Where to capture; the interface any stands for all of the "
            f"namespace (at most {requests.MAX_POINTS} on a host)",
        )
        parser.add_argument(
            "--write",
            metavar="<file>",
            required=True,
            type=_file,
            help="pcapng file to write; one that is there is overwritten",
        )
        parser.add_argument(
            "--filter",
            metavar="<expression>",
            default="",
            help="Capture only these packets, see pcap-filter(7)",
        )
        parser.add_argument(
            "--duration",
            metavar="<seconds>",
            type=arguments.seconds(0.1, _MAX_SECONDS),
            default=60.0,
            help=f"Seconds to capture for (0.1 to {_MAX_SECONDS:.0f}, "
            "default: 60)",
        )
        parser.add_argument(
            "--packets",
            metavar="<number>",
            type=arguments.whole_number(1, requests.MAX_CAPTURED_PACKETS),
            help="End at a point after so many packets",
        )
        parser.add_argument(
            "--size",
            metavar="<MiB>",
            type=arguments.whole_number(1, requests.MAX_CAPTURE_BYTES // _MIB),
            default=64,
            help="Keep so many MiB of each point, and count the packets "
            f"beyond that (1 to {requests.MAX_CAPTURE_BYTES // _MIB}, "
            "default: 64)",
        )
        parser.add_argument(
            "--snaplen",
            metavar="<bytes>",
            type=arguments.whole_number(14, requests.MAX_SNAPLEN),
            default=requests.MAX_SNAPLEN,
            help="Keep so many bytes of each packet (14 to "
            f"{requests.MAX_SNAPLEN}, default: all)",
        )
        arguments.add_transport(parser)
        return parser

    def run(self, parsed_args: argparse.Namespace) -> int:
        """Return whether all was captured, as an exit code."""
        failed: int = super().run(parsed_args)
        if failed:
            return failed
        if self._problem is not None:
            self.log.error("%s", self._problem)
            return int(report.ExitCode.FAILED)
        if self._complete:
            return int(report.ExitCode.HEALTHY)
        return int(report.ExitCode.INCONCLUSIVE)

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
        """Have the agents capture; return a row for each point."""
        _check(parsed_args.point)
        notes: list[str] = []
        found = self._capture(parsed_args, notes)
        for note in notes:
            self.log.warning("%s", note)
        refusals = {one.error for one in found if one.number is None}
        if len(refusals) == 1 and len(found) == sum(
            one.error is not None and one.number is None for one in found
        ):
            (said,) = refusals
            raise osc_exceptions.CommandError(f"nothing was captured: {said}")
        self._complete = all(one.remark is None for one in found)
        # Where columns are chosen, they are those of the machines.
        people = parsed_args.formatter == "table" and not (
            parsed_args.columns or parsed_args.sort_columns
        )
        if not people:
            return _TITLES, [_row(one) for one in found]
        return _SHOWN_TITLES, [_shown(one) for one in found]

    def _capture(
        self, parsed_args: argparse.Namespace, notes: list[str]
    ) -> list[stream.Stream]:
        conf = session.configuration(self.app)
        wait = gather.least_lease(
            parsed_args.timeout or conf.controller.timeout
        )
        wanted = gather.Wanted(
            points=tuple(parsed_args.point),
            filter=parsed_args.filter,
            seconds=parsed_args.duration,
            snaplen=parsed_args.snaplen,
            packets=parsed_args.packets,
            size=parsed_args.size * _MIB,
            lease=min(wait, requests.MAX_LEASE),
        )
        hosts = list(dict.fromkeys(one.host for one in wanted.points))
        with progress.Progress(self.app.stderr) as show:
            try:
                with capture_file.CaptureFile(
                    parsed_args.write, _APPLICATION
                ) as target:
                    show(f"looking for the agents on {', '.join(hosts)}")
                    with session.fleet(
                        self.app,
                        conf,
                        notes=notes,
                        hosts=hosts,
                        transport=parsed_args.transport,
                        timeout=parsed_args.timeout,
                    ) as fleet:
                        stopped = threading.Event()
                        one = gather.Gathering(
                            fleet, wanted, target, show, stopped
                        )
                        with _interrupting(stopped):
                            self._run(one)
                        return one.streams
            except capture_file.FileError as error:
                raise osc_exceptions.CommandError(str(error)) from None

    def _run(self, one: gather.Gathering) -> None:
        try:
            one.run()
        except capture_file.FileError as error:
            # What was captured until then is told all the same.
            self._problem = str(error)


@contextlib.contextmanager
def _interrupting(stopped: threading.Event) -> Iterator[None]:
    """Let Ctrl-C end the captures; another one ends the command at once.

    As does a terminal that is closed.
    """

    def handle(number: int, _: object) -> None:
        if stopped.is_set() and number != signal.SIGHUP:
            raise KeyboardInterrupt
        stopped.set()

    before = {
        number: signal.signal(number, handle)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        # As by nohup(1).
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _point(text: str) -> points.Point:
    try:
        return points.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _file(text: str) -> pathlib.Path:
    """Return a path; what would be one by accident is refused."""
    if text == "-":
        raise argparse.ArgumentTypeError(
            "the file is put into the order of time in the end, which "
            "standard output cannot be; for a file named -, write ./-"
        )
    return pathlib.Path(arguments.name(text))


def _check(wanted: Sequence[points.Point]) -> None:
    for point, often in collections.Counter(wanted).items():
        if often > 1:
            raise osc_exceptions.CommandError(f"{point.name} is given twice")
    for host, count in collections.Counter(one.host for one in wanted).items():
        if count > requests.MAX_POINTS:
            raise osc_exceptions.CommandError(
                f"{count} points on {host}: its agent captures at "
                f"{requests.MAX_POINTS} at most"
            )


def _status(one: stream.Stream) -> str:
    if one.number is None:
        return "failed"
    return "incomplete" if one.remark else "captured"


def _milliseconds(reading: clock.Reading) -> str:
    return f"{reading.offset * 1000:+.1f} ± {reading.error * 1000:.1f} ms"


def _row(one: stream.Stream) -> tuple[Any, ...]:
    """Return a row of plain values, for machines."""
    kernel = one.last.kernel
    return (
        one.point.name,
        _status(one),
        one.packets,
        one.bytes,
        kernel and kernel.dropped,
        kernel and kernel.interface_dropped,
        one.last.lost,
        one.last.lost_bytes,
        one.clock and round(one.clock.offset, 6),
        one.clock and round(one.clock.error, 6),
        one.remark,
    )


def _shown(one: stream.Stream) -> tuple[Any, ...]:
    """Return a row for people."""
    kernel = one.last.kernel
    status = _status(one)
    return (
        one.point.name,
        one.packets,
        one.bytes,
        f"{kernel.dropped if kernel else '-'} / {one.last.lost}",
        "-" if one.clock is None else _milliseconds(one.clock),
        f"{status}: {one.remark}" if one.remark else status,
    )
