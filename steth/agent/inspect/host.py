# SPDX-License-Identifier: Apache-2.0
"""``inspect.host``: the network state of this host."""

import datetime

from steth.agent.inspect import named
from steth.agent.inspect import namespace
from steth.model import host as host_model
from steth.rpc import errors
from steth.rpc import requests


def snapshot(
    request: requests.InspectHost, host: str
) -> host_model.HostSnapshot:
    """Return what is on this host's network now.

    The host's own namespace is read without any privilege. A named one that
    cannot be read is in the result, with its ``error``.

    :param host: this host's name
    :raises errors.OperationError: ``failed`` when the host's own namespace
        cannot be read
    """
    taken_at = datetime.datetime.now(datetime.UTC)
    try:
        namespaces = [namespace.read("")]
    except OSError as error:
        raise errors.OperationError(
            errors.ErrorCode.FAILED,
            f"cannot read the host's network state: {error}",
        ) from error
    if request.all_namespaces:
        namespaces += named.read_all()
    return host_model.HostSnapshot(
        host=host,
        taken_at=taken_at.isoformat(timespec="milliseconds"),
        namespaces=tuple(namespaces),
    )
