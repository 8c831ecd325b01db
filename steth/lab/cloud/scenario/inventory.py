# SPDX-License-Identifier: Apache-2.0
"""What the scenario made: kept as it was meant, whatever faults do to it."""

import pathlib

import msgspec

from steth.lab import errors
from steth.lab import state as base
from steth.lab.cloud import state


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """A network; ``segment`` and ``physical`` as Neutron's provider has it.

    ``subnets`` are the ids by version of IP, ``"4"`` and ``"6"``.
    """

    id: str
    name: str
    kind: str
    mtu: int
    segment: int | None
    physical: str | None
    routed: bool
    subnets: dict[str, str]


class Instance(msgspec.Struct, frozen=True, kw_only=True):
    """An instance: what Nova would know of it, and its only port.

    ``address6`` and the floating IP are empty where it has none;
    ``powered`` is false when it was switched off on purpose.
    """

    name: str
    uuid: str
    host: str
    network: str
    port: str
    mac: str
    address: str
    address6: str
    floating: str = ""
    floating_id: str = ""
    powered: bool = True


class Inventory(msgspec.Struct, kw_only=True):
    """All of it; networks and instances by name.

    ``external`` and ``external6`` are the router's addresses outside.
    """

    networks: dict[str, Network] = {}
    instances: dict[str, Instance] = {}
    router: str = ""
    external: str = ""
    external6: str = ""
    group: str = ""

    def network_of(self, instance: Instance) -> Network:
        """Return the network that an instance is on."""
        return self.networks[instance.network]


def load(directory: pathlib.Path) -> Inventory:
    """Return what was made.

    :raises errors.LabError: when it was not, or cannot be read
    """
    found = base.read(directory / state.SCENARIO, Inventory)
    if found is None:
        raise errors.LabError(
            "there is no scenario in the cloud: make it with 'cloud scenario'"
        )
    return found


def save(directory: pathlib.Path, inventory: Inventory) -> None:
    """Write what was made, all of it or nothing."""
    content = msgspec.json.format(msgspec.json.encode(inventory))
    base.write(directory / state.SCENARIO, content)
