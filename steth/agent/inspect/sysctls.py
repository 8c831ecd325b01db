# SPDX-License-Identifier: Apache-2.0
"""Kernel settings that decide whether a host passes packets."""

import contextlib
import pathlib

#: What they mean is in the kernel's Documentation/networking/ip-sysctl and
#: nf_conntrack-sysctl.
NAMES = (
    "net.ipv4.ip_forward",
    "net.ipv4.conf.all.rp_filter",
    "net.ipv4.conf.default.rp_filter",
    "net.ipv4.icmp_echo_ignore_all",
    "net.ipv4.neigh.default.gc_thresh3",
    "net.ipv6.conf.all.disable_ipv6",
    "net.ipv6.icmp.echo_ignore_all",
    "net.ipv6.neigh.default.gc_thresh3",
    "net.ipv6.conf.all.forwarding",
    "net.bridge.bridge-nf-call-iptables",
    "net.netfilter.nf_conntrack_count",
    "net.netfilter.nf_conntrack_max",
)

_ROOT = pathlib.Path("/proc/sys")


def read(root: pathlib.Path = _ROOT) -> dict[str, str]:
    """Return the settings that exist, by name.

    Those of ``net`` are of the calling thread's network namespace; some
    exist in the host's own only.
    """
    found = {}
    for name in NAMES:
        # Not there, or a module unloaded while we look.
        with contextlib.suppress(OSError):
            path = root / name.replace(".", "/")
            found[name] = path.read_text(encoding="ascii").strip()
    return found
