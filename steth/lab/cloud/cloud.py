# SPDX-License-Identifier: Apache-2.0
"""A cloud: what the command line and the tests do with one."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
import contextlib
import pathlib
import secrets

from openstack import connection as sdk

from steth.lab import broker
from steth.lab import commands
from steth.lab import errors
from steth.lab import layout as base
from steth.lab import limits
from steth.lab import namespace
from steth.lab import processes
from steth.lab import services
from steth.lab import state as base_state
from steth.lab import switch
from steth.lab import testbed
from steth.lab import trunk
from steth.lab.cloud import cache as cache_module
from steth.lab.cloud import configuration
from steth.lab.cloud import connection
from steth.lab.cloud import construction
from steth.lab.cloud import layout
from steth.lab.cloud import machine
from steth.lab.cloud import preparation
from steth.lab.cloud import programs
from steth.lab.cloud import service as service_module
from steth.lab.cloud import state as state_module
from steth.lab.cloud import status as status_module

DEFAULT_DIRECTORY = pathlib.Path("/run/steth-cloud")


class Cloud(testbed.Testbed):
    """A cloud, by the directory that holds its state.

    Its methods raise ``errors.LabError`` with a message for a person.

    :param notify: is told what is being done
    :param cache: where what is prepared once is kept
    """

    def __init__(
        self,
        directory: pathlib.Path | str = DEFAULT_DIRECTORY,
        notify: Callable[[str], None] = lambda text: None,
        cache: pathlib.Path = cache_module.DEFAULT_DIRECTORY,
    ) -> None:
        super().__init__(directory, notify)
        self._cache = cache_module.Cache(cache)

    def prepare(self) -> bool:
        """Prepare what every cloud needs; ``up`` does so by itself.

        :returns: whether anything had to be done
        """
        _check_tools()
        found = preparation.Preparation(self._cache, self._notify)
        was_done = found.is_done()
        found.prepare()
        return not was_done

    def up(self, shape: layout.Shape) -> bool:
        """Bring the cloud up, or mend it.

        :returns: whether anything had to be done
        """
        _check(shape)
        with base_state.lock(self.directory, create=True):
            state = self._open(shape)
            builder = self._builder(state)
            if state.complete and builder.is_whole(self.inits()):
                return False
            state.complete = False
            state_module.save(self.directory, state)
            limits.raise_limits(
                self.directory / state_module.FILES[0],
                len(layout.hosts(shape)),
                trunk=True,
            )
            self._write_credentials(state)
            builder.build()
            state.complete = True
            state_module.save(self.directory, state)
        return True

    def _open(self, shape: layout.Shape) -> state_module.State:
        state = state_module.load(self.directory)
        if state is None:
            if base_state.is_foreign(self.directory, state_module.FILES):
                raise errors.LabError(
                    f"{self.directory} holds something else than a cloud: "
                    f"give --directory an empty or a new one"
                )
            prepared = preparation.Preparation(self._cache, self._notify)
            state = state_module.State(
                shape=shape,
                prepared=prepared.prepare(),
                broker_password=secrets.token_urlsafe(),
                direct_password=secrets.token_urlsafe(),
            )
            state_module.save(self.directory, state)
        if not pathlib.Path(state.prepared.layers).exists():
            raise errors.LabError(
                f"{state.prepared.layers} is gone, which the cloud in "
                f"{self.directory} was made from: remove it ('cloud down') "
                f"and start it again"
            )
        if state.shape != shape:
            raise errors.LabError(
                f"the cloud in {self.directory} has {state.shape}; for one "
                f"with {shape} remove it first ('cloud down'), or start "
                f"another one in its own --directory"
            )
        return state

    def _write_credentials(self, state: state_module.State) -> None:
        known = state.prepared.secrets
        for name, text in (
            (state_module.CLOUDS_YAML, configuration.clouds_yaml(known)),
            (state_module.OPENRC, configuration.openrc(known)),
        ):
            base_state.write(self.directory / name, text.encode())

    def down(self) -> bool:
        """Remove the cloud with all that belongs to it.

        What was left by a command that was killed is found as well. What
        was prepared stays.

        :returns: whether there was anything
        """
        with contextlib.ExitStack() as stack:
            with contextlib.suppress(FileNotFoundError):
                stack.enter_context(base_state.lock(self.directory))
            state = None
            with contextlib.suppress(errors.LabError):
                # Damaged or not, it is going to be removed.
                state = state_module.load(self.directory)
            found = self._hosts(state).stop() > 0
            limits.release(self.directory / state_module.FILES[0])
            removed = base_state.remove(self.directory, state_module.FILES)
            preparation.clean(self._cache)
            return removed or found

    @property
    def shape(self) -> layout.Shape:
        """What the cloud consists of."""
        return self._state().shape

    @property
    def secrets(self) -> configuration.Secrets:
        """The passwords of its services."""
        return self._state().prepared.secrets

    def status(self) -> status_module.Status:
        """Return how the cloud is."""
        state, inits = self._state(), self.inits()
        return status_module.read(state, inits, self._builder(state))

    def inits(self) -> dict[str, processes.Process]:
        """Return the first process of each host that is up, by name."""
        return self._hosts(None).running()

    def machine(self, host: str) -> machine.Machine:
        """Return a host as what runs programs.

        :raises errors.LabError: when it is down
        """
        return self._builder(self._state()).machine(host, self.inits())

    def command(self, host: str, argv: Sequence[str]) -> list[str]:
        """Return a command line that runs ``argv`` inside a host.

        In the controller, ``openstack`` finds the cloud.
        """
        state, inits = self._state(), self.inits()
        known = {base.SWITCH, *(x.name for x in layout.hosts(state.shape))}
        if host not in known:
            raise errors.LabError(
                f"unknown host {host}; 'cloud status' tells which there are"
            )
        if host not in inits:
            raise errors.LabError(
                f"{host} is not running: repair with 'cloud up'"
            )
        variables = {"OS_CLOUD": configuration.CLOUD}
        return namespace.inside(
            inits[host],
            argv,
            variables if host == layout.CONTROLLER else None,
        )

    def run(
        self, host: str, argv: Sequence[str], script: str | None = None
    ) -> str:
        """Run a command inside a host and return what it printed.

        :param script: what it reads from its standard input
        :raises errors.LabError: when it fails, with what it said
        """
        return commands.run(
            self.command(host, argv), script, self._hosts(None).mark
        )

    def connection(self) -> sdk.Connection:
        """Return a connection to the cloud, as its administrator."""
        return connection.connect(
            self.machine(layout.CONTROLLER).init,
            self._state().prepared.secrets,
        )

    def service(self, host: str, name: str) -> service_module.Service:
        """Return a service of a host, to end and to start it.

        :raises errors.LabError: when the host is down
        """
        return service_module.Service(
            self.machine(host), self.shape, self.inits(), name
        )

    @contextlib.contextmanager
    def changing(self) -> Iterator[state_module.State]:
        """Hold the cloud; a command that changes it works in here."""
        self._state()
        with base_state.lock(self.directory):
            yield self._state()

    def _state(self) -> state_module.State:
        state = state_module.load(self.directory)
        if state is None:
            raise errors.LabError(
                f"there is no cloud in {self.directory}: start one with "
                f"'cloud up'"
            )
        return state

    def _hosts(self, state: state_module.State | None) -> namespace.Hosts:
        layers = pathlib.Path(state.prepared.layers) if state else None
        return namespace.Hosts(self.directory, layers)

    def _builder(self, state: state_module.State) -> construction.Builder:
        return construction.Builder(state, self._hosts(state), self._notify)


def _check(shape: layout.Shape) -> None:
    if not 1 <= shape.computes <= layout.MAX_COMPUTES:
        raise errors.LabError(
            f"{shape.computes} computes: a cloud has 1 to "
            f"{layout.MAX_COMPUTES}"
        )
    _check_tools()
    if shape.mechanism is layout.Mechanism.OVN:
        if shape.firewall is not layout.Firewall.OPENVSWITCH:
            raise errors.LabError("OVN is its own firewall: leave it out")
        commands.require(programs.OVN_TOOLS)


def _check_tools() -> None:
    commands.require(
        [
            *namespace.TOOLS,
            *switch.TOOLS,
            *services.TOOLS,
            *broker.TOOLS,
            *trunk.TOOLS,
            *programs.TOOLS,
        ]
    )
