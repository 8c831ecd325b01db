# SPDX-License-Identifier: Apache-2.0
"""Putting faults in and taking them back."""

from collections.abc import Callable
from collections.abc import Mapping
import sys

import msgspec

from steth.lab import agents
from steth.lab import broker
from steth.lab import commands
from steth.lab import deadline
from steth.lab import delay
from steth.lab import dhcp
from steth.lab import errors
from steth.lab import faults
from steth.lab import layout
from steth.lab import namespace
from steth.lab import processes
from steth.lab import services
from steth.lab import state
from steth.lab import target as target_module

_TIMEOUT = 20.0
_TOOLS = {
    faults.Tool.IP: ["ip", "-batch", "-"],
    faults.Tool.NFT: ["nft", "-f", "-"],
    faults.Tool.SYSCTL: ["sysctl", "-q", "-p", "-"],
    faults.Tool.TC: ["tc", "-batch", "-"],
}


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """A step at one place, with its scripts filled in."""

    place: str
    tool: faults.Tool
    inject: str
    heal: str


def actions(
    target: target_module.Target,
    shape: layout.Shape,
    pids: Mapping[str, int],
) -> list[Action]:
    """Return what is to be done where.

    :param pids: the first process of each host, by name
    """
    done = []
    for step in target.fault.steps:
        for place, host in _places(step.place, target, shape):
            fields = target.fields(pids, host)
            done.append(
                Action(
                    place=place,
                    tool=step.tool,
                    inject=step.inject.format_map(fields),
                    heal=step.heal.format_map(fields),
                )
            )
    return done


def record(
    target: target_module.Target, done: list[Action]
) -> state.Injection:
    """Return what is kept of a fault: above all how to take it back."""
    scope = target.fault.scope
    on_network = scope in (faults.Scope.NETWORK, faults.Scope.GROUP)
    return state.Injection(
        fault=target.fault.name,
        hosts=tuple(one.name for one in target.group),
        peer=target.peer.name if target.peer else None,
        network=target.network.name if on_network else None,
        value=target.value,
        undo=tuple(
            state.Undo(place=one.place, tool=one.tool, script=one.heal)
            for one in reversed(done)
            if one.heal
        ),
    )


def touches_bus(found: state.Injection) -> bool:
    """Return whether a fault may have thrown agents off the bus."""
    return found.network in (None, layout.MANAGEMENT.name)


def _places(
    place: faults.Place,
    target: target_module.Target,
    shape: layout.Shape,
) -> list[tuple[str, layout.Host]]:
    """Return the places of a step, each with the host that it is about."""
    if place is faults.Place.SWITCH:
        return [(layout.SWITCH, target.host)]
    if place is faults.Place.GROUP:
        return [(layout.SWITCH, one) for one in target.group]
    if place is faults.Place.EVERYWHERE:
        return [
            (one.name, one)
            for one in layout.hosts(shape)
            if target.network in one.networks
        ]
    return [(target.host.name, target.host)]


class Injector:
    """Does the steps of faults in one lab.

    :param inits: the first process of each host, by name
    :param mark: what marks the lab's processes
    :param start_broker: starts the broker and waits for it
    """

    def __init__(
        self,
        inits: Mapping[str, processes.Process],
        mark: Mapping[str, str],
        start_broker: Callable[[], None],
    ) -> None:
        self._inits = inits
        self._mark = mark
        self._start_broker = start_broker

    def inject(self, actions: list[Action]) -> None:
        """Do the steps in their order.

        :raises errors.LabError: at the first that fails
        """
        for one in actions:
            self._do(one.place, one.tool, one.inject)

    def heal(self, undo: tuple[state.Undo, ...]) -> list[str]:
        """Take steps back, all of them also where one fails.

        :returns: what failed
        """
        failed = []
        for one in undo:
            try:
                self._do(one.place, faults.Tool(one.tool), one.script)
            except errors.LabError as error:
                failed.append(str(error))
        return failed

    def _do(self, place: str, tool: faults.Tool, script: str) -> None:
        if not script:
            return
        if place not in self._inits:
            raise errors.LabError(f"{place} is not running: repair with 'up'")
        init = self._inits[place]
        if tool is faults.Tool.AGENT:
            self._agent(init, place, script)
        elif tool is faults.Tool.BROKER:
            self._broker(init, script)
        elif tool is faults.Tool.DELAY:
            self._delay(init, script)
        elif tool is faults.Tool.DHCP:
            dhcp.serve(init, self._mark, script)
        elif tool is faults.Tool.OVS:
            argv = ["timeout", f"{_TIMEOUT:.0f}", "sh", "-e"]
            commands.run(namespace.inside(init, argv), script, self._mark)
        else:
            argv = namespace.in_network(init, _TOOLS[tool])
            commands.run(argv, script, self._mark)

    def _agent(self, init: processes.Process, host: str, action: str) -> None:
        manager = agents.Agents(self._mark)
        if action == "kill":
            manager.kill(init)
        elif action == "freeze":
            manager.freeze(init)
        elif action == "thaw":
            manager.thaw(init)
        else:
            manager.start({host: init})
            manager.await_ready({host: init})

    def _broker(self, init: processes.Process, action: str) -> None:
        if action == "stop":
            broker.Broker(init, self._mark).stop()
        else:
            self._start_broker()

    def _delay(self, init: processes.Process, script: str) -> None:
        port, *rest = script.split()
        service = services.Service(f"delay-{port}", self._mark)
        if rest:
            argv = [sys.executable, "-m", "steth.lab.delay", port, *rest]
            service.clear_log(init)
            service.start(init, argv)
            if not deadline.until(
                lambda: delay.READY in service.last_words(init), _TIMEOUT
            ):
                raise errors.LabError(
                    f"the delay line did not start: {service.last_words(init)}"
                )
        else:
            service.kill(init)
