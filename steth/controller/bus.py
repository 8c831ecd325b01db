# SPDX-License-Identifier: Apache-2.0
"""The controller's side of the message bus: find agents, and call them."""

import functools
import logging
import threading
from typing import Any
import uuid

from kombu import exceptions as kombu_exceptions
import msgspec
from oslo_config import cfg

from steth.controller import dispatch
from steth.controller import interrupt as interrupt_module
from steth.controller import listener as listener_module
from steth.rpc import bus as rpc_bus
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests

# isort: split
# Not before steth.rpc.bus, which keeps down what comes with it.
import oslo_messaging

LOG = logging.getLogger(__name__)

#: Seconds to leave the bus in, so that the broker need not log a client
#: that vanished.
_FAREWELL = 0.3


class Bus:
    """A connection to the bus, to be closed after use."""

    def __init__(
        self,
        conf: cfg.ConfigOpts,
        broker: str,
        agents: int,
        interrupt: interrupt_module.Interrupt,
    ) -> None:
        """Begin to connect; returns at once.

        :param broker: the "host:port" that answered; only it is used, for
            oslo.messaging would try the others with a longer breath
        :param agents: how many agents are on the bus
        :param interrupt: is told when the broker is gone
        """
        self._agents = agents
        self._topic = contract.CONTROLLER_TOPIC_PREFIX + uuid.uuid4().hex
        # A call holds a connection until it is sent. Where more are made at
        # once they wait for one, of which oslo.messaging complains each time.
        logging.getLogger("oslo_messaging._drivers.pool").setLevel(
            logging.ERROR
        )
        conf.set_default(
            "rpc_conn_pool_size",
            max(2, conf.controller.concurrency),
            group="oslo_messaging_rabbit",
        )
        self._transport = rpc_bus.get_transport(conf, broker)
        self._listener = listener_module.Listener(
            functools.partial(rpc_bus.connect, conf, broker),
            # Without an agent the exchange may not be there to bind to.
            self._topic if agents else "",
            interrupt,
        )

    def discover(self, timeout: float) -> listener_module.Announcements:
        """Ask all agents what they are.

        :param timeout: seconds to wait for them at most
        :raises errors.OperationError: when the broker does not serve us
        """
        if not self._agents:
            return listener_module.Announcements()
        if not self._listener.wait_until_ready(listener_module.PATIENCE):
            raise errors.OperationError(
                errors.ErrorCode.NO_ANSWER, "the broker is too slow"
            )
        client = self._client(contract.TOPIC, contract.DISCOVERY_NAMESPACE)
        client.prepare(fanout=True).cast({}, "announce", topic=self._topic)
        return self._listener.wait_for(self._agents, timeout)

    def call(
        self,
        operation: contract.Operation,
        request: requests.Request,
        *,
        host: str,
        timeout: float,
        hold: requests.Hold | None = None,
    ) -> Any:
        """Ask one agent.

        :param timeout: seconds until the reply has come
        :param hold: how the operation is held, if it is
        :returns: the reply, as ``operation.reply``
        :raises errors.OperationError: the agent's own, or one that says why
            there is no answer
        """
        client = self._client(contract.TOPIC, operation.namespace).prepare(
            server=host, version=operation.since, timeout=timeout
        )
        arguments = msgspec.to_builtins(request)
        context = {} if hold is None else {"hold": msgspec.to_builtins(hold)}
        try:
            reply = client.call(context, operation.method, **arguments)
        except oslo_messaging.MessageUndeliverable:
            raise dispatch.NotDeliveredError("it is not there") from None
        except oslo_messaging.MessagingTimeout:
            raise errors.OperationError(
                errors.ErrorCode.NO_ANSWER, f"timed out after {timeout:.1f} s"
            ) from None
        except oslo_messaging.RemoteError as error:
            raise _remote(operation, host, error) from None
        except (
            kombu_exceptions.OperationalError,
            oslo_messaging.MessagingException,
            OSError,
        ) as error:
            LOG.debug("the bus failed", exc_info=True)
            raise errors.OperationError(
                errors.ErrorCode.NO_ANSWER,
                f"the broker is gone ({type(error).__name__})",
            ) from None
        return contract.decode_reply(operation, reply)

    def close(self) -> None:
        """Leave the bus, without waiting long for it."""
        # It waits seconds for the replies' queue, and for ever for a
        # broker that is gone.
        cleaning = threading.Thread(
            target=self._clean_up, name="leave-bus", daemon=True
        )
        cleaning.start()
        self._listener.stop(_FAREWELL)
        cleaning.join(_FAREWELL)

    def _clean_up(self) -> None:
        try:
            self._transport.cleanup()
        except Exception:
            # Whatever a broker that is gone makes it raise, the run is over
            # and a traceback on the screen would help nobody.
            LOG.debug("leaving the bus failed", exc_info=True)

    def _client(self, topic: str, namespace: str) -> oslo_messaging.RPCClient:
        return rpc_bus.get_client(self._transport, topic, namespace)


def _remote(
    operation: contract.Operation,
    host: str,
    error: oslo_messaging.RemoteError,
) -> errors.OperationError:
    """Return what an exception on the agent's side means.

    The agent's own errors are replies; these come from oslo.messaging on
    its side, or from a fault in the agent.
    """
    if error.exc_type == "NoSuchMethod":
        return errors.OperationError(
            errors.ErrorCode.UNKNOWN_OPERATION,
            f"the agent on {host} has no {operation.name}",
        )
    if error.exc_type == "UnsupportedVersion":
        return errors.OperationError(
            errors.ErrorCode.UNSUPPORTED_VERSION,
            f"the agent on {host} does not speak version "
            f"{operation.since} of the contract",
        )
    return errors.OperationError(
        errors.ErrorCode.INTERNAL,
        f"the agent on {host} broke ({error.exc_type}); its log says more",
    )
