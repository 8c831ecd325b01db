# SPDX-License-Identifier: Apache-2.0
"""Instances: what Nova would do with Neutron and the computes."""

from collections.abc import Iterable
from collections.abc import Sequence
from concurrent import futures
import contextlib
import functools
import subprocess
from typing import Any

import msgspec

from steth.lab import deadline
from steth.lab import errors
from steth.lab import namespace
from steth.lab import processes
from steth.lab.cloud import cloud as cloud_module
from steth.lab.cloud.instance import machine as machine_module
from steth.lab.cloud.instance import plug
from steth.lab.cloud.instance import ports
from steth.lab.cloud.scenario import inventory as inventory_module
from steth.lab.cloud.scenario import plan

_EXEC_TIMEOUT = 300.0
#: Seconds for DHCP, and for a router advertisement.
_ADDRESS_TIMEOUT = 30.0


class Instances:
    """The instances of one cloud.

    Who calls a method that changes them holds the cloud's lock.

    :param inventory: what was made so far; it is kept up to date
    """

    def __init__(
        self,
        cloud: cloud_module.Cloud,
        inventory: inventory_module.Inventory,
    ) -> None:
        self._cloud = cloud
        self.inventory = inventory

    def create(self, wanted: Iterable[plan.Instance]) -> None:
        """Make instances, or mend what is not there of them.

        :raises errors.LabError: naming what cannot be had
        """
        chosen = list(wanted)
        for one in chosen:
            self._register(one)
        self._save()
        self.power_on([one.name for one in chosen])

    def _register(self, wanted: plan.Instance) -> None:
        """Make an instance's port and floating IP."""
        network = self._network(wanted.network)
        host = f"compute{wanted.compute}"
        self._compute(host)
        known = self.inventory.instances.get(wanted.name)
        if known and known.network != network.name:
            raise errors.LabError(
                f"{wanted.name} is on {known.network} already"
            )
        made = ports.ensure(
            self._connection, wanted.name, host, network, self.inventory.group
        )
        if wanted.floating:
            external = self.inventory.networks[plan.EXTERNAL.name].id
            address, identity = ports.float_to(
                self._connection, made, external
            )
            made = msgspec.structs.replace(
                made, floating=address, floating_id=identity
            )
        self.inventory.instances[made.name] = made

    def power_on(self, names: Sequence[str]) -> None:
        """Start and plug instances that do not run, and boot them."""
        running = self.running()
        starting = []
        for name in names:
            one = self._instance(name)
            self._set_power(one, True)
            found = running.get(name)
            if found and (
                found.host != one.host or not machine_module.is_booted(found)
            ):
                self._leave(one, found.host)
                found = None
            if found is None:
                starting.append(one)
        nics = {
            one.name: ports.nic(
                self._connection, one, self.inventory.network_of(one)
            )
            for one in starting
        }

        def start(one: inventory_module.Instance) -> machine_module.Machine:
            compute = self._compute(one.host)
            machine = machine_module.start(
                self._cloud.directory, one.host, compute, one.name, one.uuid
            )
            plug.plug(compute, machine, nics[one.name])
            return machine

        with futures.ThreadPoolExecutor(4) as pool:
            machines = list(pool.map(start, starting))
        if machines:
            ports.await_active(
                self._connection, {one.port: one.name for one in starting}
            )
        for machine in machines:
            machine_module.boot(machine)
        self._await_addresses(starting, machines)

    def _await_addresses(
        self,
        instances: Sequence[inventory_module.Instance],
        machines: Sequence[machine_module.Machine],
    ) -> None:
        """Wait for the addresses of instances that were just booted.

        Where they do not come, the instance is there all the same, as it
        would be in a cloud with a fault.
        """
        waiting = {
            machine.name: (machine, {one.address, one.address6} - {""})
            for one, machine in zip(instances, machines, strict=True)
        }

        def settled() -> bool:
            for name, (machine, wanted) in list(waiting.items()):
                if wanted <= machine_module.addresses(machine):
                    del waiting[name]
            return not waiting

        deadline.until(settled, _ADDRESS_TIMEOUT)

    def power_off(self, name: str) -> None:
        """Switch an instance off; its port keeps its binding."""
        one = self._instance(name)
        self._set_power(one, False)
        self._leave(one, one.host)

    def _leave(self, one: inventory_module.Instance, host: str) -> None:
        """Stop an instance on a host and unplug it there."""
        nic = ports.nic(self._connection, one, self.inventory.network_of(one))
        machine = self.running().get(one.name)
        if machine:
            machine_module.stop(machine)
        plug.unplug(self._compute(host), nic)

    def move(self, name: str, host: str) -> None:
        """Move an instance to another compute, as a cold migration does."""
        one = self._instance(name)
        self._compute(host)
        if host == one.host:
            raise errors.LabError(f"{name} is on {host} already")
        self._leave(one, one.host)
        ports.move(self._connection, one.port, host)
        self.inventory.instances[name] = msgspec.structs.replace(
            one, host=host
        )
        self._save()
        self.power_on([name])

    def delete(self, name: str) -> None:
        """Remove an instance with its port and floating IP."""
        one = self._instance(name)
        with contextlib.suppress(errors.LabError):
            # One that was never bound has nothing on its compute.
            self._leave(one, one.host)
        ports.delete(self._connection, one)
        del self.inventory.instances[name]
        self._save()

    def running(self) -> dict[str, machine_module.Machine]:
        """Return the instances that run, by name."""
        return machine_module.running(self._cloud.directory)

    def machine(self, name: str) -> machine_module.Machine:
        """Return an instance that runs.

        :raises errors.LabError: when it does not
        """
        self._instance(name)
        found = self.running().get(name)
        if found is None:
            raise errors.LabError(f"instance {name} does not run")
        return found

    def command(self, name: str, argv: Sequence[str]) -> list[str]:
        """Return a command line that runs ``argv`` inside an instance."""
        return namespace.inside(self.machine(name).process, argv)

    def exec(
        self, name: str, argv: Sequence[str], timeout: float = _EXEC_TIMEOUT
    ) -> subprocess.CompletedProcess[str]:
        """Run a command inside an instance and return what came of it."""
        return machine_module.execute(self.machine(name), argv, timeout)

    @functools.cached_property
    def _connection(self) -> Any:
        return self._cloud.connection()

    def _network(self, name: str) -> inventory_module.Network:
        found = self.inventory.networks.get(name)
        if found is None:
            raise errors.LabError(
                f"unknown network {name}; there are: "
                f"{', '.join(self.inventory.networks)}"
            )
        return found

    def _instance(self, name: str) -> inventory_module.Instance:
        found = self.inventory.instances.get(name)
        if found is None:
            raise errors.LabError(
                f"unknown instance {name}; there are: "
                f"{', '.join(self.inventory.instances) or 'none'}"
            )
        return found

    def _compute(self, host: str) -> processes.Process:
        found = self._cloud.inits().get(host)
        if found is None or not host.startswith("compute"):
            raise errors.LabError(
                f"{host} is not a running compute: see 'cloud status'"
            )
        return found

    def _set_power(
        self, one: inventory_module.Instance, powered: bool
    ) -> None:
        self.inventory.instances[one.name] = msgspec.structs.replace(
            one, powered=powered
        )
        self._save()

    def _save(self) -> None:
        inventory_module.save(self._cloud.directory, self.inventory)
