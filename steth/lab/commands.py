# SPDX-License-Identifier: Apache-2.0
"""Running the tools that build a lab."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import os
import shlex
import shutil
import subprocess

from steth.lab import errors

#: Debian's package of each tool.
PACKAGES = {
    "apt-cache": "apt",
    "apt-get": "apt",
    "arping": "iputils-arping",
    "busybox": "busybox",
    "conntrack": "conntrack",
    "depmod": "kmod",
    "dnsmasq": "dnsmasq-base",
    "dpkg-deb": "dpkg",
    "dpkg-query": "dpkg",
    "ethtool": "ethtool",
    "haproxy": "haproxy",
    "ip": "iproute2",
    "ipset": "ipset",
    "iptables-restore": "iptables",
    "ldconfig": "libc-bin",
    "ldd": "libc-bin",
    "mariadb": "mariadb-client-core",
    "mariadb-install-db": "mariadb-server-core",
    "mariadbd": "mariadb-server-core",
    "mkfs.ext4": "e2fsprogs",
    "modprobe": "kmod",
    "mount": "mount",
    "nft": "nftables",
    "nsenter": "util-linux",
    "ovn-controller": "ovn-host",
    "ovn-northd": "ovn-central",
    "ovs-vsctl": "openvswitch-switch",
    "ovs-vswitchd": "openvswitch-switch",
    "ovsdb-server": "openvswitch-switch",
    "qemu-system-x86_64": "qemu-system-x86",
    "rabbitmq-server": "rabbitmq-server",
    "radvd": "radvd",
    "runuser": "util-linux",
    "setpriv": "util-linux",
    "setsid": "util-linux",
    "sysctl": "procps",
    "tc": "iproute2",
    "tini": "tini",
    "unshare": "util-linux",
}

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def require(tools: Iterable[str]) -> None:
    """Check that tools are installed.

    :raises errors.LabError: naming those that are not, and their packages
    """
    missing = [one for one in tools if not shutil.which(one, path=PATH)]
    if missing:
        packages = sorted({PACKAGES[one] for one in missing})
        raise errors.LabError(
            f"not installed: {', '.join(missing)}; on Debian and Ubuntu: "
            f"apt-get install {' '.join(packages)}"
        )


def run(
    argv: Sequence[str],
    script: str | None = None,
    marks: Mapping[str, str] | None = None,
) -> str:
    """Run a tool to its end and return what it printed.

    :param script: what the tool reads from its standard input
    :param marks: variables to add to its environment
    :raises errors.LabError: when it fails, with what it said
    """
    done = subprocess.run(
        argv,
        input=script or "",
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": PATH, "LC_ALL": "C", **(marks or {})},
        cwd=os.sep,
    )
    if done.returncode:
        raise errors.LabError(
            f"'{shlex.join(argv)}' failed with {done.returncode}: "
            f"{(done.stderr or done.stdout).strip()}"
        )
    return done.stdout
