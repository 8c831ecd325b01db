# SPDX-License-Identifier: Apache-2.0
"""How a real agent starts, changes its mind, and ends."""

import os
import pathlib
import signal
import subprocess
import sys
import unittest

import bcrypt

from steth.tests.functional import needs
from steth.tests.functional.agent import namespaces
from steth.tests.functional.agent import service_fixtures as fixtures


class StartTest(unittest.TestCase):
    """What is wrong is told in one line, and the exit code is 1."""

    def setUp(self) -> None:
        needs.root()
        self.host = namespaces.Host(self)
        self.where = fixtures.directory(self)

    def assert_refused(self, options: str, *texts: str) -> None:
        agent = fixtures.Agent(self, self.host, options)
        self.assertEqual(1, agent.exit_code(), agent.log)
        said = [
            line for line in agent.log.splitlines() if "privsep" not in line
        ]
        self.assertEqual(1, len(said), agent.log)
        self.assertTrue(said[0].startswith("steth-agent: "), said[0])
        for text in texts:
            self.assertIn(text, said[0])

    def file(self, name: str, content: str) -> pathlib.Path:
        path = self.where / name
        path.write_text(content)
        return path

    def test_configuration(self) -> None:
        for options, texts in (
            ("[agent]\nmax_operations = many\n",
             ("steth.conf", "[agent] max_operations", "'many'")),
            ("[agent]\nmax_operations = 1000\n",
             ("steth.conf", "[agent] max_operations", "64")),
            ("[direct]\nport = 70000\n", ("[direct] port", "65535")),
            ("[agent]\nmax_operation = 3\n",
             ("'max_operation'", "did you mean 'max_operations'")),
            ("[dirct]\nport = 3\n", ("[dirct]", "did you mean 'direct'")),
            ("[DEFAULT]\ndebgu = true\n",
             ("'debgu'", "did you mean 'debug'")),
            ("[DEFAULT]\ndebug = perhaps\n", ("debug", "perhaps")),
            ("[DEFAULT]\nuse_syslog = perhaps\n", ("use_syslog", "perhaps")),
            ("[oslo_messaging_rabbit]\nssl_ca = x\n", ("ssl_ca",)),
            ("[oslo_messaging_rabbit]\nheartbeat_rate = x\n",
             ("[oslo_messaging_rabbit] heartbeat_rate",)),
            ("[DEFAULT]\ntransport_url = s3cret@nowhere\n",
             ("transport_url", "rabbit://user:password@host:port/")),
            ("[network:mgmt]\ncidr = 192.0.2.0/24\n",
             ("[network:mgmt]", "[inventory] networks")),
            ("[agent\n", ("steth.conf:1",)),
            ("[agent]\nno value\n", ("steth.conf:2",)),
        ):  # fmt: skip
            with self.subTest(options=options):
                self.assert_refused(options, *texts)

    def test_missing_file(self) -> None:
        done = subprocess.run(
            self.host.command(
                sys.executable, "-m", "steth.agent", "--config-file=/nowhere"
            ),
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(1, done.returncode)
        self.assertEqual(
            "steth-agent: /nowhere: there is no such file\n", done.stderr
        )

    def test_what_the_controller_needs_is_accepted(self) -> None:
        agent = fixtures.Agent(
            self,
            self.host,
            "[controller]\ntimeout = 3\n[direct_client]\nport = 9698\n"
            "[inventory]\nnetworks = mgmt\n"
            "[network:mgmt]\ncidr = 192.0.2.0/24\n"
            "[oslo_messaging_notifications]\ndriver = noop\n",
        )
        agent.await_log("Listening on")

    def test_port_in_use(self) -> None:
        agent = fixtures.Agent(self, self.host, "")
        agent.await_log("Listening on")
        self.assert_refused(
            "", "port 9698 on 127.0.0.1 is in use", "[direct] port"
        )

    def test_address_of_somebody_else(self) -> None:
        crypted = bcrypt.hashpw(b"", bcrypt.gensalt(4)).decode()
        passwords = self.file("htpasswd", f"ann:{crypted}\n")
        self.assert_refused(
            f"[direct]\nbind_host = 192.0.2.1\nhtpasswd_file = {passwords}\n",
            "[direct] bind_host 192.0.2.1",
            "no address of this host",
        )

    def test_files(self) -> None:
        bad = self.file("bad", "nothing of use")
        md5 = self.file("md5", "ann:$apr1$abc$def\n")
        empty = self.file("empty", "\n# nobody\n")
        for options, texts in (
            ("htpasswd_file = /nowhere\n", ("/nowhere", "No such file")),
            (f"htpasswd_file = {bad}\n", (str(bad), "line 1")),
            (f"htpasswd_file = {md5}\n", ("line 1", "htpasswd -B")),
            (f"htpasswd_file = {empty}\n", ("names no user",)),
            (f"certificate_file = {bad}\n", ("certificate_file", "key_file")),
            (f"key_file = {bad}\n", ("key_file", "certificate_file")),
            (f"client_ca_file = {bad}\n", ("client_ca_file", "needs TLS")),
            (f"certificate_file = {bad}\nkey_file = /nowhere\n",
             ("key_file /nowhere", "No such file")),
            (f"certificate_file = {bad}\nkey_file = {bad}\n",
             (f"certificate_file {bad}", "can't be used")),
        ):  # fmt: skip
            with self.subTest(options=options):
                self.assert_refused(f"[direct]\n{options}", *texts)


class RunTest(unittest.TestCase):
    def setUp(self) -> None:
        needs.root()
        self.host = namespaces.Host(self)
        self.inside = fixtures.Inside(self, self.host)

    def test_reload(self) -> None:
        agent = fixtures.Agent(self, self.host, "[DEFAULT]\ndebug = false\n")
        agent.await_log("Listening on")
        body = fixtures.call("inspect.agent")
        self.inside.call(lambda: fixtures.post(body))
        self.assertNotIn("DEBUG", agent.log)
        agent.config_file.write_text("[DEFAULT]\ndebug = true\n")
        agent.process.send_signal(signal.SIGHUP)
        agent.await_log("debug changed from [false] to [true]")
        self.inside.call(lambda: fixtures.post(body))
        agent.await_log("calls inspect.agent")
        for number, (broken, text) in enumerate(
            (
                ("[DEFAULT]\ndebug = perhaps\n", "perhaps"),
                ("[agent\n", "steth.conf:1"),
                ("[agent]\nmax_packet_rate = 3\n", "[agent] max_packet_rate"),
                ("[agent]\nmax_packets = 30\n", "'max_packets'"),
            ),
            start=1,
        ):
            agent.config_file.write_text(broken)
            agent.process.send_signal(signal.SIGHUP)
            agent.await_log("Kept the old configuration: ", count=number)
            self.assertIn(text, agent.log.splitlines()[-1])
        answer = self.inside.call(lambda: fixtures.post(body))
        self.assertEqual(200, answer.status)
        self.assertNotIn("Traceback", agent.log)

    def test_ends_with_all_it_started(self) -> None:
        for number, code in ((signal.SIGTERM, 0), (signal.SIGKILL, -9)):
            with self.subTest(signal=number):
                agent = fixtures.Agent(self, self.host, "")
                agent.await_log("Listening on")
                self.assertGreater(len(self._processes()), 1)
                agent.process.send_signal(number)
                agent.process.send_signal(number)
                self.assertEqual(code, agent.exit_code())
                fixtures.wait_for(
                    lambda: not self._processes(), "all ended", 5
                )
                self.assertNotIn("Traceback", agent.log)

    def test_no_bus_and_no_listener(self) -> None:
        agent = fixtures.Agent(self, self.host, "[direct]\nenabled = no\n")
        agent.await_log("not on the message bus")
        self.assertIn("no direct listener", agent.log)
        shown = self.host.run("ss", "-Hltn", f"sport = :{fixtures.PORT}")
        self.assertEqual("", shown)
        self.assertLess(agent.stop(), fixtures.DEADLINE)

    def test_idle_size(self) -> None:
        agent = fixtures.Agent(self, self.host, "")
        agent.await_log("Listening on")
        total = sum(_proportional_kib(one) for one in self._processes())
        self.assertLess(total / 1024, 90)

    def _processes(self) -> list[int]:
        listed = subprocess.run(
            ("ip", "netns", "pids", self.host.name),
            capture_output=True,
            text=True,
            check=True,
        )
        return [int(one) for one in listed.stdout.split()]


def _proportional_kib(process: int) -> int:
    with open(f"/proc/{process}/smaps_rollup", encoding="ascii") as file:
        for line in file:
            if line.startswith("Pss:"):
                return int(line.split()[1])
    raise AssertionError(f"no Pss of {os.getpid()}")
