# SPDX-License-Identifier: Apache-2.0
"""An Open vSwitch in a host of the lab, with the userspace datapath."""

from steth.lab import lab as lab_module

#: What it takes.
PROGRAMS = ("ovs-vsctl", "ovs-vswitchd", "ovsdb-server")

_DIRECTORY = "/run/openvswitch"
_START = f"""
set -e
mkdir -p {_DIRECTORY}
ovsdb-tool create {_DIRECTORY}/conf.db \
    /usr/share/openvswitch/vswitch.ovsschema
ovsdb-server {_DIRECTORY}/conf.db --remote=punix:{_DIRECTORY}/db.sock \
    --remote=ptcp:6640:127.0.0.1 --detach --log-file=/dev/null \
    --pidfile={_DIRECTORY}/ovsdb-server.pid
ovs-vsctl --no-wait init -- set open_vswitch . \
    other_config:n-handler-threads=1 other_config:n-revalidator-threads=1
ovs-vswitchd --disable-system --detach --log-file=/dev/null \
    --pidfile={_DIRECTORY}/ovs-vswitchd.pid
"""


def start(lab: lab_module.Lab, host: str) -> None:
    """Start it; it ends with the lab."""
    _sh(lab, host, _START)


def vsctl(lab: lab_module.Lab, host: str, *commands: str) -> None:
    """Have ovs-vsctl(8) run commands and wait until they are in force."""
    _sh(lab, host, f"ovs-vsctl {' -- '.join(commands)}")


def end(lab: lab_module.Lab, host: str, program: str) -> None:
    """Kill ovs-vswitchd or ovsdb-server and wait until it is gone."""
    _sh(
        lab,
        host,
        f"pid=$(cat {_DIRECTORY}/{program}.pid); kill -KILL $pid; "
        "timeout 10 tail --pid=$pid -f /dev/null",
    )


def _sh(lab: lab_module.Lab, host: str, script: str) -> None:
    done = lab.exec(host, ["sh", "-c", script])
    if done.returncode:
        raise AssertionError(done.stderr)
