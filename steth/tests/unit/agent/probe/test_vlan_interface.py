# SPDX-License-Identifier: Apache-2.0

import errno
from typing import Any
import unittest
from unittest import mock

from steth.agent import tasks
from steth.agent.inspect import namespace
from steth.agent.privileged import vlan_interfaces as privileged
from steth.agent.probe import vlan_interface
from steth.model import host
from steth.rpc import errors
from steth.rpc import requests


def _link(name: str, **more: Any) -> host.Link:
    return host.Link(name=name, index=1, mtu=1500, admin_up=True, **more)


def _route(destination: str, **more: Any) -> host.Route:
    return host.Route(destination=destination, family=4, device="eth0", **more)


_SPACE = host.Namespace(
    links=(
        _link("eth0"),
        _link("eth1", master="ovs-system"),
        _link("eth0.7", parent="eth0", vlan_id=7),
    ),
    routes=(
        _route("0.0.0.0/0"),
        _route("192.0.2.0/24"),
        _route("203.0.113.0/24", table=100),
        _route("169.254.0.0/16"),
    ),
)


class _TestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.read = self.patch(namespace, "read", return_value=_SPACE)
        self.create = self.patch(
            privileged,
            "create",
            side_effect=lambda *given: privileged.name_of(given[3]),
        )
        self.remove = self.patch(privileged, "remove")
        self.leftovers = self.patch(privileged, "leftovers", return_value=[])
        self.remove_all = self.patch(privileged, "remove_all")
        self.registry = tasks.Registry()
        self.addCleanup(self.registry.close)
        self.interfaces = vlan_interface.VlanInterfaces(self.registry)

    def patch(self, module: Any, name: str, **values: Any) -> mock.Mock:
        patched = mock.patch.object(module, name, autospec=True, **values)
        self.addCleanup(patched.stop)
        return patched.start()

    def make(
        self, interface: str = "eth0", vlan: int = 100, cidr: str | None = None
    ) -> Any:
        return self.interfaces.create(
            requests.VlanInterface(interface=interface, vlan=vlan, cidr=cidr)
        )

    def unmake(self, vlan: int = 100) -> Any:
        return self.interfaces.remove(
            requests.VlanInterfaceRemove(interface="eth0", vlan=vlan)
        )


class CreateTestCase(_TestCase):
    def assert_refused(self, said: str, **asked: Any) -> None:
        with self.assertRaisesRegex(errors.OperationError, said):
            self.make(**asked)
        self.create.assert_not_called()

    def test_a_task(self) -> None:
        made = self.make(cidr="198.51.100.1/24")
        self.create.assert_called_once_with(
            "eth0", 100, "198.51.100.1/24", made.task.id
        )
        self.assertEqual(f"steth{made.task.id[:8]}", made.name)
        (task,) = self.registry.list().tasks
        self.assertEqual(
            ("probe.vlan_interface", "VLAN 100 of eth0"),
            (task.kind, task.detail),
        )
        self.assertAlmostEqual(600, task.remaining, delta=60)

    def test_what_would_take_the_hosts_packets(self) -> None:
        self.assert_refused("eht0'; did you mean 'eth0'", interface="eht0")
        self.assert_refused("eth1 is part of ovs-system", interface="eth1")
        self.assert_refused("eth0.7 is there for VLAN 7 already", vlan=7)
        self.assert_refused(
            "192.0.2.128/25 overlaps the host's own route to 192.0.2.0/24 by "
            "eth0",
            cidr="192.0.2.129/25",
        )

    def test_what_takes_none(self) -> None:
        for vlan, cidr in (
            (100, "198.51.100.1/24"),
            (101, "203.0.113.1/24"),
            (102, "169.254.3.1/24"),
            (103, "fd::1/64"),
        ):
            self.make(vlan=vlan, cidr=cidr)
        self.assertEqual(4, self.create.call_count)

    def test_refusals(self) -> None:
        for error, code, said in (
            (
                OSError(errno.EOPNOTSUPP, "Operation not supported"),
                *(errors.ErrorCode.MISSING, "8021q"),
            ),
            (
                PermissionError(errno.EPERM, "Operation not permitted"),
                *(errors.ErrorCode.FAILED, "CAP_NET_ADMIN"),
            ),
            (
                OSError(errno.ENETDOWN, "Network is down"),
                *(errors.ErrorCode.FAILED, "VLAN 100 of eth0: Network is"),
            ),
        ):
            self.create.side_effect = error
            with self.assertRaisesRegex(errors.OperationError, said) as caught:
                self.make()
            self.assertEqual(code, caught.exception.code)
            self.assertEqual((), self.registry.list().tasks)

    def test_the_kernel_does_not_answer(self) -> None:
        self.read.side_effect = TimeoutError("timed out")
        self.assert_refused("timed out")


class RemoveTestCase(_TestCase):
    def test_its_own(self) -> None:
        made = self.make()
        self.assertEqual(made.task.id, self.unmake().id)
        self.remove.assert_called_once_with(made.task.id)
        with self.assertRaisesRegex(errors.OperationError, "are: none"):
            self.unmake()

    def test_another(self) -> None:
        self.make()
        with self.assertRaisesRegex(
            errors.OperationError,
            "no interface for VLAN 7 of eth0.* there are: VLAN 100 of eth0",
        ):
            self.unmake(7)
        self.remove.assert_not_called()

    def test_when_the_agent_stops(self) -> None:
        made = self.make()
        self.registry.close()
        self.remove.assert_called_once_with(made.task.id)

    def test_one_that_stays(self) -> None:
        made = self.make()
        self.leftovers.return_value = [made.name]
        self.remove.side_effect = OSError("no")
        with (
            self.assertLogs(tasks.LOG.logger),
            self.assertRaisesRegex(errors.OperationError, "still there"),
        ):
            self.unmake()


class LeftoversTestCase(_TestCase):
    def test_none(self) -> None:
        vlan_interface.remove_leftovers()
        self.remove_all.assert_not_called()

    def test_some(self) -> None:
        self.leftovers.return_value = ["steth01234567"]
        self.remove_all.return_value = ["steth01234567"]
        with self.assertLogs(vlan_interface.LOG.logger) as logs:
            vlan_interface.remove_leftovers()
        self.assertIn("killed: steth01234567", logs.output[0])

    def test_what_cannot_be(self) -> None:
        self.leftovers.return_value = ["steth01234567"]
        for error in (OSError("no"), PermissionError(1, "no")):
            self.remove_all.side_effect = error
            with self.assertLogs(vlan_interface.LOG.logger) as logs:
                vlan_interface.remove_leftovers()
            self.assertIn("Cannot remove", logs.output[0])
