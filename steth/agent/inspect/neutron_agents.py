# SPDX-License-Identifier: Apache-2.0
"""The agents of Neutron that run on this host, and what they find missing.

What each of them runs is in neutron.agent.linux: dhcp, interface, ip_conntrack
and iptables_manager, and in neutron.agent.metadata.driver.
"""

from collections.abc import Iterator
import contextlib
import os
import pathlib
import shutil

from steth.model import node

#: The programs without which an agent cannot do its part, however it is
#: configured.
_NEEDED = {
    "neutron-dhcp-agent": ("dnsmasq", "haproxy", "ip"),
    "neutron-l3-agent": ("conntrack", "haproxy", "ip", "iptables"),
    "neutron-ovn-metadata-agent": ("haproxy", "ip"),
}
#: Where rootwrap and privsep look for them (exec_dirs in rootwrap.conf).
PATH = os.pathsep.join(
    f"{prefix}/{name}"
    for prefix in ("/usr/local", "/usr", "")
    for name in ("sbin", "bin")
)
#: In the control group of a process that has files of its own: a container
#: of any kind, or a snap. What is missing there cannot be seen from here.
_CONTAINERS = (
    "containerd",
    "crio",
    "docker",
    "kubepods",
    "libpod",
    "lxc",
    "machine.slice",
    "snap.",
)


def read(
    root: pathlib.Path = pathlib.Path("/proc"), path: str = PATH
) -> tuple[node.NeutronAgent, ...]:
    """Return the agents that run beside this one, by name.

    :param root: where the processes are
    :param path: where programs are looked for
    """
    found = dict(_running(root))
    return tuple(
        node.NeutronAgent(
            name=name,
            missing=()
            if found[name]
            else tuple(
                one
                for one in _NEEDED[name]
                if shutil.which(one, path=path) is None
            ),
        )
        for name in sorted(found)
    )


def _running(root: pathlib.Path) -> Iterator[tuple[str, bool]]:
    """Yield agents, with whether they have files of their own."""
    for process in root.glob("[0-9]*"):
        # It may end while we look.
        with contextlib.suppress(OSError):
            words = (process / "cmdline").read_bytes().split(b"\0")[:2]
            names = [os.fsdecode(word).rpartition("/")[2] for word in words]
            # The second, where an interpreter is the first.
            for name in names:
                if name in _NEEDED:
                    group = (process / "cgroup").read_text("utf-8")
                    yield name, any(one in group for one in _CONTAINERS)
