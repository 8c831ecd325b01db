# SPDX-License-Identifier: Apache-2.0
"""What ends a run before it has begun."""

from collections.abc import Iterable

from steth.rpc import errors


class ControllerError(Exception):
    """The run cannot begin; the message says why and what to do."""


class ConfigurationError(ControllerError):
    """An option of the configuration cannot be used."""


class NoAgentError(ControllerError):
    """There is nobody to ask."""

    def __init__(self, problem: str | None, configured: bool = True) -> None:
        """Say so.

        :param problem: why nobody is found on the bus, where that is known
        :param configured: whether there is a configuration file at all
        """
        bus = f"no bus: {problem}" if problem else "none is on the bus"
        said = (
            f"no agent is known ({bus}), and none is expected: start "
            f"steth-agent on the hosts, or name them and their addresses in "
            f"[inventory] hosts"
        )
        if not configured:
            said += (
                "; no configuration file was found: it is ~/.steth/steth.conf "
                "or /etc/steth/steth.conf, else --steth-config-file names it"
            )
        super().__init__(said)


class UnknownHostError(ControllerError):
    """A host was named that no source knows and that does not answer."""

    def __init__(self, host: str, known: Iterable[str], tried: str) -> None:
        self.host = host
        self.known = tuple(sorted(known))
        super().__init__(self._message(tried))

    def _message(self, tried: str) -> str:
        said = f"no agent is known as {self.host!r} ({tried})"
        if not self.known:
            return f"{said}; no host is known at all"
        return said + errors.instead_of(self.host, self.known, "known hosts")
