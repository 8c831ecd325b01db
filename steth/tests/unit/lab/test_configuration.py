# SPDX-License-Identifier: Apache-2.0
"""The configuration files of a lab's hosts, as Steth itself reads them."""

import pathlib
import tempfile
import unittest

import bcrypt
from oslo_config import cfg

from steth.conf import agent as agent_options
from steth.conf import direct
from steth.conf import direct_client
from steth.conf import inventory
from steth.lab import configuration
from steth.lab import layout

PASSWORD = "a%sword"


class ConfigurationTestCase(unittest.TestCase):
    """What is written can be read, and says what the lab is."""

    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.file = pathlib.Path(directory.name, "steth.conf")

    def read(self, text: str) -> cfg.ConfigOpts:
        """Return the configuration with all options of a file registered."""
        self.file.write_text(text)
        conf = cfg.ConfigOpts()
        agent_options.register(conf)
        direct.register(conf)
        direct_client.register(conf)
        inventory.register(conf)
        conf.register_opt(cfg.StrOpt("transport_url"))
        conf(["--config-file", str(self.file)], project="steth")
        return conf

    def test_agent(self) -> None:
        shape = layout.Shape(broker=True)
        host = layout.computes(shape)[1]
        conf = self.read(configuration.agent(host, "secret"))
        self.assertEqual("10.77.0.12", conf.direct.bind_host)
        self.assertEqual(9698, conf.direct.port)
        self.assertEqual("/etc/steth/htpasswd", conf.direct.htpasswd_file)
        self.assertIsNone(conf.direct.certificate_file)
        self.assertEqual(
            "rabbit://steth:secret@10.77.0.1:25673/", conf.transport_url
        )

    def test_agent_with_tls_and_no_broker(self) -> None:
        shape = layout.Shape(tls=True)
        host = layout.computes(shape)[0]
        conf = self.read(configuration.agent(host, None, tls=True))
        self.assertIsNone(conf.transport_url)
        self.assertEqual(configuration.CA_FILE, conf.direct.client_ca_file)
        self.assertEqual(
            configuration.CERTIFICATE_FILE, conf.direct.certificate_file
        )
        self.assertEqual(configuration.KEY_FILE, conf.direct.key_file)

    def test_controller(self) -> None:
        shape = layout.Shape(hosts=2, tls=True)
        conf = self.read(
            configuration.controller(
                configuration.inventory(shape), None, PASSWORD, tls=True
            )
        )
        self.assertTrue(conf.direct_client.tls)
        self.assertEqual(PASSWORD, conf.direct_client.password)
        found = inventory.read(conf)
        self.assertEqual(
            [("compute1", "10.77.0.11"), ("compute2", "10.77.0.12")],
            [(one.name, one.address) for one in found.hosts],
        )
        self.assertEqual(
            [("mgmt", 1500), ("tunnel", 9000), ("storage", 9000)],
            [(one.name, one.mtu) for one in found.networks],
        )
        self.assertEqual({"*": "eth1"}, found.networks[1].interfaces)

    def test_htpasswd(self) -> None:
        line = configuration.htpasswd(PASSWORD)
        user, _, hashed = line.strip().partition(":")
        self.assertEqual(configuration.USER, user)
        self.assertTrue(hashed.startswith("$2y$"))
        self.assertTrue(bcrypt.checkpw(PASSWORD.encode(), hashed.encode()))

    def test_etc_hosts(self) -> None:
        text = configuration.etc_hosts(layout.hosts(layout.Shape(hosts=1)))
        self.assertIn("127.0.0.1 localhost\n", text)
        self.assertTrue(
            text.endswith("10.77.0.1 controller\n10.77.0.11 compute1\n")
        )
