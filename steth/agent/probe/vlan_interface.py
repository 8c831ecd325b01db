# SPDX-License-Identifier: Apache-2.0
"""``probe.vlan_interface`` and ``probe.vlan_interface_remove``."""

from collections.abc import Callable
import errno
import ipaddress
import threading

from oslo_log import log

from steth.agent import tasks
from steth.agent.inspect import namespace
from steth.agent.privileged import vlan_interfaces as privileged
from steth.agent.probe import privilege
from steth.model import host as host_model
from steth.model import task as task_model
from steth.model import vlan_interface
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests

LOG = log.getLogger(__name__)

_MAIN_TABLE = 254


class VlanInterfaces:
    """The VLAN interfaces that an agent has made; each is a task.

    :param registry: holds the tasks
    """

    def __init__(self, registry: tasks.Registry) -> None:
        self._registry = registry
        self._lock = threading.Lock()
        #: By interface and VLAN, the task of each.
        self._made: dict[tuple[str, int], str] = {}

    def create(
        self, request: requests.VlanInterface
    ) -> vlan_interface.VlanInterface:
        """Make one.

        :raises errors.OperationError: ``bad-argument`` when the host's own
            network would suffer from it, ``missing`` when the kernel knows
            no VLANs, ``failed`` when the agent may not, or the kernel refuses
        """
        _check(request, _own_namespace())
        name = ""

        def begin(task: str) -> tasks.Undo:
            nonlocal name
            name = _call(
                lambda: privileged.create(
                    request.interface, request.vlan, request.cidr, task
                ),
                request,
            )
            key = request.interface, request.vlan
            with self._lock:
                self._made[key] = task

            def undo() -> None:
                privileged.remove(task)
                with self._lock:
                    self._made.pop(key, None)

            return undo

        task = self._registry.start(
            contract.PROBE_VLAN_INTERFACE.name,
            f"VLAN {request.vlan} of {request.interface}",
            request.lifetime,
            begin,
        )
        return vlan_interface.VlanInterface(
            name=name,
            interface=request.interface,
            vlan=request.vlan,
            cidr=request.cidr,
            task=task,
        )

    def remove(
        self, request: requests.VlanInterfaceRemove
    ) -> task_model.TaskInfo:
        """Remove one that was made here.

        :raises errors.OperationError: ``bad-argument`` for any other
        """
        with self._lock:
            made = dict(self._made)
        task = made.get((request.interface, request.vlan))
        if task is None:
            told = ", ".join(f"VLAN {vlan} of {name}" for name, vlan in made)
            raise _bad(
                "vlan",
                f"Steth has made no interface for VLAN {request.vlan} of "
                f"{request.interface}, and removes no other; there are: "
                f"{told or 'none'}",
            )
        stopped = self._registry.stop(requests.TaskStop(id=task))
        if privileged.name_of(task) in privileged.leftovers():
            raise errors.OperationError(
                errors.ErrorCode.FAILED,
                f"{privileged.name_of(task)} is still there; the agent's log "
                "says why",
            )
        return stopped


def remove_leftovers() -> None:
    """Remove what an agent left that was killed; call it at the start."""
    try:
        if not privileged.leftovers():
            return
        LOG.warning(
            "Removed what an agent left that was killed: %s",
            ", ".join(privileged.remove_all()),
        )
    except (*privilege.NOT_ALLOWED, OSError) as error:
        LOG.warning(
            "Cannot remove what an agent left that was killed: %s", error
        )


def _own_namespace() -> host_model.Namespace:
    try:
        return namespace.read("")
    except OSError as error:
        raise errors.OperationError(
            errors.ErrorCode.FAILED,
            f"cannot read the host's network state: {error}",
        ) from error


def _check(
    request: requests.VlanInterface, space: host_model.Namespace
) -> None:
    """Refuse what would take packets from the host's own network."""
    link = space.link(request.interface)
    if link is None:
        raise _bad(
            "interface",
            f"there is no interface {request.interface!r}"
            + errors.instead_of(
                request.interface, (one.name for one in space.links)
            ),
        )
    if link.master is not None:
        raise _bad(
            "interface",
            f"{link.name} is part of {link.master}, from which an interface "
            f"on it would take the packets of VLAN {request.vlan}",
        )
    for one in space.links:
        if (one.parent, one.vlan_id) == (link.name, request.vlan):
            raise _bad(
                "vlan", f"{one.name} is there for VLAN {request.vlan} already"
            )
    if request.cidr is not None:
        _check_address(ipaddress.ip_interface(request.cidr), space)


def _check_address(
    address: ipaddress.IPv4Interface | ipaddress.IPv6Interface,
    space: host_model.Namespace,
) -> None:
    for one in space.routes:
        network = ipaddress.ip_network(one.destination)
        if (
            one.table == _MAIN_TABLE
            and network.version == address.version
            and network.prefixlen > 0
            # Link-local is on every interface, and apart on each.
            and not network.is_link_local
            and network.overlaps(address.network)
        ):
            by = f" by {one.device}" if one.device else ""
            raise _bad(
                "cidr",
                f"{address.network} overlaps the host's own route to "
                f"{network}{by}, from which it would take packets",
            )


def _call(create: Callable[[], str], request: requests.VlanInterface) -> str:
    try:
        return create()
    except privilege.NOT_ALLOWED as error:
        raise errors.OperationError(
            errors.ErrorCode.FAILED,
            f"the agent may not make interfaces: {error}; it has to run as "
            "root with CAP_NET_ADMIN, for a drop-in of its unit to grant, or "
            "[steth_interface] helper_command has to be able to start "
            "privsep-helper",
        ) from error
    except OSError as error:
        if error.errno == errno.EOPNOTSUPP:
            raise errors.OperationError(
                errors.ErrorCode.MISSING,
                "this host's kernel knows no VLAN interfaces: its module "
                "8021q is neither loaded nor found",
            ) from error
        raise errors.OperationError(
            errors.ErrorCode.FAILED,
            f"VLAN {request.vlan} of {request.interface}: "
            f"{error.strerror or error}",
        ) from error


def _bad(argument: str, why: str) -> errors.OperationError:
    return errors.OperationError(
        errors.ErrorCode.BAD_ARGUMENT, f"{argument}: {why}", argument
    )
