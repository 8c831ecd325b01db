# SPDX-License-Identifier: Apache-2.0
"""The configuration files of a lab's hosts, as text."""

from collections.abc import Iterable
import configparser
import io

import bcrypt
import msgspec

from steth.lab import layout
from steth.rpc import contract

USER = "steth"
#: The broker's port, one that no broker of the machine's own uses.
BROKER_PORT = 25673

DIRECTORY = "/etc/steth"
STETH_CONF = f"{DIRECTORY}/steth.conf"
HTPASSWD_FILE = f"{DIRECTORY}/htpasswd"
CA_FILE = f"{DIRECTORY}/ca.pem"
CERTIFICATE_FILE = f"{DIRECTORY}/certificate.pem"
KEY_FILE = f"{DIRECTORY}/key.pem"

# The cost that htpasswd(1) takes by default. A lab's password is random,
# and fifty agents that check one on a single machine shall not need a minute.
_BCRYPT_COST = 5

Sections = dict[str, dict[str, str]]


class Inventory(msgspec.Struct, frozen=True, kw_only=True):
    """What the hosts' agents are expected to find.

    ``members`` are the hosts on networks that not all are on, by its name;
    ``interfaces`` names the device that has the address on a network, where
    that is not its NIC; ``vlans`` is what each physical network carries, by
    its name, nothing where it is flat, and ``physical_nics`` the NIC on it;
    ``gateways`` are the addresses of networks' gateways that the hosts'
    routes do not tell.
    """

    hosts: tuple[layout.Host, ...]
    networks: tuple[layout.Network, ...] = layout.NETWORKS
    members: dict[str, tuple[str, ...]] = {}
    interfaces: dict[str, str] = {}
    vlans: dict[str, str] = {}
    physical_nics: dict[str, str] = {}
    gateways: dict[str, str] = {}

    def place(self, name: str, device: str) -> dict[str, str]:
        """Return the options that tell where a network is.

        :param device: the one on it, of each host that is
        """
        if name not in self.members:
            return {"interface": f"*:{device}"}
        hosts = self.members[name]
        return {
            "interface": ",".join(f"{one}:{device}" for one in hosts),
            "hosts": ",".join(hosts),
        }


def inventory(shape: layout.Shape) -> Inventory:
    """Return what a lab of this shape has."""
    gateways = {
        one.name: layout.gateway().address(one)
        for one in layout.NETWORKS
        if one is not layout.MANAGEMENT
    }
    return Inventory(
        hosts=layout.computes(shape),
        gateways=gateways if shape.gateway else {},
        vlans={layout.TRUNK: "100-199,300"} if shape.trunk else {},
        physical_nics={layout.TRUNK: layout.TRUNK_NIC},
    )


def transport_url(password: str) -> str:
    """Return where the lab's broker is."""
    address = layout.controller().address(layout.MANAGEMENT)
    return f"rabbit://{USER}:{password}@{address}:{BROKER_PORT}/"


def agent(
    host: layout.Host, broker_password: str | None, *, tls: bool = False
) -> str:
    """Return the steth.conf of a host that runs an agent.

    :param broker_password: ``None`` where there is no broker
    """
    return render(_agent(host, broker_password, tls=tls))


def _agent(
    host: layout.Host, broker_password: str | None, *, tls: bool
) -> Sections:
    sections = _bus(broker_password)
    sections["agent"] = {"bus_retry_interval": "1"}
    sections["direct"] = {
        "bind_host": host.address(layout.MANAGEMENT),
        "port": str(contract.DIRECT_PORT),
        "htpasswd_file": HTPASSWD_FILE,
    }
    if tls:
        sections["direct"] |= {
            "certificate_file": CERTIFICATE_FILE,
            "key_file": KEY_FILE,
            "client_ca_file": CA_FILE,
        }
    return sections


def controller(
    known: Inventory,
    broker_password: str | None,
    direct_password: str,
    *,
    tls: bool = False,
) -> str:
    """Return the steth.conf of the host where ``openstack`` is run.

    :param broker_password: ``None`` where there is no broker
    """
    return render(_controller(known, broker_password, direct_password, tls))


def both(
    host: layout.Host,
    known: Inventory,
    broker_password: str,
    direct_password: str,
) -> str:
    """Return the steth.conf of a host for an agent and ``openstack``."""
    return render(
        _agent(host, broker_password, tls=False)
        | _controller(known, broker_password, direct_password, tls=False)
    )


def _controller(
    known: Inventory,
    broker_password: str | None,
    direct_password: str,
    tls: bool,
) -> Sections:
    sections = _bus(broker_password)
    sections["direct_client"] = {
        "port": str(contract.DIRECT_PORT),
        "username": USER,
        "password": direct_password,
    }
    if tls:
        sections["direct_client"] |= {
            "tls": "true",
            "ca_file": CA_FILE,
            "certificate_file": CERTIFICATE_FILE,
            "key_file": KEY_FILE,
        }
    sections["inventory"] = {
        "hosts": ",".join(
            f"{one.name}:{one.address(layout.MANAGEMENT)}"
            for one in known.hosts
        ),
        "networks": ",".join(one.name for one in known.networks),
    }
    if known.vlans:
        sections["inventory"]["physical_networks"] = ",".join(known.vlans)
    for name, vlans in known.vlans.items():
        place = known.place(name, known.physical_nics[name])
        sections[f"physical_network:{name}"] = (
            {"vlans": vlans, **place} if vlans else place
        )
    for one in known.networks:
        sections[f"network:{one.name}"] = {
            "cidr": one.subnet,
            "mtu": str(one.mtu),
            "minimum_bandwidth": str(one.minimum_bandwidth),
            **known.place(one.name, known.interfaces.get(one.name, one.nic)),
        }
        if one.name in known.gateways:
            sections[f"network:{one.name}"]["gateway"] = known.gateways[
                one.name
            ]
    return sections


def htpasswd(password: str) -> str:
    """Return the file of users that the agents' listeners let in."""
    salt = bcrypt.gensalt(_BCRYPT_COST)
    hashed = bcrypt.hashpw(password.encode(), salt).decode()
    # The same algorithm under the name that htpasswd(1) gives it.
    return f"{USER}:{hashed.replace('$2b$', '$2y$', 1)}\n"


def etc_hosts(hosts: Iterable[layout.Host]) -> str:
    """Return /etc/hosts, which names the management addresses."""
    lines = ["127.0.0.1 localhost", "::1 localhost ip6-localhost"]
    lines += [f"{one.address(layout.MANAGEMENT)} {one.name}" for one in hosts]
    return "\n".join(lines) + "\n"


def rabbitmq(password: str) -> str:
    """Return the broker's rabbitmq.conf."""
    address = layout.controller().address(layout.MANAGEMENT)
    return (
        f"listeners.tcp.lab = {address}:{BROKER_PORT}\n"
        f"default_user = {USER}\n"
        f"default_pass = {password}\n"
    )


def _bus(broker_password: str | None) -> Sections:
    if broker_password is None:
        return {}
    return {"DEFAULT": {"transport_url": transport_url(broker_password)}}


def render(sections: Sections) -> str:
    """Return the text of a file that oslo.config reads."""
    # oslo.config expands $name and nothing else: a lone % is itself.
    parser = configparser.RawConfigParser()
    parser.read_dict(sections)
    text = io.StringIO()
    parser.write(text)
    return text.getvalue()
