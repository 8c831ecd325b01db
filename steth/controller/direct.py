# SPDX-License-Identifier: Apache-2.0
"""Calls an agent's direct listener, the way in without a message bus."""

import ipaddress
import queue
import socket
import threading
from typing import Any
from typing import cast
import uuid

from keystoneauth1 import exceptions as ksa_exceptions
from keystoneauth1 import http_basic
from keystoneauth1 import session as ksa_session
from oslo_config import cfg
import requests as http
from requests import adapters

from steth.controller import direct_errors
from steth.controller import direct_tls
from steth.controller import errors as controller_errors
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import jsonrpc
from steth.rpc import requests

#: The snapshot of a network node with a thousand namespaces is some 5 MB.
MAX_RESPONSE_BYTES = 64 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024


class DirectClient:
    """Speaks JSON-RPC 2.0 over HTTP(S) to one agent at a time.

    It can be used by many threads at once. Every call has a connection of
    its own: no redirect is followed, nothing is retried, and no proxy,
    netrc file or CA bundle of the environment is used.
    """

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        """Read the options and check the files they name.

        :raises controller_errors.ConfigurationError: naming the option
        """
        options = conf.direct_client
        self._port = options.port
        self._scheme = "https" if options.tls else "http"
        self._connect_timeout = options.connect_timeout
        self._username = options.username
        self._password = options.password
        self._tls: direct_tls.Files | None = None
        _check_credentials(options)
        if options.tls:
            self._tls = direct_tls.read(options)

    @property
    def connect_timeout(self) -> float:
        """Seconds that a listener may take to accept."""
        return cast(float, self._connect_timeout)

    def call(
        self,
        operation: contract.Operation,
        request: requests.Request,
        *,
        host: str,
        address: str | None,
        timeout: float,
        hold: requests.Hold | None = None,
    ) -> Any:
        """Ask one agent.

        :param host: the agent's name; its certificate may be for it
        :param address: where its listener is; the host's name where None
        :param timeout: seconds until the answer has begun to come
        :param hold: how the operation is held, if it is
        :returns: the reply, as ``operation.reply``
        :raises errors.OperationError: the agent's own, or one that says why
            there is no answer
        """
        _check_name(address or host, self._connect_timeout)
        url = f"{self._scheme}://{_netloc(address or host)}:{self._port}/"
        body = jsonrpc.encode_call(operation, request, uuid.uuid4().hex, hold)
        try:
            return self._post(operation, url, body, timeout, None)
        except ksa_exceptions.ClientException as error:
            # The certificate is the agent's when it is for its address or
            # for its name; with an address, urllib3 looks for that alone.
            if address == host or not direct_errors.is_other_name(error):
                raise self._named(error, address or host) from None
        try:
            return self._post(operation, url, body, timeout, host)
        except ksa_exceptions.ClientException as error:
            raise self._named(error, address or host) from None

    def _post(
        self,
        operation: contract.Operation,
        url: str,
        body: bytes,
        timeout: float,
        certified_name: str | None,
    ) -> Any:
        with http.Session() as connection:
            connection.trust_env = False
            if certified_name is not None:
                connection.mount("https://", _NameAdapter(certified_name))
            session = ksa_session.Session(
                auth=self._auth(),
                session=connection,
                verify=(self._tls and self._tls.authorities) or True,
                cert=self._certificate(),
                redirect=False,
                user_agent="openstack steth",
            )
            response = session.post(
                url,
                data=body,
                headers={
                    "Content-Type": jsonrpc.CONTENT_TYPE,
                    "Accept": jsonrpc.CONTENT_TYPE,
                    "Accept-Encoding": "identity",
                    "Connection": "close",
                },
                timeout=(self._connect_timeout, timeout),
                stream=True,
                raise_exc=False,
                allow_reauth=False,
                # It would log the password's header and read the body.
                log=False,
            )
            with response:
                content = _content(response)
        if response.status_code != 200:
            raise direct_errors.of_status(
                response.status_code, content, self._username
            )
        return jsonrpc.decode_response(operation, content)

    def _auth(self) -> http_basic.HTTPBasicAuth | None:
        if self._username is None:
            return None
        return http_basic.HTTPBasicAuth(
            username=self._username, password=self._password
        )

    def _certificate(self) -> tuple[str, str] | str | None:
        if self._tls is None or self._tls.certificate is None:
            return None
        if self._tls.key is None:
            return self._tls.certificate
        return self._tls.certificate, self._tls.key

    def _named(
        self, error: ksa_exceptions.ClientException, address: str
    ) -> errors.OperationError:
        said: BaseException = error
        if self._tls is not None and direct_errors.is_closed(error):
            alert = direct_tls.refusal(
                self._tls, address, self._port, self._connect_timeout
            )
            said = alert or error
        return direct_errors.of_connection(
            said, has_certificate=self._certificate() is not None
        )


class _NameAdapter(adapters.HTTPAdapter):
    """Accepts a certificate for a name other than the URL's."""

    def __init__(self, name: str) -> None:
        self._name = name
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(
            *args,
            **kwargs,
            assert_hostname=self._name,
            server_hostname=self._name,
        )


def _netloc(address: str) -> str:
    if _is_address(address) and ":" in address:
        return f"[{address}]"
    return address


def _check_name(name: str, timeout: float) -> None:
    """See that a name resolves in time, which a resolver does not promise.

    :raises errors.OperationError: when it does not
    """
    answer: queue.SimpleQueue[bool] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            socket.getaddrinfo(name, None)
            answer.put(True)
        except (OSError, UnicodeError):
            answer.put(False)

    if _is_address(name):
        return
    threading.Thread(
        target=look_up, name=f"resolve-{name}", daemon=True
    ).start()
    try:
        known = answer.get(timeout=timeout)
    except queue.Empty:
        known = False
    if not known:
        raise errors.OperationError(
            errors.ErrorCode.NO_ANSWER, "its name does not resolve"
        )


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _content(response: http.Response) -> bytes:
    content = bytearray()
    try:
        for chunk in response.iter_content(_CHUNK_BYTES):
            content += chunk
            if len(content) > MAX_RESPONSE_BYTES:
                raise errors.OperationError(
                    errors.ErrorCode.INTERNAL,
                    f"the answer is larger than {MAX_RESPONSE_BYTES} bytes",
                )
    except http.exceptions.RequestException as error:
        said = direct_errors.of_connection(error, has_certificate=True)
        raise errors.OperationError(
            said.code, f"the answer broke off: {said.message}"
        ) from None
    return bytes(content)


def _check_credentials(options: cfg.ConfigOpts.GroupAttr) -> None:
    if (options.username is None) != (options.password is None):
        missing = "username" if options.username is None else "password"
        raise controller_errors.ConfigurationError(
            f"[direct_client] {missing} is missing: give username and "
            f"password together, or neither"
        )
