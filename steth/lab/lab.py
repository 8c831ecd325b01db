# SPDX-License-Identifier: Apache-2.0
"""A lab: what the command line and the tests do with one."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
import contextlib
import pathlib
import secrets

from steth.lab import agents as agents_module
from steth.lab import broker as broker_module
from steth.lab import certificates
from steth.lab import commands
from steth.lab import construction
from steth.lab import errors
from steth.lab import injection
from steth.lab import layout
from steth.lab import limits
from steth.lab import namespace
from steth.lab import processes
from steth.lab import services
from steth.lab import state as state_module
from steth.lab import status as status_module
from steth.lab import switch
from steth.lab import target as target_module
from steth.lab import testbed
from steth.lab import trunk as trunk_module

DEFAULT_DIRECTORY = pathlib.Path("/run/steth-lab")


class Lab(testbed.Testbed):
    """A lab, by the directory that holds its state.

    Its methods raise ``errors.LabError`` with a message for a person.

    :param notify: is told what is being done
    """

    def __init__(
        self,
        directory: pathlib.Path | str = DEFAULT_DIRECTORY,
        notify: Callable[[str], None] = lambda text: None,
    ) -> None:
        super().__init__(directory, notify)
        self._hosts = namespace.Hosts(self.directory)
        self._agents = agents_module.Agents(self._hosts.mark)

    def up(
        self,
        hosts: int = 3,
        *,
        broker: bool = False,
        tls: bool = False,
        trunk: bool = False,
        gateway: bool = False,
        agents: bool = True,
    ) -> bool:
        """Bring the lab up, or mend it; faults that are in it are healed.

        :returns: whether anything had to be done
        """
        shape = layout.Shape(
            hosts=hosts,
            broker=broker,
            tls=tls,
            trunk=trunk,
            gateway=gateway,
            agents=agents,
        )
        _check(shape)
        with state_module.lock(self.directory, create=True):
            state = self._open(shape)
            builder = self._builder(state)
            inits = self._hosts.running()
            if state.complete and not state.faults and builder.is_whole(inits):
                return False
            state.complete = False
            for one in self._heal(state, list(state.faults)):
                self._notify(f"rebuilding, since healing failed: {one}")
            state.faults = []
            state_module.save(self.directory, state)
            limits.raise_limits(
                self.directory / state_module.FILE,
                len(layout.hosts(shape)),
                trunk=shape.trunk,
            )
            builder.build()
            state.complete = True
            state_module.save(self.directory, state)
        return True

    def _open(self, shape: layout.Shape) -> state_module.State:
        state = state_module.load(self.directory)
        if state is None:
            if state_module.is_foreign(self.directory):
                raise errors.LabError(
                    f"{self.directory} holds something else than a lab: "
                    f"give --directory an empty or a new one"
                )
            state = state_module.State(
                shape=shape,
                broker_password=secrets.token_urlsafe(),
                direct_password=secrets.token_urlsafe(),
                authority=certificates.make_authority() if shape.tls else None,
            )
            state_module.save(self.directory, state)
        if state.shape != shape:
            raise errors.LabError(
                f"the lab in {self.directory} has {state.shape}; for one "
                f"with {shape} remove it first ('down'), or start another "
                f"one in its own --directory"
            )
        return state

    def down(self) -> bool:
        """Remove the lab with all that belongs to it.

        What was left by a command that was killed is found as well.

        :returns: whether there was anything
        """
        with contextlib.ExitStack() as stack:
            with contextlib.suppress(FileNotFoundError):
                stack.enter_context(state_module.lock(self.directory))
            found = self._hosts.stop() > 0
            limits.release(self.directory / state_module.FILE)
            return state_module.remove(self.directory) or found

    def status(self) -> status_module.Status:
        """Return how the lab is."""
        state, inits = self._state()
        computes = self._builder(state).computes(inits)
        conditions = (
            self._agents.conditions(computes) if state.shape.agents else {}
        )
        return status_module.Status(
            shape=state.shape,
            complete=state.complete,
            switch_pid=_pid(inits, layout.SWITCH),
            hosts=tuple(
                status_module.HostStatus(
                    name=one.name,
                    pid=_pid(inits, one.name),
                    addresses=one.addresses,
                    agent=conditions.get(one.name),
                )
                for one in layout.hosts(state.shape)
            ),
            broker=(
                layout.CONTROLLER in inits
                and self._builder(state).broker(inits).is_listening()
                if state.shape.broker
                else None
            ),
            faults=tuple(state.faults),
        )

    def command(self, host: str, argv: Sequence[str]) -> list[str]:
        """Return a command line that runs ``argv`` inside a host."""
        state, inits = self._state()
        known = {layout.SWITCH, *(x.name for x in layout.hosts(state.shape))}
        if host not in known:
            raise errors.LabError(
                f"unknown host {host}; 'status' tells which there are"
            )
        if host not in inits:
            raise errors.LabError(f"{host} is not running: repair with 'up'")
        return namespace.inside(inits[host], argv)

    def fault(
        self,
        name: str,
        *,
        hosts: Sequence[str] = (),
        peer: str | None = None,
        network: str | None = None,
        value: int | None = None,
    ) -> state_module.Injection:
        """Put a fault in; see ``target.choose`` for the defaults."""
        with self._changing() as (state, inits):
            target = target_module.choose(
                state.shape,
                name,
                hosts=hosts,
                peer=peer,
                network=network,
                value=value,
            )
            actions = injection.actions(target, state.shape, _pids(inits))
            record = injection.record(target, actions)
            if any(str(one) == str(record) for one in state.faults):
                raise errors.LabError(f"already in the lab: {record}")
            # Recorded first: what a kill leaves half done can be healed.
            state.faults.append(record)
            state_module.save(self.directory, state)
            try:
                self._injector(state, inits).inject(actions)
            except errors.LabError:
                self._heal(state, [record])
                state.faults.remove(record)
                state_module.save(self.directory, state)
                raise
            return record

    def heal(self, name: str | None = None) -> list[state_module.Injection]:
        """Take back all faults, or those of one name; return which."""
        with self._changing() as (state, inits):
            chosen = [x for x in state.faults if name in (None, x.fault)]
            if name and not chosen:
                raise errors.LabError(
                    f"no fault {name} is in the lab; 'status' tells which are"
                )
            failed = self._heal(state, chosen)
            if failed:
                raise errors.LabError(
                    f"healing failed, mend the lab with 'up': "
                    f"{'; '.join(failed)}"
                )
            state.faults = [x for x in state.faults if x not in chosen]
            state_module.save(self.directory, state)
            if any(injection.touches_bus(one) for one in chosen):
                self._builder(state).await_bus(inits)
            return chosen

    def _heal(
        self,
        state: state_module.State,
        chosen: list[state_module.Injection],
    ) -> list[str]:
        injector = self._injector(state, self._hosts.running())
        return [
            failure
            for one in reversed(chosen)
            for failure in injector.heal(one.undo)
        ]

    def start_agent(self, host: str) -> None:
        """Start a host's agent, and wait until it is at work."""
        with self._changing() as (state, inits):
            init = self._compute(state, inits, host)
            self._agents.start({host: init})
            self._agents.await_ready({host: init})
            self._builder(state).await_bus(inits)

    def stop_agent(self, host: str) -> bool:
        """Stop a host's agent in order; return whether it went by itself."""
        with self._changing() as (state, inits):
            return self._agents.stop(self._compute(state, inits, host))

    def start_broker(self) -> None:
        """Start the broker, and wait until the agents are back on it."""
        with self._changing() as (state, inits):
            self._start_broker(state, inits)
            self._builder(state).await_bus(inits)

    def stop_broker(self) -> None:
        """Shut the broker down in order."""
        with self._changing() as (state, inits):
            self._builder(state).broker(inits).stop()

    def kill_broker(self) -> None:
        """Kill the broker, as a crash would."""
        with self._changing() as (state, inits):
            self._builder(state).broker(inits).kill()

    def _state(
        self,
    ) -> tuple[state_module.State, dict[str, processes.Process]]:
        state = state_module.load(self.directory)
        if state is None:
            raise errors.LabError(
                f"there is no lab in {self.directory}: start one with 'up'"
            )
        return state, self._hosts.running()

    @contextlib.contextmanager
    def _changing(
        self,
    ) -> Iterator[tuple[state_module.State, dict[str, processes.Process]]]:
        """Hold the lab; a command that changes it works in here."""
        self._state()
        with state_module.lock(self.directory):
            yield self._state()

    def _builder(self, state: state_module.State) -> construction.Builder:
        return construction.Builder(state, self._hosts, self._notify)

    def _injector(
        self,
        state: state_module.State,
        inits: dict[str, processes.Process],
    ) -> injection.Injector:
        return injection.Injector(
            inits,
            self._hosts.mark,
            lambda: self._start_broker(state, inits),
        )

    def _start_broker(
        self,
        state: state_module.State,
        inits: dict[str, processes.Process],
    ) -> None:
        broker = self._builder(state).broker(inits)
        broker.start(state.broker_password)
        broker.await_ready()

    def _compute(
        self,
        state: state_module.State,
        inits: dict[str, processes.Process],
        host: str,
    ) -> processes.Process:
        computes = self._builder(state).computes(inits)
        if host not in computes:
            raise errors.LabError(
                f"{host} is not a running host with an agent; 'status' tells "
                f"which are"
            )
        return computes[host]


def _check(shape: layout.Shape) -> None:
    if not 1 <= shape.hosts <= layout.MAX_HOSTS:
        raise errors.LabError(
            f"{shape.hosts} hosts: a lab has 1 to {layout.MAX_HOSTS}"
        )
    tools = [*namespace.TOOLS, *switch.TOOLS, *services.TOOLS]
    if shape.broker:
        tools += broker_module.TOOLS
    if shape.trunk:
        tools += trunk_module.TOOLS
    commands.require(tools)


def _pid(inits: dict[str, processes.Process], name: str) -> int | None:
    return inits[name].pid if name in inits else None


def _pids(inits: dict[str, processes.Process]) -> dict[str, int]:
    return {name: init.pid for name, init in inits.items()}
