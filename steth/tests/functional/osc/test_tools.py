# SPDX-License-Identifier: Apache-2.0
"""``openstack steth ping`` and ``openstack steth interface``, in a lab."""

from concurrent import futures
import json
from typing import Any
import unittest

from steth.model import report
from steth.tests.functional import needs
from steth.tests.functional.controller import cases

NETNS = "qrouter-test"


class ToolsTestCase(cases.LabTestCase):
    """Real packets are answered, and what is there is told as by ``ip``."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        for command in (
            f"netns add {NETNS}",
            f"-n {NETNS} link add qr-1 mtu 1450 type veth peer name qr-2",
            f"-n {NETNS} address add 192.0.2.1/24 dev qr-1",
        ):
            cls.lab.exec("compute1", ["ip", *command.split()])

    def test_ping_hosts_and_addresses(self) -> None:
        done = self.steth(
            "ping", "compute1", "compute2", "10.77.1.13", "10.77.0.99",
            "--count", "3", "--interval", "0.05", "-f", "json",
        )  # fmt: skip
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual(
            [
                ("compute2", "10.77.0.12", 3, 3, None),
                ("10.77.1.13", "10.77.1.13", 3, 3, None),
                ("10.77.0.99", "10.77.0.99", 3, 0, "no-neighbour"),
            ],
            [
                (
                    one["Destination"],
                    one["Address"],
                    one["Sent"],
                    one["Received"],
                    one["Failure"],
                )
                for one in json.loads(done.stdout)
            ],
        )

    def test_ping_network_and_size(self) -> None:
        for size, received in (("9000", 2), ("9001", 0)):
            done = self.steth(
                "ping", "compute1", "compute3", "--network", "storage",
                "--size", size, "--dont-fragment", "--count", "2",
                "-f", "json",
            )  # fmt: skip
            (row,) = json.loads(done.stdout)
            self.assertEqual("10.77.2.13", row["Address"])
            self.assertEqual(received, row["Received"])
            self.assertEqual(
                0 if received else report.ExitCode.FAULT_FOUND,
                done.returncode,
            )
        self.assertEqual(("too-big", 9000), (row["Failure"], row["MTU"]))

    def test_ping_interface(self) -> None:
        for interface, received in (("eth0", 1), ("eth9", 0)):
            done = self.steth(
                "ping", "compute1", "10.77.0.12", "--interface", interface,
                "--count", "1", "-f", "json",
            )  # fmt: skip
            (row,) = json.loads(done.stdout)
            self.assertEqual(received, row["Received"])
        self.assertEqual(report.ExitCode.FAULT_FOUND, done.returncode)
        self.assertEqual("there is no such device", row["Detail"])

    def test_ping_from_a_namespace(self) -> None:
        for command in (
            f"netns add {NETNS}",
            f"link add qg-2 type veth peer name qg-1 netns {NETNS}",
            "link set qg-2 up",
            "address add 198.51.100.2/24 dev qg-2",
            f"-n {NETNS} address add 198.51.100.1/24 dev qg-1",
            f"-n {NETNS} link set qg-1 up",
        ):
            self.inside("compute2", "ip", *command.split())
        done = self.steth(
            "ping", "compute2", "198.51.100.2", "198.51.100.9", "10.77.0.11",
            "--netns", NETNS, "--count", "2", "-f", "json",
        )  # fmt: skip
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual(
            [(2, None), (0, "no-neighbour"), (0, "no-route")],
            [
                (one["Received"], one["Failure"])
                for one in json.loads(done.stdout)
            ],
        )

    def test_ping_mistakes(self) -> None:
        for arguments, said in (
            (
                ("compute1", "192.0.2.1", "--netns", "qrouter-tset"),
                f"did you mean '{NETNS}'",
            ),
            (("compute1", "compute22"), "did you mean 'compute2'"),
            (("compute1", "compute2", "--network", "x"), "no network 'x'"),
        ):
            done = self.steth("ping", *arguments)
            self.assertEqual(report.ExitCode.FAILED, done.returncode)
            self.assertEqual("", done.stdout)
            self.assertIn(said, done.stderr)

    def test_tasks(self) -> None:
        rows: list[dict[str, Any]] = []

        def is_listed() -> bool:
            done = self.steth("task", "list", "-f", "json")
            self.assertEqual(0, done.returncode, done.stderr)
            rows[:] = json.loads(done.stdout)
            return bool(rows)

        with futures.ThreadPoolExecutor(1) as pool:
            # It ends by itself, should the task not be stopped below.
            pool.submit(
                self.steth,
                *("capture", "compute1:eth2", "--duration", "30"),
                *("--write", "/tmp/tasks.pcapng"),
            )
            cases.wait_for(is_listed, "the capture is a task")
            (row,) = rows
            done = self.steth("task", "stop", "compute1", row["ID"])
        self.assertEqual(
            ("compute1", "capture.start"), (row["Host"], row["Operation"])
        )
        self.assertEqual((0, ""), (done.returncode, done.stdout))
        self.assertFalse(is_listed())
        done = self.steth("task", "stop", "compute1", row["ID"])
        self.assertEqual(report.ExitCode.FAILED, done.returncode)
        self.assertIn("there is no task", done.stderr)

    def test_vlan_interface(self) -> None:
        """Where the kernel has none, its lack is told."""
        create = ("vlan", "interface", "create", "compute3", "eth2", "100")
        delete = ("vlan", "interface", "delete", "compute3", "eth2", "100")
        done = self.steth(*create, "--cidr", "10.77.2.99/24")
        self.assertEqual(report.ExitCode.FAILED, done.returncode)
        self.assertIn("overlaps the host's own route", done.stderr)
        done = self.steth(*create, "--cidr", "192.0.2.1/24", "-f", "json")
        try:
            needs.vlan_interfaces()
        except unittest.SkipTest:
            self.assertEqual(report.ExitCode.FAILED, done.returncode)
            self.assertIn("its module 8021q is neither", done.stderr)
            done = self.steth(*delete)
            self.assertEqual(report.ExitCode.FAILED, done.returncode)
            self.assertIn("Steth has made no interface", done.stderr)
            return
        name = json.loads(done.stdout)["name"]
        shown = self.told("show", "compute3", name)
        self.assertEqual(
            ("vlan", "eth2", 100),
            tuple(shown[one] for one in ("kind", "parent", "vlan")),
        )
        self.assertEqual({"id": 100, "protocol": "802.1Q"}, shown["details"])
        self.assertEqual(
            ["192.0.2.1/24"], [one["address"] for one in shown["addresses"]]
        )
        self.assertEqual(0, self.steth(*delete).returncode)
        names = [one["Name"] for one in self.told("list", "compute3")]
        self.assertNotIn(name, names)

    def told(self, *arguments: str) -> Any:
        done = self.steth("interface", *arguments, "-f", "json")
        self.assertEqual(0, done.returncode, done.stderr)
        return json.loads(done.stdout)

    def test_interface_list(self) -> None:
        told = {one["Name"]: one for one in self.told("list", "compute1")}
        self.assertEqual({"lo", "eth0", "eth1", "eth2"}, told.keys())
        (link,) = json.loads(
            self.lab.exec(
                "compute1", ["ip", "-json", "address", "show", "eth1"]
            ).stdout
        )
        self.assertEqual(
            (link["address"], link["mtu"], "up", True),
            tuple(
                told["eth1"][one]
                for one in ("MAC Address", "MTU", "State", "Carrier")
            ),
        )
        self.assertIn("10.77.1.11/24", told["eth1"]["Addresses"])

    def test_interface_namespaces(self) -> None:
        rows = self.told("list", "compute1", "--all-netns")
        self.assertEqual({None, NETNS}, {one["Namespace"] for one in rows})
        self.assertEqual(
            {10000}, {one["Speed"] for one in rows if one["Kind"] == "veth"}
        )
        shown = self.told("show", "compute1", "qr-1", "--netns", NETNS)
        self.assertEqual(
            ("veth", 1450, "down", "qr-2", "veth", 10000),
            (
                *(shown[one] for one in ("kind", "mtu", "state", "peer")),
                *(shown["driver"]["name"], shown["speed"]),
            ),
        )
        self.assertEqual(
            [{"address": "192.0.2.1/24", "scope": "global", "flags": []}],
            shown["addresses"],
        )

    def test_interface_show(self) -> None:
        shown = self.told("show", "compute1", "eth1")
        (link,) = json.loads(
            self.lab.exec(
                "compute1",
                ["ip", "-details", "-json", "link", "show", "eth1"],
            ).stdout
        )
        self.assertEqual(
            (
                link["flags"],
                link["operstate"].lower(),
                link["qdisc"],
                link["txqlen"],
                link["min_mtu"],
                link["max_mtu"],
            ),
            tuple(
                shown[one]
                for one in (
                    *("flags", "operational_state", "queueing_discipline"),
                    *("queue_length", "minimum_mtu", "maximum_mtu"),
                )
            ),
        )
        self.assertEqual("veth", shown["driver"]["name"])
        self.assertIn(
            "generic-receive-offload",
            [one["name"] for one in shown["offloads"]],
        )
        done = self.steth("interface", "show", "compute1", "eth1")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIn("LOWER_UP", done.stdout)

    def test_interface_mistakes(self) -> None:
        for arguments, said in (
            (("list", "compute11"), "did you mean 'compute1'"),
            (("show", "compute1", "eht1"), "did you mean 'eth1'"),
            (
                ("list", "compute1", "--netns", "qrouter-tset"),
                f"did you mean '{NETNS}'",
            ),
            (
                ("show", "compute1", "eth1", "--netns", NETNS),
                "it is in another namespace: the host's own",
            ),
        ):
            with self.subTest(arguments=arguments):
                done = self.steth("interface", *arguments)
                self.assertEqual(report.ExitCode.FAILED, done.returncode)
                self.assertEqual("", done.stdout)
                self.assertIn(said, done.stderr)
