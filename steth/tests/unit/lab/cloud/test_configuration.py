# SPDX-License-Identifier: Apache-2.0
"""The configuration files of a cloud's services."""

import configparser
import itertools
import pathlib
import unittest

import yaml

from steth.lab import configuration as base
from steth.lab.cloud import configuration
from steth.lab.cloud import layout
from steth.lab.cloud import programs
from steth.lab.cloud import roles

SECRETS = configuration.Secrets(
    admin="a%d", neutron="n$n", database="db", metadata="md"
)
SHAPE = layout.Shape(firewall=layout.Firewall.IPTABLES_HYBRID)


def read(text: str) -> configparser.RawConfigParser:
    """Return what a file says."""
    parser = configparser.RawConfigParser()
    parser.read_string(text)
    return parser


class ConfigurationTestCase(unittest.TestCase):
    """Each host gets what its programs read."""

    def files(self, name: str) -> dict[str, str]:
        """Return all files of a host of that name."""
        (host,) = (x for x in layout.hosts(SHAPE) if x.name == name)
        role = roles.of(host, SHAPE)
        assert role is not None
        subject = roles.Subject(
            host=host,
            shape=SHAPE,
            secrets=SECRETS,
            broker_password="secret",
            environment=pathlib.Path("/venv"),
        )
        return {name: of(subject) for name, of in role.files.items()}

    def test_programs_find_the_files_that_they_are_told_of(self) -> None:
        shapes = (
            SHAPE,
            layout.Shape(dvr=True),
            layout.Shape(mechanism=layout.Mechanism.OVN),
        )
        for shape, host in itertools.product(shapes, layout.hosts(SHAPE)):
            role = roles.of(host, shape)
            if role is None:
                continue
            for program in role.programs:
                for one in program.argv:
                    if one.startswith(("--config-file=", "--defaults-file=")):
                        self.assertIn(one.partition("=")[2], role.files)

    def test_only_the_server_reaches_the_database(self) -> None:
        server = read(self.files("controller")[configuration.NEUTRON_CONF])
        self.assertIn(
            ":db@localhost/neutron", server["database"]["connection"]
        )
        agent = read(self.files("compute1")[configuration.NEUTRON_CONF])
        self.assertNotIn("database", agent)
        self.assertNotIn("keystone_authtoken", agent)
        for one in (server, agent):
            self.assertEqual(
                "rabbit://steth:secret@10.77.0.1:25673/",
                one["DEFAULT"]["transport_url"],
            )
        self.assertEqual("compute1", agent["DEFAULT"]["host"])

    def test_an_agent_is_given_up_after_two_reports_are_lost(self) -> None:
        conf = read(self.files("compute1")[configuration.NEUTRON_CONF])
        self.assertGreater(
            int(conf["DEFAULT"]["agent_down_time"]),
            2 * int(conf["agent"]["report_interval"]),
        )

    def test_openvswitch_agent(self) -> None:
        name = configuration.OPENVSWITCH_AGENT_CONF
        compute = read(self.files("compute2")[name])
        self.assertEqual("10.77.1.12", compute["ovs"]["local_ip"])
        self.assertEqual(
            "physnet1:br-provider", compute["ovs"]["bridge_mappings"]
        )
        self.assertEqual(
            "iptables_hybrid", compute["securitygroup"]["firewall_driver"]
        )
        network = read(self.files("network1")[name])
        self.assertEqual(
            "physnet1:br-provider,external:br-ex",
            network["ovs"]["bridge_mappings"],
        )

    def test_distributed_routers(self) -> None:
        shape = layout.Shape(dvr=True)
        network, compute = layout.nodes(shape)[:2]
        for host, mode in ((network, "dvr_snat"), (compute, "dvr")):
            text = configuration.l3_agent(host, shape)
            self.assertEqual(mode, read(text)["DEFAULT"]["agent_mode"])
            conf = read(configuration.openvswitch_agent(host, shape))
            self.assertEqual(
                "true", conf["agent"]["enable_distributed_routing"]
            )
            self.assertIn("external:br-ex", conf["ovs"]["bridge_mappings"])
        role = roles.of(compute, shape)
        assert role is not None
        self.assertIn(programs.L3_AGENT, role.agents)

    def test_ovn(self) -> None:
        shape = layout.Shape(mechanism=layout.Mechanism.OVN)
        network, compute = layout.nodes(shape)[:2]
        options = configuration.ovn_chassis(network, shape)
        self.assertEqual("enable-chassis-as-gw", options["ovn-cms-options"])
        self.assertEqual("10.77.1.3", options["ovn-encap-ip"])
        self.assertEqual(
            "physnet1:br-provider,external:br-ex",
            options["ovn-bridge-mappings"],
        )
        self.assertEqual(
            "physnet1:0e:00:00:00:00:03,external:0e:00:00:00:01:03",
            options["ovn-chassis-mac-mappings"],
        )
        options = configuration.ovn_chassis(compute, shape)
        self.assertNotIn("ovn-cms-options", options)
        self.assertEqual(
            "physnet1:br-provider", options["ovn-bridge-mappings"]
        )
        ml2 = read(configuration.ml2(shape))
        self.assertEqual("ovn", ml2["ml2"]["mechanism_drivers"])
        self.assertIn("ml2_type_geneve", ml2)
        self.assertEqual("tcp:10.77.0.1:6642", ml2["ovn"]["ovn_sb_connection"])
        self.assertNotIn("ovn", read(configuration.ml2(layout.Shape())))
        role = roles.of(compute, shape)
        assert role is not None
        self.assertEqual(
            ["ovn-controller", "neutron-ovn-metadata-agent"],
            [one.name for one in role.agents],
        )

    def test_credentials(self) -> None:
        files = self.files("controller")
        clouds = yaml.safe_load(files[configuration.CLOUDS_YAML])["clouds"]
        self.assertEqual("a%d", clouds["steth"]["auth"]["password"])
        self.assertIn(
            "export OS_AUTH_URL=http://10.77.0.1:5000/v3\n",
            files[configuration.OPENRC],
        )

    def test_steth_knows_which_hosts_are_on_which_network(self) -> None:
        conf = read(
            base.controller(configuration.inventory(SHAPE), "secret", "other")
        )
        self.assertIn("controller:10.77.0.1", conf["inventory"]["hosts"])
        self.assertEqual("*:eth0", conf["network:mgmt"]["interface"])
        self.assertEqual(
            "network1:br-phy,compute1:br-phy,compute2:br-phy",
            conf["network:tunnel"]["interface"],
        )
        self.assertEqual(
            "network1,compute1,compute2",
            conf["physical_network:physnet1"]["hosts"],
        )
