# SPDX-License-Identifier: Apache-2.0
"""The DevStack plugin, run by DevStack's own functions.

Each test has network, mount, PID and UTS namespaces with an empty /opt and a
copy of /etc, so that the plugin can do as it does on a real node. Packages
are not installed (Steth is, in the environment of the tests), and a script
stands in for systemctl; the agent is started for real.
"""

import configparser
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from steth.agent.privileged import contexts
from steth.tests.functional import needs

_ROOT = pathlib.Path(__file__).parents[4]
_HERE = pathlib.Path(__file__).parent
_HOST = "devstack-node"
_STACK = (
    "stack pre-install",
    "stack install",
    "stack post-config",
    "stack extra",
    "stack test-config",
)
_TIMEOUT = 120

# $1 is a directory of the test's own, where /etc, /opt and /tmp are kept.
_ENTER = """
set -e
mount -t tmpfs tmpfs "$1"
mkdir -p "$1/upper" "$1/work" "$1/etc" "$1/opt"
mount -t overlay overlay \
    -o "lowerdir=/etc,upperdir=$1/upper,workdir=$1/work" "$1/etc"
mount --bind "$1/etc" /etc
mount --bind "$1/opt" /opt
hostname "$2"
echo "127.0.0.1 localhost $2" > /etc/hosts
mkdir -p /etc/sudoers.d
ip link set lo up
shift 2
exec "$@"
"""


class PluginTestCase(unittest.TestCase):
    """One node; nothing of it remains after the test."""

    def setUp(self) -> None:
        needs.root()
        needs.programs("unshare", "nsenter", "tini", "openssl", "htpasswd")
        self.devstack = os.environ.get("DEVSTACK_DIR", "")
        if not (pathlib.Path(self.devstack) / "stackrc").exists():
            self.skipTest("DEVSTACK_DIR does not name a tree of DevStack")
        directory = tempfile.TemporaryDirectory(prefix="steth-")
        self.addCleanup(directory.cleanup)
        self.node = subprocess.Popen(
            [
                "unshare", "--net", "--mount", "--pid", "--uts", "--fork",
                "--mount-proc", "--kill-child", "--propagation", "private",
                "bash", "-c", _ENTER, "enter", directory.name, _HOST,
                "sh", "-c", "echo ready; exec tini -- sleep infinity",
            ],
            stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        self.addCleanup(self._remove)
        assert self.node.stdout
        self.assertEqual("ready\n", self.node.stdout.readline())
        children = f"/proc/{self.node.pid}/task/{self.node.pid}/children"
        self.inside = pathlib.Path(children).read_text().split()[0]
        # There is no sudo to be had everywhere, nor need for it here.
        self.run_in_node(
            ["sh", "-c", "mkdir -p /opt/bin && ln -s /usr/bin/env "
             "/opt/bin/sudo"],
        )  # fmt: skip

    def _remove(self) -> None:
        self.node.kill()
        self.node.communicate()

    def run_in_node(
        self, command: list[str], **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the node; return how it went."""
        path = f"/opt/bin:{os.path.dirname(sys.executable)}"
        return subprocess.run(
            ["nsenter", "-t", self.inside, "-n", "-m", "-p", "-u", *command],
            env={**os.environ, "PATH": f"{path}:{os.environ['PATH']}"}
            | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_TIMEOUT,
            check=False,
        )

    def phases(self, *phases: str, services: str = "") -> str:
        """Run phases of the plugin; return what was printed."""
        ran = self.run_in_node(
            [str(_HERE / "phases.sh"), *phases],
            DEVSTACK_DIR=self.devstack,
            STETH_DIR=str(_ROOT),
            DEVSTACK_VENV=sys.prefix,
            GLOBAL_VENV="True",
            ENABLED_SERVICES=services,
            HOST_IP="127.0.0.1",
            SERVICE_HOST="127.0.0.1",
            RABBIT_HOST="127.0.0.1",
            RABBIT_PASSWORD="secretrabbit",
            SERVICE_PASSWORD="secretservice",
        )
        self.assertEqual(0, ran.returncode, ran.stdout)
        return ran.stdout

    def configuration(self) -> configparser.ConfigParser:
        """Return the steth.conf that the plugin wrote."""
        parser = configparser.ConfigParser(interpolation=None)
        parser.read_string(self.read("/etc/steth/steth.conf"))
        return parser

    def read(self, path: str) -> str:
        """Return the contents of a file in the node."""
        ran = self.run_in_node(["cat", path])
        self.assertEqual(0, ran.returncode, ran.stdout)
        return ran.stdout

    def exists(self, path: str) -> bool:
        """Tell whether there is such a file in the node."""
        return self.run_in_node(["test", "-e", path]).returncode == 0

    def running(self) -> str:
        """Return the agents and their helpers that run in the node."""
        return self.run_in_node(
            ["pgrep", "--full", "--list-full", "bin/(steth-agent|privsep)"]
        ).stdout


class TestPlugin(PluginTestCase):
    """All phases, as a user stacks, unstacks and cleans."""

    def test_stack_with_password(self) -> None:
        printed = self.phases(*_STACK)

        self.assertIn(f"pip: -e {_ROOT}[agent,osc]", printed)
        self.assertIn("package: apache2-utils", printed)
        written = self.configuration()
        self.assertEqual(
            "rabbit://stackrabbit:secretrabbit@127.0.0.1:5672/",
            written["DEFAULT"]["transport_url"],
        )
        self.assertTrue(
            self.read(written["direct"]["htpasswd_file"]).startswith(
                "steth:$2y$"
            )
        )
        self.assertEqual("secretservice", written["direct_client"]["password"])
        for context in contexts.ALL:
            section = written[context.cfg_section]
            self.assertRegex(section["helper_command"], "^sudo .*/privsep-")
        # It was asked, on its own listener: there is no broker here.
        self.assertRegex(printed, rf"host +\| {_HOST} ")
        self.assertRegex(printed, r"status +\| up ")
        self.assertRegex(printed, r"transport +\| direct ")

    def test_stack_with_tls(self) -> None:
        printed = self.phases(*_STACK, services="tls-proxy")

        written = self.configuration()
        self.assertNotIn("htpasswd_file", written["direct"])
        self.assertIn("client_ca_file", written["direct"])
        self.assertEqual("True", written["direct_client"]["tls"])
        self.assertRegex(printed, r"transport +\| direct ")

    def test_stack_twice(self) -> None:
        self.phases(*_STACK, services="tls-proxy")
        self.phases("unstack", services="tls-proxy")

        printed = self.phases(*_STACK, services="tls-proxy")

        self.assertRegex(printed, r"status +\| up ")

    def test_unstack_and_clean(self) -> None:
        self.phases(*_STACK)
        self.assertIn("steth-agent", self.running())

        self.phases("unstack")

        self.assertEqual("", self.running())
        self.assertTrue(self.exists("/etc/steth/steth.conf"))

        self.phases("clean")

        self.assertFalse(self.exists("/etc/steth"))
        self.assertFalse(self.exists("/etc/sudoers.d/steth"))

    def test_node_without_agent(self) -> None:
        printed = self.phases(*_STACK, services="-steth-agent")

        self.assertIn("pip: ", printed)
        self.assertEqual("", self.running())
        self.phases("unstack", "clean", services="-steth-agent")
