# SPDX-License-Identifier: Apache-2.0
"""The direct listener of a real agent, with what strangers may send."""

import base64
import json
import pathlib
import socket
import ssl
import subprocess
import time
from typing import Any
import unittest

import bcrypt

from steth.tests.functional import needs
from steth.tests.functional.agent import namespaces
from steth.tests.functional.agent import service_fixtures as fixtures


def authorization(name: str, password: str) -> dict[str, str]:
    token = base64.b64encode(f"{name}:{password}".encode()).decode()
    return {"Authorization": f"Basic {token}"}


class Certificates:
    """Two authorities that know nothing of each other."""

    def __init__(self, where: pathlib.Path) -> None:
        self._where = where
        for authority in ("ours", "theirs"):
            self._openssl(
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days",
                "2",
                "-subj",
                f"/CN={authority}",
                # Python 3.13 takes it for an authority's by this alone.
                "-addext",
                "keyUsage=critical,keyCertSign,cRLSign",
                "-keyout",
                self.path(f"{authority}.key"),
                "-out",
                self.path(f"{authority}.pem"),
            )

    def path(self, name: str) -> str:
        return str(self._where / name)

    def issue(self, name: str, authority: str) -> None:
        """Make NAME.pem and NAME.key."""
        extensions = self._where / "extensions"
        extensions.write_text(
            "subjectAltName=IP:127.0.0.1\nauthorityKeyIdentifier=keyid\n"
        )
        self._openssl(
            "req",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-subj",
            f"/CN={name}",
            "-keyout",
            self.path(f"{name}.key"),
            "-out",
            self.path(f"{name}.csr"),
        )
        self._openssl(
            "x509",
            "-req",
            "-in",
            self.path(f"{name}.csr"),
            "-days",
            "2",
            "-CA",
            self.path(f"{authority}.pem"),
            "-CAkey",
            self.path(f"{authority}.key"),
            "-CAcreateserial",
            "-extfile",
            str(extensions),
            "-out",
            self.path(f"{name}.pem"),
        )

    def client(self, name: str | None) -> ssl.SSLContext:
        """Return a client that trusts ours and shows a certificate."""
        context = ssl.create_default_context(cafile=self.path("ours.pem"))
        if name is not None:
            context.load_cert_chain(
                self.path(f"{name}.pem"), self.path(f"{name}.key")
            )
        return context

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(
            ("openssl", *arguments), check=True, capture_output=True
        )


class DirectTestCase(unittest.TestCase):
    def setUp(self) -> None:
        needs.root()
        self.host = namespaces.Host(self)
        self.inside = fixtures.Inside(self, self.host)

    def start(self, options: str = "") -> fixtures.Agent:
        agent = fixtures.Agent(
            self, self.host, f"[DEFAULT]\nhost = h1\n[direct]\n{options}"
        )
        agent.await_log("Listening on")
        return agent

    def post(self, body: bytes, **more: Any) -> fixtures.Answer:
        answer = self.inside.call(lambda: fixtures.post(body, **more))
        assert isinstance(answer, fixtures.Answer)
        return answer


