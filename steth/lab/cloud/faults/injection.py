# SPDX-License-Identifier: Apache-2.0
"""Putting faults into a cloud and taking them back."""

from collections.abc import Container
from collections.abc import Iterable
from collections.abc import Mapping
import functools
import json
import shlex
import string
from typing import Any

from steth.lab import commands
from steth.lab import errors
from steth.lab import namespace
from steth.lab import processes
from steth.lab.cloud import cloud as cloud_module
from steth.lab.cloud import layout
from steth.lab.cloud.faults import catalogue
from steth.lab.cloud.faults import environment
from steth.lab.cloud.faults import fault as fault_module
from steth.lab.cloud.faults import records
from steth.lab.cloud.instance import instances as instances_module
from steth.lab.cloud.instance import ports
from steth.lab.cloud.scenario import inventory as inventory_module
from steth.lab.cloud.scenario import plan

#: No command of a script takes so long.
_TIMEOUT = 60.0
#: How Neutron refuses to take back what was not done: a bad request, not
#: found, a conflict.
_NOT_DONE = frozenset({400, 404, 409})


class Faults:
    """The faults of one cloud."""

    def __init__(self, cloud: cloud_module.Cloud) -> None:
        self._cloud = cloud

    @functools.cached_property
    def _connection(self) -> Any:
        return self._cloud.connection()

    def _stage(self, record: records.Record) -> "_Stage":
        return _Stage(
            self._cloud,
            self._connection,
            catalogue.CATALOGUE[record.fault],
            record.variables,
        )

    def inside(self) -> list[records.Record]:
        """Return the faults that are in the cloud, the oldest first."""
        return records.load(self._cloud.directory)

    def inject(self, name: str) -> fault_module.Fault:
        """Put a fault in.

        :raises errors.LabError: when it is unknown, in already, or fails;
            then it is taken back
        """
        fault = catalogue.CATALOGUE.get(name)
        if fault is None:
            raise errors.LabError(
                f"unknown fault {name}; 'cloud fault list' tells which there "
                f"are"
            )
        _check_shape(self._cloud.shape)
        with self._cloud.changing():
            found = self.inside()
            if any(one.fault == name for one in found):
                raise errors.LabError(f"{name} is in the cloud already")
            inventory = inventory_module.load(self._cloud.directory)
            self._check_place(fault, inventory)
            record = records.Record(
                fault=name,
                variables=environment.variables(
                    self._cloud.shape, self._connection, inventory, fault
                ),
            )
            # Recorded first: what a kill leaves half done can be healed.
            records.save(self._cloud.directory, [*found, record])
            stage = self._stage(record)
            try:
                for step in fault.steps:
                    stage.inject(step)
            except errors.LabError:
                stage.heal_all()
                records.save(self._cloud.directory, found)
                raise
        return fault

    def _check_place(
        self,
        fault: fault_module.Fault,
        inventory: inventory_module.Inventory,
    ) -> None:
        """Refuse a fault whose host or instances this cloud does not have."""
        hosts = {one.name for one in layout.hosts(self._cloud.shape)}
        wanted = {fault.instance}
        if any(isinstance(x, fault_module.Stray) for x in fault.steps):
            wanted = set()
        missing = sorted(
            ({fault.host} - hosts) | (wanted - set(inventory.instances))
        )
        if missing:
            raise errors.LabError(
                f"{fault.name} is a fault of {' and '.join(missing)}, which "
                f"this cloud does not have: 'cloud up' with more computes, "
                f"then 'cloud scenario'"
            )

    def heal(self, name: str | None = None) -> list[str]:
        """Take back all faults, or one; return their names.

        :raises errors.LabError: when it is not in, or a step fails
        """
        with self._cloud.changing():
            found = self.inside()
            chosen = [x for x in found if name in (None, x.fault)]
            if name and not chosen:
                raise errors.LabError(
                    f"{name} is not in the cloud; 'cloud fault status' tells "
                    f"which are"
                )
            failures = []
            for record in reversed(chosen):
                if failed := self._stage(record).heal_all():
                    failures.append(
                        f"{record.fault} is not healed: {'; '.join(failed)}"
                    )
                    continue
                found.remove(record)
                records.save(self._cloud.directory, found)
            if failures:
                raise errors.LabError("; ".join(failures))
            return [one.fault for one in chosen]


