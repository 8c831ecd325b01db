# SPDX-License-Identifier: Apache-2.0
"""What the agent may do beyond an ordinary user, by purpose."""

from collections.abc import Iterable
from collections.abc import Iterator
import contextlib
import errno
import pathlib
from typing import Any

from oslo_config import cfg
from oslo_privsep import capabilities
from oslo_privsep import daemon
from oslo_privsep import priv_context

_PREFIX = "steth.agent.privileged"

#: More than the agent may run operations at once, so that a request to end
#: a probe never waits behind other probes. A thread starts when needed.
_THREADS = 72


class Context(priv_context.PrivContext):
    """A context that is not tried where it cannot be had."""

    channel: Any

    def start(
        self, method: priv_context.Method = priv_context.Method.ROOTWRAP
    ) -> None:
        """Start the process.

        :raises PermissionError: a capability is out of bounds
        """
        # Nothing that the agent starts can have more than its bounding set,
        # see capabilities(7).
        bounding = _bounding_set()
        missing = [
            capabilities.CAPS_BYVALUE.get(one, str(one))
            for one in self.conf.capabilities
            if not bounding >> int(one) & 1
        ]
        if missing:
            raise PermissionError(
                errno.EPERM,
                f"{', '.join(missing)} not in the agent's bounding set",
            )
        forks = method is priv_context.Method.FORK
        with self.start_lock:
            if self.channel is None:
                kind = _ForkedChannel if forks else _HelperChannel
                self.channel = kind(context=self)


class _Noticing:
    """Notices the end of a process that did not read all it was sent.

    The connection is reset then. oslo.privsep's reader breaks over that, and
    whoever waits for an answer would do so forever.
    """

    def _reader_main(self, reader: Iterable[Any]) -> None:
        super()._reader_main(_until_reset(reader))  # type: ignore[misc]


class _ForkedChannel(_Noticing, daemon.ForkingClientChannel):
    """To a process that the agent forks."""


class _HelperChannel(_Noticing, daemon.RootwrapClientChannel):
    """To a process that the helper starts."""


def _until_reset(reader: Iterable[Any]) -> Iterator[Any]:
    with contextlib.suppress(ConnectionError):
        yield from reader


def _bounding_set() -> int:
    status = pathlib.Path("/proc/self/status").read_text("ascii")
    fields = dict(line.split(":", 1) for line in status.splitlines())
    return int(fields["CapBnd"], 16)


#: Sends and receives echo packets on raw sockets, and watches devices.
probe = Context(
    _PREFIX,
    cfg_section="steth_probe",
    pypath=f"{__name__}.probe",
    capabilities=[capabilities.CAP_NET_RAW],
)

#: Enters other network namespaces to read them.
namespace = Context(
    _PREFIX,
    cfg_section="steth_namespace",
    pypath=f"{__name__}.namespace",
    capabilities=[capabilities.CAP_SYS_ADMIN],
)

#: Starts tcpdump, where it is to listen. tcpdump does not run as root unless
#: it can change that, so it is made to run as nobody, with CAP_NET_RAW. Of
#: another user, only CAP_KILL can end it, also when its parent has died: the
#: kernel's signal (PR_SET_PDEATHSIG) is sent with the parent's rights.
capture = Context(
    _PREFIX,
    cfg_section="steth_capture",
    pypath=f"{__name__}.capture",
    capabilities=[
        capabilities.CAP_NET_RAW,
        capabilities.CAP_SYS_ADMIN,
        capabilities.CAP_SETUID,
        capabilities.CAP_SETGID,
        capabilities.CAP_KILL,
    ],
)

#: Probes in another network namespace, from a router or a DHCP server.
namespace_probe = Context(
    _PREFIX,
    cfg_section="steth_namespace_probe",
    pypath=f"{__name__}.namespace_probe",
    capabilities=[capabilities.CAP_NET_RAW, capabilities.CAP_SYS_ADMIN],
)

#: Makes and removes temporary interfaces. The agent does not have it unless
#: whoever starts it grants CAP_NET_ADMIN.
interface = Context(
    _PREFIX,
    cfg_section="steth_interface",
    pypath=f"{__name__}.interface",
    capabilities=[capabilities.CAP_NET_ADMIN],
)

ALL = (probe, namespace, capture, namespace_probe, interface)

for _section in ("steth_probe", "steth_capture", "steth_namespace_probe"):
    cfg.CONF.set_default("thread_pool_size", _THREADS, group=_section)