class LoopbackTest(DirectTestCase):
    """An agent that asks nobody who he is."""

    def test_listens_on_loopback_only_and_says_so(self) -> None:
        agent = self.start()
        agent.await_log("on loopback only")
        shown = self.host.run("ss", "-Hltn", f"sport = :{fixtures.PORT}")
        listening = sorted(line.split()[3] for line in shown.splitlines())
        self.assertEqual(["127.0.0.1:9698", "[::1]:9698"], listening)
        for address in ("127.0.0.1", "::1"):
            answer = self.post(fixtures.call("inspect.agent"), address=address)
            self.assertEqual("h1", answer.json["result"]["data"]["host"])

    def test_without_ipv6(self) -> None:
        self.host.sysctl("net.ipv6.conf.all.disable_ipv6", 1)
        self.start()
        answer = self.post(fixtures.call("inspect.agent"))
        self.assertEqual(200, answer.status)

    def test_health(self) -> None:
        self.start()
        answer = self.post(b"", method="GET")
        self.assertEqual(200, answer.status)
        self.assertEqual("steth-agent", answer.json["name"])

    def test_what_is_no_call(self) -> None:
        self.start("max_request_bytes = 2048\n")
        deep = b"[" * 1000
        sound = fixtures.call("inspect.agent")
        for body, code in (
            (b"", -32700),
            (b"{", -32700),
            (b"\xff\xfe", -32700),
            (deep, -32600),
            (b'{"a":' * 300, -32600),
            (b"[]", -32600),
            (b"[" + sound + b"]", -32600),
            (b'"text"', -32600),
            (sound.replace(b'"2.0"', b'"1.0"'), -32600),
            (sound.replace(b'"id": "a"', b'"id": {}'), -32600),
            (sound.replace(b'"inspect.agent"', b"3"), -32600),
            (sound.replace(b"inspect.agent", b"probe.vlan"), -32601),
            (sound.replace(b"inspect.agent", b"_x.__class__"), -32601),
            (b'{"jsonrpc":"2.0","id":1,"method":"inspect.agent"}', -32602),
        ):
            with self.subTest(body=body[:40]):
                answer = self.post(body)
                self.assertEqual(200, answer.status)
                self.assertEqual(code, answer.json["error"]["code"])
                self.assertTrue(answer.json["error"]["message"])
        self.assertEqual(200, self.post(sound).status)

    def test_bad_arguments_are_named(self) -> None:
        self.start()
        target = {"address": "127.0.0.1"}
        for arguments, argument, text in (
            ({"targets": []}, "targets", "length >= 1"),
            ({"targets": [{"address": 3}]}, "targets[0].address", "str"),
            ({"targets": [{"address": "x;y"}]}, "targets[0]", "IP address"),
            ({"targets": [target], "count": 5000}, "count", "<= 1000"),
            ({"targets": [target], "count": "5"}, "count", "int"),
            ({"targets": [target], "interval": 1e9}, "interval", "<= 10"),
            ({"targets": [target], "shell": "id"}, None, "shell"),
            ({}, None, "targets"),
        ):
            with self.subTest(arguments=arguments):
                answer = self.post(fixtures.call("probe.icmp", **arguments))
                error = answer.json["result"]["error"]
                self.assertEqual("bad-argument", error["code"])
                self.assertEqual(argument, error.get("argument"))
                self.assertIn(text, error["message"])

    def test_versions(self) -> None:
        self.start()
        for version, served in (
            ("1.0", True),
            ("1.1", False),
            ("2.0", False),
            ("0.9", False),
            ("newest", False),
        ):
            with self.subTest(version=version):
                body = fixtures.call("inspect.agent").replace(
                    b'"1.0"', json.dumps(version).encode()
                )
                result = self.post(body).json["result"]
                if served:
                    self.assertIn("data", result)
                else:
                    self.assertEqual(
                        "unsupported-version", result["error"]["code"]
                    )
                    self.assertIn("1.0", result["error"]["message"])

    def test_notification_has_no_answer(self) -> None:
        self.start()
        body = fixtures.call("inspect.agent").replace(b'"id": "a", ', b"")
        answer = self.post(body)
        self.assertEqual((204, b""), (answer.status, answer.body))

    def test_http_that_is_refused(self) -> None:
        self.start("max_request_bytes = 2048\n")
        sound = fixtures.call("inspect.agent")
        refused: tuple[tuple[int, dict[str, Any]], ...] = (
            (404, {"path": "/other"}),
            (405, {"method": "PUT"}),
            (413, {"body": sound + b" " * 4096}),
            (415, {"headers": {"Content-Type": "text/plain"}}),
            (411, {"headers": {"Content-Length": "-5"}}),
            (400, {"headers": {"Content-Length": "many"}}),
            (413, {"headers": {"X-Padding": "x" * 20000}}),
        )
        for status, more in refused:
            with self.subTest(status=status, more=str(more)[:60]):
                answer = self.post(more.pop("body", sound), **more)
                self.assertEqual(status, answer.status)
                self.assertEqual(
                    "application/json", answer.headers["Content-Type"]
                )
                self.assertTrue(answer.json["error"]["message"])

    def test_body_of_unknown_length(self) -> None:
        self.start()
        sound = fixtures.call("inspect.agent")
        said = self.inside.call(
            fixtures.talk,
            b"POST / HTTP/1.1\r\nHost: x\r\n"
            b"Content-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
            b"%x\r\n%s\r\n0\r\n\r\n" % (len(sound), sound),
        )
        self.assertIn(b" 411 ", said)

    def test_silent_and_slow_clients_hold_nobody_up(self) -> None:
        agent = self.start("threads = 2\ntimeout = 2\n")
        slow = fixtures.Inside(self, self.host, threads=30)
        began = time.monotonic()
        silent = [slow.begin(fixtures.talk, b"") for _ in range(20)]
        trickling = [slow.begin(_trickle) for _ in range(2)]
        while any(not one.running() for one in silent):
            time.sleep(0.01)
        answer = self.post(fixtures.call("inspect.agent"))
        self.assertEqual(200, answer.status)
        # Those that say something late hold both threads, but not for long:
        # all of them one after the other would take 20 seconds.
        self.assertLess(time.monotonic() - began, 12.0)
        for one in silent:
            self.assertEqual(b"", one.result())
        for one in trickling:
            self.assertLess(one.result(), 6.0)
        self.assertNotIn("Traceback", agent.log)

    def test_busy(self) -> None:
        agent = self.start("[agent]\nmax_operations = 2\n")
        many = fixtures.Inside(self, self.host, threads=3)
        probe = fixtures.call(
            "probe.icmp",
            targets=[{"address": "127.0.0.1"}],
            count=30,
            interval=0.1,
        )
        running = [many.begin(lambda: fixtures.post(probe)) for _ in range(3)]
        replies = [one.result().json["result"] for one in running]
        busy = [one for one in replies if "error" in one]
        self.assertEqual(["busy"], [one["error"]["code"] for one in busy])
        self.assertIn("max_operations", busy[0]["error"]["message"])
        self.assertNotIn("Traceback", agent.log)

    def test_stop_cuts_a_probe_short(self) -> None:
        agent = self.start()
        probe = fixtures.call(
            "probe.icmp",
            targets=[{"address": "127.0.0.1"}],
            count=100,
            interval=1.0,
        )
        running = self.inside.begin(lambda: fixtures.post(probe))
        other = fixtures.Inside(self, self.host)
        fixtures.wait_for(
            lambda: "ESTAB" in self.host.run("ss", "-tn"), "the call"
        )
        other.call(lambda: fixtures.post(fixtures.call("inspect.agent")))
        self.assertLess(agent.stop(), fixtures.DEADLINE)
        self.assertEqual(0, agent.exit_code())
        # Cut short, but answered.
        self.assertIn("result", running.result().json)


