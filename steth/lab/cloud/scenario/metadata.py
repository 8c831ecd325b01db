# SPDX-License-Identifier: Apache-2.0
"""A fake of Nova's metadata server: there is no Nova in the lab.

It answers what Neutron's metadata agent asks, with the identity that the
agent found out, and refuses what the agent has not signed, as Nova's
``nova-api-metadata`` does.
"""

import argparse
import hashlib
import hmac
from http import server
import json
import os

#: Variable that holds the secret shared with Neutron's agent.
VARIABLE = "STETH_LAB_METADATA_SECRET"

_CHARSET = "; charset=UTF-8"


class Handler(server.BaseHTTPRequestHandler):
    """Answers for one instance, by the headers of Neutron's agent."""

    server_version = "steth-lab-fake-nova-metadata"
    secret = b""

    def do_GET(self) -> None:
        """Tell an instance who it is."""
        uuid = self.headers.get("X-Instance-ID", "")
        signature = self.headers.get("X-Instance-ID-Signature", "")
        expected = hmac.new(self.secret, uuid.encode(), hashlib.sha256)
        if not hmac.compare_digest(signature, expected.hexdigest()):
            self._reply(403, "text/plain", "bad signature\n")
            return
        project = self.headers.get("X-Tenant-ID", "")
        pages = {
            "/latest/meta-data/instance-id": ("text/plain", uuid),
            "/openstack/latest/meta_data.json": (
                "application/json",
                json.dumps({"uuid": uuid, "project_id": project}),
            ),
        }
        if self.path in pages:
            self._reply(200, *pages[self.path])
        else:
            self._reply(404, "text/plain", "\n".join(pages) + "\n")

    def _reply(self, status: int, kind: str, body: str) -> None:
        content = body.encode()
        self.send_response(status)
        # Neutron's agent fails on a reply without a character set.
        self.send_header("Content-Type", kind + _CHARSET)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def main() -> None:
    """Serve until it is ended; the shared secret is in the environment."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("port", type=int)
    parsed = parser.parse_args()
    Handler.secret = os.environ[VARIABLE].encode()
    listener = server.ThreadingHTTPServer(
        (parsed.address, parsed.port), Handler
    )
    listener.serve_forever()


if __name__ == "__main__":
    main()
