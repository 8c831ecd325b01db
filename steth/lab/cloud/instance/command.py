# SPDX-License-Identifier: Apache-2.0
"""The commands ``cloud instance …``."""

import argparse
import os

from steth.lab import errors
from steth.lab.cloud import actions
from steth.lab.cloud import cloud as cloud_module
from steth.lab.cloud.instance import instances as instances_module
from steth.lab.cloud.scenario import inventory as inventory_module
from steth.lab.cloud.scenario import plan
from steth.lab.cloud.scenario import summary


def add_commands(add: actions.Add) -> None:
    """Add the command with its actions."""
    group = actions.Actions(
        add, "instance", "make, remove, move, switch and enter instances"
    )
    group.add("list", "show the instances", _list)

    def action(
        name: str, text: str, handler: actions.Handler
    ) -> argparse.ArgumentParser:
        one = group.add(name, text, handler)
        one.add_argument("name", metavar="<instance>")
        return one

    create = action("create", "make an instance", _create)
    create.add_argument(
        "--network",
        default=plan.VXLAN.name,
        metavar="<network>",
        help="where its port is (default: %(default)s)",
    )
    create.add_argument(
        "--host",
        default="compute1",
        metavar="<compute>",
        help="where it runs (default: %(default)s)",
    )
    create.add_argument(
        "--floating", action="store_true", help="with a floating IP"
    )
    action("delete", "remove an instance", _delete)
    move = action("move", "move an instance to another compute", _move)
    move.add_argument("host", metavar="<compute>")
    power = action("power", "switch an instance off or on", _power)
    power.add_argument("state", choices=["off", "on"])
    execute = action("exec", "run a command in an instance", _exec)
    execute.add_argument(
        "argv", nargs=argparse.REMAINDER, metavar="<command> …"
    )


def _instances(cloud: cloud_module.Cloud) -> instances_module.Instances:
    inventory = inventory_module.load(cloud.directory)
    return instances_module.Instances(cloud, inventory)


def _list(cloud: cloud_module.Cloud, parsed: argparse.Namespace) -> int:
    found = _instances(cloud)
    running = list(found.running())
    print("\n".join(summary.instances(found.inventory, running)))
    return 0


def _create(cloud: cloud_module.Cloud, parsed: argparse.Namespace) -> int:
    if not parsed.host.removeprefix("compute").isdigit():
        raise errors.LabError(
            f"{parsed.host} is no compute: they are compute1, compute2, …"
        )
    number = int(parsed.host.removeprefix("compute"))
    wanted = plan.Instance(
        name=parsed.name,
        network=parsed.network,
        compute=number,
        floating=parsed.floating,
    )
    with cloud.changing():
        _instances(cloud).create([wanted])
    return _list(cloud, parsed)


def _delete(cloud: cloud_module.Cloud, parsed: argparse.Namespace) -> int:
    with cloud.changing():
        _instances(cloud).delete(parsed.name)
    return 0


def _move(cloud: cloud_module.Cloud, parsed: argparse.Namespace) -> int:
    with cloud.changing():
        _instances(cloud).move(parsed.name, parsed.host)
    return _list(cloud, parsed)


def _power(cloud: cloud_module.Cloud, parsed: argparse.Namespace) -> int:
    with cloud.changing():
        found = _instances(cloud)
        if parsed.state == "on":
            found.power_on([parsed.name])
        else:
            found.power_off(parsed.name)
    return _list(cloud, parsed)


def _exec(cloud: cloud_module.Cloud, parsed: argparse.Namespace) -> int:
    if not parsed.argv:
        raise errors.LabError(
            f"give a command to run in {parsed.name}, such as 'ip address'"
        )
    argv = _instances(cloud).command(parsed.name, parsed.argv)
    os.execvp(argv[0], argv)  # noqa: S606