def _trickle() -> float:
    """Send a byte now and then; return how long that is suffered."""
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", fixtures.PORT), 30) as peer:
        try:
            while time.monotonic() - began < 20:
                peer.sendall(b"P")
                peer.settimeout(0.5)
                try:
                    if not peer.recv(4096):
                        break
                except TimeoutError:
                    continue
        except OSError:
            pass
    return time.monotonic() - began


class PasswordTest(DirectTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.file = fixtures.directory(self) / "htpasswd"
        self.write("alice", "right")

    def write(self, name: str, password: str) -> None:
        crypted = bcrypt.hashpw(password.encode(), bcrypt.gensalt(5))
        self.file.write_text(f"{name}:{crypted.decode()}\n")

    def status(self, headers: dict[str, str] | None) -> int:
        answer = self.post(fixtures.call("inspect.agent"), headers=headers)
        return answer.status

    def test_passwords(self) -> None:
        agent = self.start(f"htpasswd_file = {self.file}\n")
        agent.await_log("in the clear")
        shown = self.host.run("ss", "-Hltn", f"sport = :{fixtures.PORT}")
        self.assertIn("*:9698", shown)
        self.assertEqual(200, self.status(authorization("alice", "right")))
        self.assertEqual(200, self.status(authorization("alice", "right")))
        for headers in (
            None,
            authorization("alice", "wrong"),
            authorization("bob", "right"),
            authorization("alice", ""),
            authorization("alice", "right" * 100),
            {"Authorization": "Basic"},
            {"Authorization": "Basic !"},
            {"Authorization": "Bearer abc"},
            {"Authorization": "Basic " + "YQ=="},
            {"Authorization": "Basic /////w=="},
        ):
            with self.subTest(headers=headers):
                answer = self.post(
                    fixtures.call("inspect.agent"), headers=headers
                )
                self.assertEqual(401, answer.status)
                self.assertIn("Basic", answer.headers["WWW-Authenticate"])
                self.assertTrue(answer.json["error"]["message"])
        answer = self.post(b"", method="GET")
        self.assertEqual(401, answer.status)
        self.assertIn("127.0.0.1 port", agent.log)
        self.assertNotIn("right", agent.log)

    def test_file_changes(self) -> None:
        agent = self.start(f"htpasswd_file = {self.file}\n")
        self.assertEqual(200, self.status(authorization("alice", "right")))
        self.write("alice", "changed")
        self.assertEqual(401, self.status(authorization("alice", "right")))
        self.assertEqual(200, self.status(authorization("alice", "changed")))
        self.file.write_text("alice:plain\n")
        self.assertEqual(401, self.status(authorization("alice", "changed")))
        agent.await_log("line 1")
        self.file.unlink()
        self.assertEqual(401, self.status(authorization("alice", "changed")))
        self.write("alice", "changed")
        self.assertEqual(200, self.status(authorization("alice", "changed")))


class TlsTest(DirectTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.where = fixtures.directory(self)
        self.certificates = Certificates(self.where)
        self.certificates.issue("server", "ours")
        self.certificates.issue("client", "ours")
        self.certificates.issue("stranger", "theirs")
        self.options = (
            f"certificate_file = {self.certificates.path('server.pem')}\n"
            f"key_file = {self.certificates.path('server.key')}\n"
        )
        self.with_clients = (
            self.options
            + f"client_ca_file = {self.certificates.path('ours.pem')}\n"
        )

    def ask(self, client: str | None) -> fixtures.Answer:
        return self.post(
            fixtures.call("inspect.agent"),
            tls=self.certificates.client(client),
        )

    def test_client_certificates(self) -> None:
        agent = self.start(self.with_clients)
        self.assertEqual(200, self.ask("client").status)
        for client in (None, "stranger"):
            with (
                self.subTest(client=client),
                self.assertRaises((ssl.SSLError, ConnectionError)),
            ):
                self.ask(client)
        agent.await_log("no TLS connection: peer did not return a cert")
        agent.await_log("no TLS connection: certificate verify failed")
        self.assertEqual(200, self.ask("client").status)
        self.assertNotIn("Traceback", agent.log)

    def test_plain_http_is_told_so(self) -> None:
        self.start(self.with_clients)
        answer = self.post(fixtures.call("inspect.agent"))
        self.assertEqual(400, answer.status)
        self.assertIn("HTTPS", answer.json["error"]["message"])

    def test_old_tls_is_refused(self) -> None:
        self.start(self.with_clients)
        client = self.certificates.client("client")
        client.set_ciphers("ALL:@SECLEVEL=0")
        client.minimum_version = ssl.TLSVersion.TLSv1_1
        client.maximum_version = ssl.TLSVersion.TLSv1_1
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            self.post(fixtures.call("inspect.agent"), tls=client)

    def test_tls_alone_stays_on_loopback(self) -> None:
        agent = self.start(self.options)
        agent.await_log("on loopback only")
        self.assertEqual(200, self.ask(None).status)

    def test_silent_client_does_not_hold_up_the_others(self) -> None:
        self.start(self.with_clients + "threads = 2\n")
        slow = fixtures.Inside(self, self.host, threads=10)
        silent = [slow.begin(fixtures.talk, b"") for _ in range(10)]
        while any(not one.running() for one in silent):
            time.sleep(0.01)
        began = time.monotonic()
        self.assertEqual(200, self.ask("client").status)
        # Sooner than any of the silent ones is given up.
        self.assertLess(time.monotonic() - began, 8.0)
        self.doCleanups()

    def test_reload(self) -> None:
        agent = self.start(self.with_clients)
        before = self._serial()
        self.certificates.issue("server", "ours")
        agent.process.send_signal(1)
        agent.await_log("Read the certificates anew")
        after = self._serial()
        self.assertNotEqual(before, after)
        (self.where / "server.pem").write_text("broken")
        agent.process.send_signal(1)
        agent.await_log("Kept the old certificates")
        self.assertEqual(after, self._serial())

    def _serial(self) -> Any:
        def ask() -> Any:
            context = self.certificates.client("client")
            with (
                socket.create_connection(("127.0.0.1", fixtures.PORT)) as raw,
                context.wrap_socket(raw, server_hostname="127.0.0.1") as peer,
            ):
                certificate = peer.getpeercert()
                assert certificate is not None
                return certificate["serialNumber"]

        return self.inside.call(ask)
