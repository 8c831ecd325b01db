# SPDX-License-Identifier: Apache-2.0
"""A real agent on a real RabbitMQ, which comes, goes and refuses."""

import json
import subprocess
import sys
import time
from typing import Any
import unittest

from steth.tests.functional import needs
from steth.tests.functional.agent import namespaces
from steth.tests.functional.agent import service_fixtures as fixtures

PASSWORD = "right"
#: Seconds in which the agent tries to join several times.
_ATTEMPTS = 4.0
_ASK = "steth.tests.functional.agent.service_bus_client"


class BusTestCase(unittest.TestCase):
    def setUp(self) -> None:
        needs.root()
        needs.programs("rabbitmq-server")
        self.host = namespaces.Host(self)
        self.broker = fixtures.Broker(self, self.host)

    def start(
        self, *, password: str = PASSWORD, more: str = ""
    ) -> fixtures.Agent:
        agent = fixtures.Agent(
            self,
            self.host,
            "[DEFAULT]\nhost = h1\ntransport_url = "
            f"rabbit://steth:{password}@127.0.0.1:{fixtures.BROKER_PORT}/\n"
            f"{more}\n[agent]\nbus_retry_interval = 1\n",
        )
        agent.await_log("Listening on")
        return agent

    def ask(self, agent: fixtures.Agent, *command: str) -> Any:
        """Do something over the bus, as a controller would."""
        done = subprocess.run(
            self.host.python(_ASK, str(agent.config_file), *command),
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(0, done.returncode, done.stderr)
        return json.loads(done.stdout)

    def let_it_try(self) -> None:
        """Let the agent try to join again, several times."""
        # That it says nothing new meanwhile can only be seen by waiting.
        time.sleep(_ATTEMPTS)

    def call(self, agent: fixtures.Agent, operation: str, **given: Any) -> Any:
        return self.ask(agent, "call", operation, json.dumps(given))


class OutageTest(BusTestCase):
    def test_broker_comes_goes_and_returns(self) -> None:
        agent = self.start()
        agent.await_log("Not on the message bus: 127.0.0.1:5672: Connection")
        inside = fixtures.Inside(self, self.host)
        answer = inside.call(
            lambda: fixtures.post(fixtures.call("inspect.agent"))
        )
        self.assertEqual("h1", answer.json["result"]["data"]["host"])
        self.broker.start()
        agent.await_log("on the message bus as h1")
        reply = self.call(agent, "inspect.agent")
        self.assertEqual("h1", reply["data"]["host"])
        self.assertEqual(1, self.ask(agent, "look")["agents"])

        self.broker.kill()
        agent.await_log("unreachable")
        self.let_it_try()
        self.broker.forget()
        self.broker.start()
        fixtures.wait_for(
            lambda: "steth-agent.h1" in self.broker.consumers(), "rejoined"
        )
        agent.await_log("The message bus is back")
        reply = self.call(agent, "inspect.agent")
        self.assertEqual("h1", reply["data"]["host"])
        self.assertLessEqual(agent.log.count("ERROR"), 1, agent.log)

        self.assertLess(agent.stop(), fixtures.DEADLINE)
        self.assertEqual(0, agent.exit_code())
        # What is left is of no use to anybody and goes within a minute.
        left = self.broker.control("list_queues", "name", "arguments")
        for line in left.splitlines()[1:]:
            self.assertIn('"x-expires",60000', line.replace(" ", ""))

    def test_wrong_password_from_the_first(self) -> None:
        self.broker.start()
        agent = self.start(password="secr3t", more="debug = true")
        agent.await_log("refuses user steth: wrong name or password")
        self.let_it_try()
        self.assertEqual(1, agent.log.count("refuses user"), agent.log)
        self.broker.control("change_password", "steth", "secr3t")
        agent.await_log("on the message bus as h1")
        self.assertNotIn("secr3t", agent.log)

    def test_wrong_password_after_an_outage(self) -> None:
        self.broker.start()
        agent = self.start()
        agent.await_log("on the message bus as h1")
        self.broker.control("change_password", "steth", "other")
        self.broker.control("close_all_connections", "test")
        agent.await_log("refuses user steth: wrong name or password")
        self.let_it_try()
        self.assertEqual(1, agent.log.count("refuses user"), agent.log)
        self.assertLessEqual(agent.log.count("ERROR"), 2, agent.log)
        self.broker.control("change_password", "steth", "right")
        fixtures.wait_for(
            lambda: self.broker.consumers().get("steth-agent.h1"), "rejoined"
        )
        agent.await_log("The message bus is back")

    def test_user_who_may_do_nothing(self) -> None:
        self.broker.start()
        self.broker.control("set_permissions", "steth", "", "", "")
        agent = self.start()
        agent.await_log("the broker refuses: ACCESS_REFUSED")
        self.let_it_try()
        self.assertEqual(1, agent.log.count("Not on the message bus"))
        self.assertNotIn("Traceback", agent.log)
        self.broker.control("set_permissions", "steth", ".*", ".*", ".*")
        agent.await_log("on the message bus as h1")
        self.assertEqual(
            "h1", self.call(agent, "inspect.agent")["data"]["host"]
        )

    def test_stop_while_the_broker_is_away(self) -> None:
        self.broker.start()
        agent = self.start()
        agent.await_log("on the message bus as h1")
        self.broker.kill()
        agent.await_log("Not on the message bus")
        self.assertLess(agent.stop(), fixtures.DEADLINE)
        self.assertEqual(0, agent.exit_code())


class CallTest(BusTestCase):
    def test_calls(self) -> None:
        self.broker.start()
        agent = self.start()
        agent.await_log("on the message bus as h1")

        heard = self.ask(agent, "discover", "1")
        self.assertEqual(["h1"], [one["host"] for one in heard])

        reply = self.call(agent, "probe.icmp", targets=[{"address": "x"}])
        self.assertEqual("bad-argument", reply["error"]["code"])
        tricky = json.dumps({"context": 1, "_context": 3})
        reply = self.ask(agent, "call", "probe.icmp", tricky)
        self.assertEqual("bad-argument", reply["error"]["code"])
        reply = self.call(
            agent, "probe.icmp", targets=[{"address": "127.0.0.1"}], count=2
        )
        self.assertEqual(2, reply["data"]["results"][0]["received"])
        reply = self.call(agent, "inspect.host")
        self.assertEqual("h1", reply["data"]["host"])

        for operation in (
            "inspect.nothing",
            "inspect.target",
            "inspect.__init__",
            "nothing.agent",
        ):
            with self.subTest(operation=operation):
                raised = self.call(agent, operation)["raised"]
                self.assertIn(raised, ("NoSuchMethod", "UnsupportedVersion"))
        self.assertEqual(
            "UnsupportedVersion",
            self.ask(agent, "call", "inspect.agent", "{}", "1.7")["raised"],
        )

    def test_flood_of_searches(self) -> None:
        self.broker.start()
        agent = self.start()
        agent.await_log("on the message bus as h1")
        heard = self.ask(agent, "discover", "400")
        self.assertGreaterEqual(len(heard), 10)
        self.assertLess(len(heard), 200)
        self.assertEqual(
            "h1", self.call(agent, "inspect.agent")["data"]["host"]
        )
        self.ask(agent, "announce", "nova")
        self.ask(agent, "announce", "steth-controller-")
        agent.await_log("with a topic that no controller has")
        self.assertNotIn("nova", self.broker.consumers())
        self.assertNotIn("Traceback", agent.log)

    def test_garbage_on_the_queue(self) -> None:
        self.broker.start()
        agent = self.start()
        agent.await_log("on the message bus as h1")
        self.ask(agent, "garbage")
        self.assertEqual(
            "h1", self.call(agent, "inspect.agent")["data"]["host"]
        )

    def test_agent_that_is_killed(self) -> None:
        self.broker.start()
        agent = self.start()
        agent.await_log("on the message bus as h1")
        self.assertEqual(1, self.ask(agent, "look")["agents"])
        agent.process.kill()
        agent.exit_code()
        fixtures.wait_for(
            lambda: self.ask(agent, "look")["agents"] == 0, "it is gone", 5
        )
        reply = self.call(agent, "inspect.agent")
        self.assertEqual("MessageUndeliverable", reply["raised"])
        left = subprocess.run(
            ("ip", "netns", "pids", self.host.name),
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        names = [_command(number) for number in left]
        self.assertFalse(
            [one for one in names if sys.executable in one], names
        )


def _command(number: str) -> str:
    try:
        with open(f"/proc/{number}/cmdline", encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""
