# SPDX-License-Identifier: Apache-2.0
"""A bus that cannot be used from the beginning, and direct listeners."""

import time

from steth.lab import broker
from steth.tests.functional.controller import cases

HOSTS = ["compute1", "compute2", "compute3"]


class TransportsTestCase(cases.LabTestCase):
    """The way is chosen by host; what is wrong is named, without secrets."""

    def secrets(self) -> list[str]:
        text = self.inside(cases.CONTROLLER, "cat", "/etc/steth/steth.conf")
        values = dict(
            line.split(" = ", 1) for line in text.splitlines() if "=" in line
        )
        password = values["transport_url"].split(":")[2].split("@")[0]
        return [password, values["password"]]

    def assert_all(
        self, transport: str, rows: dict[str, dict[str, str]]
    ) -> None:
        self.assertEqual(
            dict.fromkeys(HOSTS, ("up", transport)),
            {
                host: (one["Status"], one["Transport"])
                for host, one in rows.items()
            },
        )

    def test_bus(self) -> None:
        self.assert_all("bus", self.agents())
        self.assert_all("bus", self.agents("--transport", "bus"))

    def test_bus_without_inventory(self) -> None:
        config = self.changed_config(("hosts = ", ""))
        self.assert_all("bus", self.agents(config=config))

    def test_direct(self) -> None:
        self.assert_all("direct", self.agents("--transport", "direct"))

    def test_nothing_stays_on_the_broker(self) -> None:
        before = self.queues()
        self.assert_all("bus", self.agents())
        self.assertEqual(before, self.queues())

    def queues(self) -> set[str]:
        listed = self.inside(
            cases.CONTROLLER,
            *("runuser", "-u", "rabbitmq", "--"),
            *("env", f"HOME={broker.DIRECTORY}"),
            *("rabbitmqctl", "-q", "-n", broker.NODE),
            *("list_queues", "name"),
        )
        return {one for one in listed.splitlines() if "steth" in one}

    def test_one_host_off_the_bus(self) -> None:
        self.lab.fault("bus-refused", hosts=["compute3"])
        self.addCleanup(self.lab.heal)
        rows = self.agents()
        self.assertEqual("direct", rows["compute3"]["Transport"])
        self.assertEqual("not on the bus", rows["compute3"]["Reason"])
        self.assertEqual("bus", rows["compute1"]["Transport"])

    def test_broker_away(self) -> None:
        config = self.changed_config(
            ("transport_url", "transport_url = rabbit://a:b@10.77.0.1:9/")
        )
        self.assert_all("direct", self.agents(config=config))
        done = self.steth("agent", "list", config=config)
        self.assertIn("no bus: 10.77.0.1:9: Connection refused", done.stderr)

    def test_broker_that_says_nothing(self) -> None:
        with self.frozen_broker():
            started = time.monotonic()
            self.assert_all("direct", self.agents())
            took = time.monotonic() - started
        # 3 s for the broker, and the client's own start on a busy machine;
        # without an end to the waiting it would be minutes.
        self.assertLess(took, 3 + 22)

    def test_one_broker_of_two(self) -> None:
        url = next(
            line
            for line in self.inside(
                cases.CONTROLLER, "cat", "/etc/steth/steth.conf"
            ).splitlines()
            if line.startswith("transport_url")
        )
        alive = url.partition("//")[2].rstrip("/")
        config = self.changed_config(
            (
                "transport_url",
                # A host of the lab that drops what it is sent would do;
                # nobody has this address.
                f"transport_url = rabbit://a:b@10.77.0.250:5672,{alive}/",
            )
        )
        self.assert_all("bus", self.agents(config=config))

    def test_wrong_password_on_the_bus(self) -> None:
        config = self.changed_config(
            (
                "transport_url",
                "transport_url = rabbit://steth:wr0ng@10.77.0.1:25673/",
            )
        )
        self.assert_all("direct", self.agents(config=config))
        done = self.steth("agent", "list", config=config)
        self.assertRegex(done.stderr, "no bus: .* refuses user steth")
        self.assertNotIn("wr0ng", done.stderr + done.stdout)

    def test_wrong_password_on_9698(self) -> None:
        config = self.changed_config(("password", "password = wr0ng"))
        rows = self.agents("--transport", "direct", config=config)
        for row in rows.values():
            self.assertEqual("refused", row["Status"])
            self.assertEqual(
                "no answer on 9698: password refused (user steth)",
                row["Reason"],
            )
        self.assertEqual(
            "up", self.agents(config=config)["compute1"]["Status"]
        )

    def test_no_secrets_when_debugging(self) -> None:
        done = self.lab.openstack(
            *("--debug", "steth", "check", "connectivity", "--count", "1"),
        )
        self.assertEqual(0, done.returncode, done.stderr[-2000:])
        for secret in self.secrets():
            self.assertNotIn(secret, done.stderr + done.stdout)


class TlsTestCase(cases.LabTestCase):
    """With certificates on both sides, and without a broker."""

    with_broker = False
    tls = True

    def reasons(self, *changes: tuple[str, str]) -> set[tuple[str, str]]:
        rows = self.agents(config=self.changed_config(*changes))
        self.assertEqual(HOSTS, sorted(rows))
        return {(one["Status"], one["Reason"]) for one in rows.values()}

    def test_well(self) -> None:
        self.assertEqual({("up", None)}, self.reasons())

    def test_no_client_certificate(self) -> None:
        self.assertEqual(
            {
                (
                    "refused",
                    "no answer on 9698: a client certificate is asked for: "
                    "give [direct_client] certificate_file",
                )
            },
            self.reasons(("certificate_file", ""), ("key_file", "")),
        )

    def test_unknown_authority(self) -> None:
        ((status, reason),) = self.reasons(("ca_file", ""))
        self.assertEqual("silent", status)
        self.assertIn("bad certificate: self-signed certificate", reason)

    def test_without_tls(self) -> None:
        ((status, reason),) = self.reasons(("tls", "tls = false"))
        self.assertEqual("silent", status)
        self.assertIn("it speaks TLS: set [direct_client] tls", reason)

    def test_another_agent_at_the_address(self) -> None:
        rows = self.agents(
            config=self.changed_config(
                ("hosts = ", "hosts = compute1:10.77.0.12")
            )
        )
        self.assertEqual("silent", rows["compute1"]["Status"])
        self.assertIn("calls itself compute2", rows["compute1"]["Reason"])

    def test_missing_file(self) -> None:
        config = self.changed_config(("ca_file", "ca_file = /no/such.pem"))
        done = self.steth("agent", "list", config=config)
        self.assertEqual(1, done.returncode)
        self.assertEqual(
            "[direct_client] ca_file: cannot read /no/such.pem: No such file "
            "or directory\n",
            done.stderr,
        )
