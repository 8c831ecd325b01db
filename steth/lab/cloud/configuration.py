# SPDX-License-Identifier: Apache-2.0
"""The configuration files of a cloud's services, as text."""

import pathlib

import msgspec

from steth.lab import configuration
from steth.lab import layout as base
from steth.lab.cloud import layout

#: The name of the cloud in clouds.yaml, its region and its administrator.
CLOUD = "steth"
REGION = "RegionOne"
ADMIN = "admin"
#: What Neutron's server is in Keystone.
NEUTRON_USER = "neutron"
SERVICE_PROJECT = "service"

KEYSTONE_PORT = 5000
NEUTRON_PORT = 9696
NOVA_METADATA_PORT = 8775

KEYSTONE_CONF = "/etc/keystone/keystone.conf"
NEUTRON_CONF = "/etc/neutron/neutron.conf"
ML2_CONF = "/etc/neutron/plugins/ml2/ml2_conf.ini"
OPENVSWITCH_AGENT_CONF = "/etc/neutron/plugins/ml2/openvswitch_agent.ini"
DHCP_AGENT_CONF = "/etc/neutron/dhcp_agent.ini"
L3_AGENT_CONF = "/etc/neutron/l3_agent.ini"
METADATA_AGENT_CONF = "/etc/neutron/metadata_agent.ini"
OVN_METADATA_AGENT_CONF = "/etc/neutron/neutron_ovn_metadata_agent.ini"
CLOUDS_YAML = "/etc/openstack/clouds.yaml"
OPENRC = "/etc/openstack/openrc"

#: What is prepared once, and is there when the controller starts.
KEPT = "/var/lib/steth-lab"
DATABASE_DIRECTORY = f"{KEPT}/database"
DATABASE_SOCKET = "/run/steth/mariadb.sock"
DATABASE_USER = "openstack"
DATABASE_CONF = "/etc/steth/mariadb.cnf"
#: Keystone's keys, see keystone-manage(1), by what they are for.
KEYS_DIRECTORY = f"{KEPT}/keystone"

OVSDB_REMOTE = "127.0.0.1:6640"
OVN_NORTHBOUND_PORT = 6641
OVN_SOUTHBOUND_PORT = 6642

_OVERLAY_IDS = "1:1000"
_MTU = 1500
#: Seconds between two reports of an agent, and until it is held for dead.
_REPORT_INTERVAL = 10
_DOWN_TIME = 25


class Secrets(msgspec.Struct, frozen=True, kw_only=True):
    """The passwords that the prepared databases hold."""

    admin: str
    neutron: str
    database: str
    metadata: str


def address() -> str:
    """Return the address of the controller's APIs."""
    return layout.controller().address(base.MANAGEMENT)


def keystone_url() -> str:
    """Return where Keystone is."""
    return f"http://{address()}:{KEYSTONE_PORT}/v3"


def neutron_url() -> str:
    """Return where Neutron is."""
    return f"http://{address()}:{NEUTRON_PORT}"


def mariadb() -> str:
    """Return the database server's configuration.

    What survives a power cut is of no use here; what saves memory is.
    """
    return f"""\
[mariadbd]
user = root
datadir = {DATABASE_DIRECTORY}
socket = {DATABASE_SOCKET}
pid_file = /run/steth/mariadb-server.pid
skip_networking
performance_schema = OFF
innodb_flush_method = nosync
innodb_flush_log_at_trx_commit = 0
innodb_doublewrite = 0
innodb_buffer_pool_size = 64M
innodb_log_file_size = 8M
max_connections = 500
"""


def _database(secrets: Secrets, name: str) -> str:
    return (
        f"mysql+pymysql://{DATABASE_USER}:{secrets.database}@localhost/{name}"
        f"?unix_socket={DATABASE_SOCKET}"
    )


def keystone(secrets: Secrets) -> str:
    """Return keystone.conf."""
    keys = KEYS_DIRECTORY
    return configuration.render(
        {
            "database": {"connection": _database(secrets, "keystone")},
            "token": {"provider": "fernet"},
            "fernet_tokens": {"key_repository": f"{keys}/fernet"},
            "fernet_receipts": {"key_repository": f"{keys}/fernet"},
            "credential": {"key_repository": f"{keys}/credential"},
            "cache": {"enabled": "false"},
            # The passwords are random; to check one shall cost nothing.
            "identity": {"password_hash_rounds": "4"},
        }
    )


