# SPDX-License-Identifier: Apache-2.0
"""The databases of Keystone and Neutron, from empty to usable."""

from steth.lab import commands
from steth.lab import layout as base
from steth.lab import namespace
from steth.lab.cloud import configuration
from steth.lab.cloud import connection
from steth.lab.cloud import layout
from steth.lab.cloud import machine
from steth.lab.cloud import programs

_STOP_TIMEOUT = 30.0

_GRANTS = """\
CREATE DATABASE keystone;
CREATE DATABASE neutron;
CREATE USER {user}@localhost IDENTIFIED BY '{password}';
GRANT ALL ON keystone.* TO {user}@localhost;
GRANT ALL ON neutron.* TO {user}@localhost;
"""


class Filler:
    """Fills the databases in a controller that has nothing else.

    :param controller: the host, without a network
    :param secrets: the passwords to set
    """

    def __init__(
        self, controller: machine.Machine, secrets: configuration.Secrets
    ) -> None:
        self._controller = controller
        self._secrets = secrets

    def fill(self) -> None:
        """Do it, and leave the files of the databases at rest.

        :raises errors.LabError: naming what failed, with what it said
        """
        self._give_address()
        self._write_files()
        self._make_databases()
        self._fill_keystone()
        self._controller.start(programs.KEYSTONE)
        self._controller.run(
            [
                *("neutron-db-manage", "--config-file"),
                *(configuration.NEUTRON_CONF, "upgrade", "heads"),
            ]
        )
        self._register_neutron()
        for one in (programs.KEYSTONE, programs.MARIADB):
            self._controller.service(one).stop(
                self._controller.init, _STOP_TIMEOUT
            )

    def _give_address(self) -> None:
        """Give it the controller's address, which Keystone listens on."""
        address = f"{configuration.address()}/{base.MANAGEMENT.prefix}"
        commands.run(
            namespace.in_network(self._controller.init, ["ip", "-batch", "-"]),
            f"link set lo up\naddress replace {address} dev lo\n",
            self._controller.mark,
        )

    def _write_files(self) -> None:
        self._controller.write(
            {
                configuration.DATABASE_CONF: configuration.mariadb(),
                configuration.KEYSTONE_CONF: configuration.keystone(
                    self._secrets
                ),
                configuration.NEUTRON_CONF: configuration.neutron(
                    layout.controller(),
                    layout.Shape(),
                    self._secrets,
                    broker_password="",
                    environment=self._controller.environment,
                ),
            }
        )

    def _make_databases(self) -> None:
        controller = self._controller
        controller.run(
            [
                "mariadb-install-db",
                f"--defaults-file={configuration.DATABASE_CONF}",
                "--user=root",
                "--auth-root-authentication-method=socket",
                "--skip-test-db",
            ]
        )
        controller.start(programs.MARIADB)
        controller.await_ready(programs.MARIADB)
        controller.run(
            ["mariadb", f"--socket={configuration.DATABASE_SOCKET}"],
            _GRANTS.format(
                user=configuration.DATABASE_USER,
                password=self._secrets.database,
            ),
        )

    def _fill_keystone(self) -> None:
        as_root = ("--keystone-user=root", "--keystone-group=root")
        url = configuration.keystone_url()
        for arguments in (
            ["db_sync"],
            ["fernet_setup", *as_root],
            ["credential_setup", *as_root],
            [
                "bootstrap",
                f"--bootstrap-username={configuration.ADMIN}",
                f"--bootstrap-password={self._secrets.admin}",
                f"--bootstrap-region-id={configuration.REGION}",
                f"--bootstrap-admin-url={url}",
                f"--bootstrap-internal-url={url}",
                f"--bootstrap-public-url={url}",
            ],
        ):
            self._controller.run(["keystone-manage", *arguments])

    def _register_neutron(self) -> None:
        """Tell Keystone who Neutron is and where."""
        identity = connection.connect(
            self._controller.init, self._secrets
        ).identity
        project = identity.create_project(
            name=configuration.SERVICE_PROJECT, domain_id="default"
        )
        user = identity.create_user(
            name=configuration.NEUTRON_USER,
            password=self._secrets.neutron,
            domain_id="default",
        )
        for name in ("admin", "service"):
            identity.assign_project_role_to_user(
                project, user, identity.find_role(name, ignore_missing=False)
            )
        service = identity.create_service(type="network", name="neutron")
        for interface in ("admin", "internal", "public"):
            identity.create_endpoint(
                service_id=service.id,
                interface=interface,
                url=configuration.neutron_url(),
                region_id=configuration.REGION,
            )
