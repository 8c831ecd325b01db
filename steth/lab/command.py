# SPDX-License-Identifier: Apache-2.0
"""The command line of the lab."""

import argparse
from collections.abc import Callable
from collections.abc import Sequence
import functools
import os
import sys
import time

from steth.lab import display
from steth.lab import errors
from steth.lab import lab as lab_module
from steth.lab import layout
from steth.lab.cloud import command as cloud_command
from steth.lab.kernel import command as kernel_command

_Handler = Callable[[argparse.Namespace], int]
_LabHandler = Callable[[lab_module.Lab, argparse.Namespace], int]

_DESCRIPTION = """\
Hosts on one machine, each in network, mount, UTS, IPC and PID namespaces of
its own, joined by a management, a tunnel and a storage network, with an
agent in each: to try Steth and to test it. It needs root, and leaves the
machine as it was when it is removed.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a lab command; return its exit code."""
    parsed = _parser().parse_args(arguments)
    handler: _Handler = parsed.handler
    try:
        return handler(parsed)
    except errors.LabError as error:
        print(f"steth.lab: error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "steth.lab: interrupted: 'up' goes on from here, 'down' removes "
            "what is there",
            file=sys.stderr,
        )
        return 130


def _on_lab(handler: _LabHandler, parsed: argparse.Namespace) -> int:
    return handler(lab_module.Lab(parsed.directory, _notify), parsed)


def _notify(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--directory",
        default=lab_module.DEFAULT_DIRECTORY,
        metavar="<directory>",
        help="where the lab keeps its state, one for each lab "
        "(default: %(default)s)",
    )
    parser = argparse.ArgumentParser(
        prog="python -m steth.lab", description=_DESCRIPTION
    )
    commands = parser.add_subparsers(required=True, metavar="<command>")

    def add(
        name: str, text: str, handler: _LabHandler
    ) -> argparse.ArgumentParser:
        one = commands.add_parser(
            name, parents=[common], help=text, description=text
        )
        one.set_defaults(handler=functools.partial(_on_lab, handler))
        return one

    up = add("up", "start the lab, or mend it", _up)
    up.add_argument(
        "--hosts",
        type=int,
        default=3,
        metavar="<number>",
        help="how many hosts with an agent (default: %(default)s)",
    )
    up.add_argument(
        "--broker",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="with RabbitMQ in the host 'controller'",
    )
    up.add_argument(
        "--tls",
        action="store_true",
        help="with TLS and client certificates on the direct listeners",
    )
    up.add_argument(
        "--trunk",
        action="store_true",
        help=f"with two more switches, which know VLANs, and "
        f"{layout.TRUNK_NIC} in each host as a trunk; needs Open vSwitch",
    )
    up.add_argument(
        "--gateway",
        action="store_true",
        help=f"with one more machine, {layout.GATEWAY}, the gateway of every "
        f"network",
    )
    up.add_argument(
        "--no-agents",
        dest="agents",
        action="store_false",
        help="hosts and networks only",
    )
    add("down", "remove the lab, or what is left of one", _down)
    add("status", "show the lab", _status)
    execute = add("exec", "run a command in a host", _exec)
    execute.add_argument("host", metavar="<host>")
    execute.add_argument(
        "argv", nargs=argparse.REMAINDER, metavar="<command> …"
    )
    agent = add("agent", "stop or start the agent of a host", _agent)
    agent.add_argument("action", choices=["stop", "start"])
    agent.add_argument("host", metavar="<host>")
    broker = add("broker", "stop, start or kill the broker", _broker)
    broker.add_argument("action", choices=["stop", "start", "kill"])
    fault = add("fault", "put a fault into the lab", _fault)
    fault.add_argument("name", nargs="?", metavar="<fault>")
    fault.add_argument(
        "--list", action="store_true", help="show all faults and end"
    )
    fault.add_argument(
        "--host",
        action="append",
        default=[],
        metavar="<host>",
        help="where (default: the last host); may be repeated for a split",
    )
    fault.add_argument(
        "--peer", metavar="<host>", help="the other host that is part of it"
    )
    fault.add_argument(
        "--network",
        metavar="<network>",
        help=f"{', '.join(one.name for one in layout.NETWORKS)} "
        f"(default: {layout.TUNNEL.name})",
    )
    fault.add_argument(
        "--value", type=int, metavar="<number>", help="how much of it"
    )
    heal = add("heal", "take faults back", _heal)
    heal.add_argument(
        "name", nargs="?", metavar="<fault>", help="default: all of them"
    )
    kernel_command.add(
        commands.add_parser(
            "kernel", help="run a command in a machine with Debian's kernel"
        )
    )
    text = "a real OpenStack network cloud on such hosts"
    cloud_command.add_commands(
        commands.add_parser("cloud", help=text, description=text), _notify
    )
    return parser


def _up(lab: lab_module.Lab, parsed: argparse.Namespace) -> int:
    began = time.monotonic()
    changed = lab.up(
        parsed.hosts,
        broker=parsed.broker,
        tls=parsed.tls,
        trunk=parsed.trunk,
        gateway=parsed.gateway,
        agents=parsed.agents,
    )
    print("\n".join(display.status(lab.status())))
    took = time.monotonic() - began
    print(f"{'up' if changed else 'it was up already'}, {took:.1f} s")
    return 0


def _down(lab: lab_module.Lab, parsed: argparse.Namespace) -> int:
    found = lab.down()
    print("removed" if found else f"there was no lab in {lab.directory}")
    return 0


def _status(lab: lab_module.Lab, parsed: argparse.Namespace) -> int:
    print("\n".join(display.status(lab.status())))
    return 0


def _exec(lab: lab_module.Lab, parsed: argparse.Namespace) -> int:
    if not parsed.argv:
        raise errors.LabError(
            f"give a command to run in {parsed.host}, such as 'bash'"
        )
    argv = lab.command(parsed.host, parsed.argv)
    os.execvp(argv[0], argv)  # noqa: S606


def _agent(lab: lab_module.Lab, parsed: argparse.Namespace) -> int:
    if parsed.action == "start":
        lab.start_agent(parsed.host)
    elif not lab.stop_agent(parsed.host):
        _notify(f"the agent of {parsed.host} did not end and was killed")
    return 0


def _broker(lab: lab_module.Lab, parsed: argparse.Namespace) -> int:
    actions = {
        "start": lab.start_broker,
        "stop": lab.stop_broker,
        "kill": lab.kill_broker,
    }
    actions[parsed.action]()
    return 0


def _fault(lab: lab_module.Lab, parsed: argparse.Namespace) -> int:
    if parsed.list:
        print("\n".join(display.faults()))
        return 0
    if not parsed.name:
        raise errors.LabError(
            "give a fault; 'fault --list' tells which there are"
        )
    record = lab.fault(
        parsed.name,
        hosts=parsed.host,
        peer=parsed.peer,
        network=parsed.network,
        value=parsed.value,
    )
    print(f"injected: {record}")
    return 0


def _heal(lab: lab_module.Lab, parsed: argparse.Namespace) -> int:
    for one in lab.heal(parsed.name):
        print(f"healed: {one}")
    return 0
