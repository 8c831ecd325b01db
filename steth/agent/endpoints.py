# SPDX-License-Identifier: Apache-2.0
"""What is callable over the message bus, and nothing else."""

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

import oslo_messaging

from steth.agent import operations
from steth.rpc import bus
from steth.rpc import contract


class Endpoint:
    """The operations of one namespace as methods, for oslo.messaging."""

    def __init__(self, namespace: str, performer: operations.Operations):
        self.target = bus.endpoint_target(namespace)
        for operation in contract.OPERATIONS.values():
            if operation.namespace == namespace:
                setattr(self, operation.method, _method(operation, performer))


def _method(
    operation: contract.Operation, performer: operations.Operations
) -> Callable[..., dict[str, Any]]:
    # An argument may have any name, so the context has none.
    @oslo_messaging.expose
    def method(
        context: Mapping[str, Any], /, **arguments: Any
    ) -> dict[str, Any]:
        return performer.perform(operation, arguments, context.get("hold"))

    exposed: Callable[..., dict[str, Any]] = method
    return exposed


def endpoints(performer: operations.Operations) -> list[Endpoint]:
    """Return an endpoint for each namespace of the contract."""
    namespaces = {one.namespace for one in contract.OPERATIONS.values()}
    return [Endpoint(one, performer) for one in sorted(namespaces)]
