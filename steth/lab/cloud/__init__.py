# SPDX-License-Identifier: Apache-2.0
"""A real OpenStack network cloud on the hosts of the lab.

Hosts:

``controller``
    Keystone, Neutron's server, MariaDB and RabbitMQ; ``openstack`` is run
    here, with ``--os-cloud steth``.
``network1``
    The DHCP, L3, metadata and Open vSwitch agents.
``compute1`` and so on
    An Open vSwitch agent, and what instances are plugged into.
``gateway`` and ``server``
    The world outside: the router next to the cloud's, and a web server.
``switch``
    The physical network: a bridge for each node-level network, and two
    switches with trunk ports.

A ``steth-agent`` runs on the controller, ``network1`` and the computes, on
the cloud's RabbitMQ and on its own port.

NICs of ``network1`` and the computes, each in a port ``<host>-<nic>`` of the
switch:

``eth0``
    Management.
``eth1``
    Tunnels, in the bridge ``br-phy``, which has the address: Open vSwitch in
    user space sends what it encapsulates by a bridge of its own.
``eth2``
    A trunk, in ``br-provider``: the physical network ``physnet1``.
``eth3``
    An access port of the external VLAN, in ``br-ex``: the physical network
    ``external``. Only where there are routers with a way out: ``network1``,
    and with DVR every compute.
"""