def neutron(
    host: base.Host,
    shape: layout.Shape,
    secrets: Secrets,
    broker_password: str,
    environment: pathlib.Path,
) -> str:
    """Return neutron.conf of a host, which servers and agents read.

    :param environment: the Python environment that Neutron is in
    """
    is_ovn = shape.mechanism is layout.Mechanism.OVN
    sections: configuration.Sections = {
        "DEFAULT": {
            "host": host.name,
            "bind_host": address(),
            "core_plugin": "ml2",
            "service_plugins": "ovn-router" if is_ovn else "router",
            "transport_url": configuration.transport_url(broker_password),
            "api_paste_config": f"{environment}/etc/neutron/api-paste.ini",
            "state_path": "/var/lib/neutron",
            "auth_strategy": "keystone",
            "dhcp_agents_per_network": "1",
            "global_physnet_mtu": str(_MTU),
            "router_distributed": str(shape.dvr and not is_ovn).lower(),
            "notify_nova_on_port_data_changes": "false",
            "notify_nova_on_port_status_changes": "false",
            "agent_down_time": str(_DOWN_TIME),
            "rpc_workers": "1",
            "rpc_state_report_workers": "0",
        },
        # Everything in a host is root: no sudo and no rootwrap are needed.
        "agent": {
            "root_helper": "env",
            "root_helper_daemon": "",
            "report_interval": str(_REPORT_INTERVAL),
        },
        "oslo_concurrency": {"lock_path": "/run/neutron"},
    }
    if host.name == layout.CONTROLLER:
        sections["database"] = {"connection": _database(secrets, "neutron")}
        sections["keystone_authtoken"] = {
            "auth_type": "password",
            "auth_url": keystone_url(),
            "www_authenticate_uri": keystone_url(),
            "username": NEUTRON_USER,
            "password": secrets.neutron,
            "project_name": SERVICE_PROJECT,
            "user_domain_id": "default",
            "project_domain_id": "default",
        }
    return configuration.render(sections)


def ml2(shape: layout.Shape) -> str:
    """Return ml2_conf.ini, which the server reads."""
    first, last = layout.TENANT_VLANS
    is_ovn = shape.mechanism is layout.Mechanism.OVN
    overlay = "geneve" if is_ovn else "vxlan"
    return configuration.render(
        {
            "ml2": {
                "type_drivers": f"flat,vlan,{overlay}",
                "project_network_types": f"{overlay},vlan",
                "mechanism_drivers": (
                    "ovn" if is_ovn else "openvswitch,l2population"
                ),
                "extension_drivers": "port_security",
                "path_mtu": str(base.TUNNEL.mtu),
            },
            "ml2_type_flat": {"flat_networks": layout.EXTERNAL},
            "ml2_type_vlan": {
                "network_vlan_ranges": f"{layout.PHYSNET}:{first}:{last}"
            },
            f"ml2_type_{overlay}": {"vni_ranges": _OVERLAY_IDS},
        }
        | (_ovn_server(shape) if is_ovn else {})
    )


def _ovn_server(shape: layout.Shape) -> configuration.Sections:
    """Return what the server has to know of OVN."""
    return {
        "ml2_type_geneve": {
            "vni_ranges": _OVERLAY_IDS,
            # What OVN says of a packet takes this much besides.
            "max_header_size": "38",
        },
        "ovn": {
            "ovn_nb_connection": ovn_remote(OVN_NORTHBOUND_PORT),
            "ovn_sb_connection": ovn_remote(OVN_SOUTHBOUND_PORT),
            "ovn_metadata_enabled": "true",
            "enable_distributed_floating_ip": str(shape.dvr).lower(),
        },
    }


def ovn_remote(port: int) -> str:
    """Return where one of OVN's databases is."""
    return f"tcp:{address()}:{port}"


def ovn_chassis(host: base.Host, shape: layout.Shape) -> dict[str, str]:
    """Return what ovn-controller(8) reads in the node's Open vSwitch."""
    options = {
        "system-id": host.name,
        "hostname": host.name,
        "ovn-remote": ovn_remote(OVN_SOUTHBOUND_PORT),
        "ovn-encap-type": "geneve",
        "ovn-encap-ip": host.address(base.TUNNEL),
        "ovn-bridge": layout.INTEGRATION_BRIDGE,
        "ovn-bridge-datapath-type": "netdev",
        "ovn-bridge-mappings": _bridge_mappings(host, shape),
        # All chassis route, and a router has one MAC address: without one
        # of each chassis a switch would learn it on the port of another.
        "ovn-chassis-mac-mappings": ",".join(
            f"{one.physical_network}:0e:00:00:00:{index:02x}:{host.number:02x}"
            for index, one in enumerate(layout.attachments(host, shape))
        ),
    }
    if host.name == layout.NETWORK_NODE:
        options["ovn-cms-options"] = "enable-chassis-as-gw"
    return options


def _bridge_mappings(host: base.Host, shape: layout.Shape) -> str:
    return ",".join(
        f"{one.physical_network}:{one.bridge}"
        for one in layout.attachments(host, shape)
    )