class _Stage:
    """One fault's steps, with what its variables stand for."""

    def __init__(
        self,
        cloud: cloud_module.Cloud,
        connection: Any,
        fault: fault_module.Fault,
        variables: Mapping[str, str],
    ) -> None:
        self._cloud = cloud
        self._connection = connection
        self._fault = fault
        self._variables = variables

    def heal_all(self) -> list[str]:
        """Take all steps back, also where one fails; return what failed."""
        failed = []
        for step in reversed(self._fault.steps):
            try:
                self._heal(step)
            except errors.LabError as error:
                failed.append(str(error))
        return failed

    def inject(self, step: fault_module.Step) -> None:
        """Do one step."""
        match step:
            case fault_module.Script():
                self._run(step.place, step.inject)
            case fault_module.Request():
                self._call(step.inject)
            case fault_module.Service():
                service = self._cloud.service(self._host(step), step.name)
                service.kill()
                if step.restart:
                    service.start()
            case fault_module.Power():
                self._instances().power_off(self._fault.instance)
            case fault_module.Stray():
                self._add_stray()

    def _heal(self, step: fault_module.Step) -> None:
        match step:
            case fault_module.Script():
                self._run(step.place, step.heal)
            case fault_module.Request():
                self._call(step.heal, _NOT_DONE)
            case fault_module.Service():
                self._cloud.service(self._host(step), step.name).start()
            case fault_module.Power():
                self._instances().power_on([self._fault.instance])
            case fault_module.Stray():
                # Made once more where it is not known that it was made.
                self._add_stray()
                self._instances().delete(self._fault.instance)

    def _host(self, step: fault_module.Service) -> str:
        if step.place is fault_module.Place.HOST:
            return self._fault.host
        return step.place

    def _run(self, place: fault_module.Place, script: str) -> None:
        if not script:
            return
        assignments = "".join(
            f"{name}={shlex.quote(value)}\n"
            for name, value in self._variables.items()
        )
        head = f'{assignments}mkdir -p "$KEEP"\n'
        argv = ["timeout", f"{_TIMEOUT:.0f}", "sh", "-eu"]
        for process in self._processes(place):
            commands.run(namespace.inside(process, argv), head + script)

    def _processes(
        self, place: fault_module.Place
    ) -> Iterable[processes.Process]:
        inits = self._cloud.inits()
        match place:
            case fault_module.Place.INSTANCE:
                return [
                    self._instances().machine(self._fault.instance).process
                ]
            case fault_module.Place.NODES:
                return [
                    init
                    for name, init in inits.items()
                    if name.startswith(("network", "compute"))
                ]
            case fault_module.Place.HOST:
                name = self._fault.host
            case _:
                name = str(place)
        if name not in inits:
            raise errors.LabError(f"{name} is not running: see 'cloud status'")
        return [inits[name]]

    def _call(
        self,
        calls: Iterable[fault_module.Call],
        tolerated: Container[int] = (),
    ) -> None:
        """Make requests, as they would come from a user or an operator.

        :param tolerated: HTTP statuses that are no failure
        """
        neutron = self._connection.network
        for one in calls:
            path = string.Template(one.path).substitute(self._variables)
            body = string.Template(one.body).substitute(self._variables)
            reply = neutron.request(
                f"/{path}",
                one.method,
                json=json.loads(body) if body else None,
                raise_exc=False,
            )
            if reply.status_code >= 400 and reply.status_code not in tolerated:
                raise errors.LabError(
                    f"{one.method} {path}: {reply.status_code}, {reply.text}"
                )

    def _instances(self) -> instances_module.Instances:
        inventory = inventory_module.load(self._cloud.directory)
        return instances_module.Instances(self._cloud, inventory)

    def _add_stray(self) -> None:
        """Ask Neutron for a port where its network cannot be had."""
        inventory = inventory_module.load(self._cloud.directory)
        inventory.instances[self._fault.instance] = ports.ensure(
            self._connection,
            self._fault.instance,
            self._fault.host,
            inventory.networks[plan.EXTERNAL.name],
            inventory.group,
        )
        inventory_module.save(self._cloud.directory, inventory)


def _check_shape(shape: layout.Shape) -> None:
    """Refuse a cloud in which the faults would not be what they say."""
    if shape.dvr or shape.mechanism is not layout.Mechanism.OPENVSWITCH:
        raise errors.LabError(
            f"faults are made for Open vSwitch agents and a router on the "
            f"network node; this cloud has {shape}"
        )
