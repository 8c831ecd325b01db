# SPDX-License-Identifier: Apache-2.0
"""The commands of a cloud: ``python -m steth.lab cloud …``."""

import argparse
from collections.abc import Callable
import functools
import os
import time

from keystoneauth1 import exceptions as keystone
from openstack import exceptions as sdk

from steth.lab import errors
from steth.lab.cloud import actions
from steth.lab.cloud import cloud as cloud_module
from steth.lab.cloud import display
from steth.lab.cloud import layout
from steth.lab.cloud.faults import command as faults_command
from steth.lab.cloud.faults import injection
from steth.lab.cloud.instance import command as instance_command
from steth.lab.cloud.scenario import command as scenario_command
from steth.lab.cloud.traffic import command as traffic_command

#: What has commands of its own.
_GROUPS = (
    scenario_command,
    instance_command,
    traffic_command,
    faults_command,
)


def add_commands(
    parser: argparse.ArgumentParser, notify: Callable[[str], None]
) -> None:
    """Give the command ``cloud`` its own commands.

    :param notify: is told what is being done
    """
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--directory",
        default=cloud_module.DEFAULT_DIRECTORY,
        metavar="<directory>",
        help="where the cloud keeps its state, one for each cloud "
        "(default: %(default)s)",
    )
    commands = parser.add_subparsers(required=True, metavar="<command>")

    def add(
        name: str, text: str, handler: actions.Handler
    ) -> argparse.ArgumentParser:
        one = commands.add_parser(
            name, parents=[common], help=text, description=text
        )
        one.set_defaults(handler=functools.partial(run, handler))
        return one

    def run(handler: actions.Handler, parsed: argparse.Namespace) -> int:
        cloud = cloud_module.Cloud(parsed.directory, notify)
        try:
            return handler(cloud, parsed)
        except (sdk.SDKException, keystone.ClientException) as error:
            raise errors.LabError(f"the cloud said: {error}") from error

    _add_life(add)
    for group in _GROUPS:
        group.add_commands(add)


def _add_life(add: actions.Add) -> None:
    add("prepare", "install and prepare what 'up' needs, once", _prepare)
    up = add("up", "start the cloud, or mend it", _up)
    default = layout.Shape()
    up.add_argument(
        "--computes",
        type=int,
        default=default.computes,
        metavar="<number>",
        help="how many compute nodes (default: %(default)s)",
    )
    up.add_argument(
        "--firewall",
        type=layout.Firewall,
        choices=list(layout.Firewall),
        default=default.firewall,
        help="what makes security groups (default: %(default)s)",
    )
    up.add_argument(
        "--dvr",
        action="store_true",
        help="with distributed routers: what has a floating IP leaves by its "
        "own compute",
    )
    up.add_argument(
        "--mechanism",
        type=layout.Mechanism,
        choices=list(layout.Mechanism),
        default=default.mechanism,
        help="what wires the instances (default: %(default)s)",
    )
    add("down", "remove the cloud, or what is left of one", _down)
    add("status", "show the cloud", _status)
    execute = add("exec", "run a command in a host", _exec)
    execute.add_argument("host", metavar="<host>")
    execute.add_argument(
        "argv", nargs=argparse.REMAINDER, metavar="<command> …"
    )


def _prepare(cloud: cloud_module.Cloud, parsed: argparse.Namespace) -> int:
    began = time.monotonic()
    changed = cloud.prepare()
    took = time.monotonic() - began
    print(f"{'prepared' if changed else 'it was there'}, {took:.1f} s")
    return 0


def _up(cloud: cloud_module.Cloud, parsed: argparse.Namespace) -> int:
    began = time.monotonic()
    shape = layout.Shape(
        computes=parsed.computes,
        firewall=parsed.firewall,
        dvr=parsed.dvr,
        mechanism=parsed.mechanism,
    )
    changed = cloud.up(shape)
    for one in injection.Faults(cloud).heal():
        print(f"healed: {one}")
        changed = True
    print("\n".join(display.status(cloud.status())))
    took = time.monotonic() - began
    print(f"{'up' if changed else 'it was up already'}, {took:.1f} s")
    return 0


def _down(cloud: cloud_module.Cloud, parsed: argparse.Namespace) -> int:
    found = cloud.down()
    print("removed" if found else f"there was no cloud in {cloud.directory}")
    return 0


def _status(cloud: cloud_module.Cloud, parsed: argparse.Namespace) -> int:
    print("\n".join(display.status(cloud.status())))
    return 0


def _exec(cloud: cloud_module.Cloud, parsed: argparse.Namespace) -> int:
    if not parsed.argv:
        raise errors.LabError(
            f"give a command to run in {parsed.host}, such as 'bash'"
        )
    argv = cloud.command(parsed.host, parsed.argv)
    os.execvp(argv[0], argv)  # noqa: S606