def openvswitch_agent(host: base.Host, shape: layout.Shape) -> str:
    """Return openvswitch_agent.ini of a node."""
    return configuration.render(
        {
            "ovs": {
                "datapath_type": "netdev",
                "ovsdb_connection": f"tcp:{OVSDB_REMOTE}",
                "integration_bridge": layout.INTEGRATION_BRIDGE,
                "bridge_mappings": _bridge_mappings(host, shape),
                "local_ip": host.address(base.TUNNEL),
            },
            "agent": {
                "tunnel_types": "vxlan",
                "l2_population": "true",
                "arp_responder": "true",
                "enable_distributed_routing": str(shape.dvr).lower(),
            },
            "securitygroup": {"firewall_driver": shape.firewall.value},
        }
    )


def dhcp_agent() -> str:
    """Return dhcp_agent.ini."""
    return configuration.render(
        {
            "DEFAULT": {
                "interface_driver": "openvswitch",
                "enable_isolated_metadata": "true",
                "resync_interval": "5",
            },
            "ovs": {"ovsdb_connection": f"tcp:{OVSDB_REMOTE}"},
        }
    )


def l3_agent(host: base.Host, shape: layout.Shape) -> str:
    """Return l3_agent.ini of a node."""
    mode = "legacy"
    if shape.dvr:
        mode = "dvr_snat" if host.name == layout.NETWORK_NODE else "dvr"
    return configuration.render(
        {
            "DEFAULT": {
                "interface_driver": "openvswitch",
                "agent_mode": mode,
                # An instance that missed the first advertisements of a
                # router waits for the next: here not for 100 seconds.
                "min_rtr_adv_interval": "3",
                "max_rtr_adv_interval": "10",
            },
            "ovs": {"ovsdb_connection": f"tcp:{OVSDB_REMOTE}"},
        }
    )


def metadata_agent(secrets: Secrets) -> str:
    """Return metadata_agent.ini."""
    return configuration.render(_metadata(secrets))


def ovn_metadata_agent(secrets: Secrets) -> str:
    """Return neutron_ovn_metadata_agent.ini."""
    return configuration.render(
        _metadata(secrets)
        | {
            "ovn": {"ovn_sb_connection": ovn_remote(OVN_SOUTHBOUND_PORT)},
            "ovs": {"ovsdb_connection": f"tcp:{OVSDB_REMOTE}"},
        }
    )


def _metadata(secrets: Secrets) -> configuration.Sections:
    return {
        "DEFAULT": {
            "nova_metadata_host": address(),
            "nova_metadata_port": str(NOVA_METADATA_PORT),
            "metadata_proxy_shared_secret": secrets.metadata,
            "metadata_workers": "0",
        }
    }


def clouds_yaml(secrets: Secrets) -> str:
    """Return clouds.yaml, with the cloud's administrator."""
    return f"""\
clouds:
  {CLOUD}:
    auth:
      auth_url: {keystone_url()}
      username: {ADMIN}
      password: {secrets.admin}
      project_name: admin
      user_domain_id: default
      project_domain_id: default
    region_name: {REGION}
    identity_api_version: 3
"""


def openrc(secrets: Secrets) -> str:
    """Return what a shell reads to use the cloud."""
    variables = {
        "OS_AUTH_URL": keystone_url(),
        "OS_USERNAME": ADMIN,
        "OS_PASSWORD": secrets.admin,
        "OS_PROJECT_NAME": "admin",
        "OS_USER_DOMAIN_ID": "default",
        "OS_PROJECT_DOMAIN_ID": "default",
        "OS_REGION_NAME": REGION,
        "OS_IDENTITY_API_VERSION": "3",
    }
    return "".join(f"export {name}={variables[name]}\n" for name in variables)


def inventory(shape: layout.Shape) -> configuration.Inventory:
    """Return what Steth is told of the cloud."""
    first, last = layout.TENANT_VLANS
    nodes = tuple(one.name for one in layout.nodes(shape))
    external = tuple(
        one.name
        for one in layout.nodes(shape)
        if layout.EXTERNAL_ATTACHMENT in layout.attachments(one, shape)
    )
    return configuration.Inventory(
        hosts=layout.members(shape),
        networks=layout.NODE_NETWORKS,
        members={
            base.TUNNEL.name: nodes,
            layout.PHYSNET: nodes,
            layout.EXTERNAL: external,
        },
        interfaces={base.TUNNEL.name: layout.TUNNEL_BRIDGE},
        vlans={
            layout.PHYSNET: f"{first}-{last},{layout.PROVIDER_VLAN}",
            layout.EXTERNAL: "",
        },
        physical_nics={
            one.physical_network: one.nic
            for one in (layout.TRUNK_ATTACHMENT, layout.EXTERNAL_ATTACHMENT)
        },
    )
