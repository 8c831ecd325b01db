# SPDX-License-Identifier: Apache-2.0
"""What a cloud needs before it can start, and what makes it start quickly.

Neutron and Keystone are installed into a Python environment of their own;
their databases are filled, and Keystone knows the administrator, Neutron and
where both are. The cache keeps all of that.
"""

from collections.abc import Callable
import inspect
import os
import pathlib
import secrets as random
import shutil
import sys

import msgspec

from steth.lab import commands
from steth.lab import namespace
from steth.lab.cloud import cache as cache_module
from steth.lab.cloud import configuration
from steth.lab.cloud import filling
from steth.lab.cloud import layout
from steth.lab.cloud import machine

REQUIREMENTS = pathlib.Path(__file__).with_name("requirements.txt")

_SECRETS = "secrets.json"
_LAYERS = "layers"
_PLACEHOLDER = configuration.Secrets(
    admin="", neutron="", database="", metadata=""
)


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """What was prepared.

    :param environment: Neutron's Python environment
    :param layers: files that hosts start with, see ``namespace.Hosts``
    """

    environment: str
    layers: str
    secrets: configuration.Secrets


class Preparation:
    """Prepares what is not in the cache.

    :param notify: is told what is being done
    """

    def __init__(
        self,
        cache: cache_module.Cache,
        notify: Callable[[str], None] = lambda text: None,
    ) -> None:
        self._cache = cache
        self._notify = notify
        self._environment = cache.path(
            "environment", [REQUIREMENTS.read_text(), sys.version]
        )
        self._databases = cache.path("databases", self._database_parts())
        self._hosts = _hosts(cache)

    def _database_parts(self) -> list[str]:
        return [
            self._environment.name,
            commands.run(["mariadbd", "--version"]),
            inspect.getsource(filling),
            configuration.mariadb(),
            configuration.keystone(_PLACEHOLDER),
            configuration.neutron_url(),
        ]

    def is_done(self) -> bool:
        """Return whether all is in the cache."""
        return self._environment.exists() and self._databases.exists()

    def prepare(self) -> Prepared:
        """Return what was prepared, now or before.

        :raises errors.LabError: naming what went wrong
        """
        if not self.is_done():
            # What an earlier one was at when it was killed.
            with self._cache.changing(self._hosts.stop):
                if not self._environment.exists():
                    self._notify("installing Neutron and Keystone, once")
                    self._cache.make(self._environment, self._install)
                if not self._databases.exists():
                    self._notify("filling the databases, once")
                    self._cache.make(self._databases, self._fill)
        return self._prepared(self._databases)

    def _prepared(self, databases: pathlib.Path) -> Prepared:
        return Prepared(
            environment=str(self._environment),
            layers=str(databases / _LAYERS),
            secrets=msgspec.json.decode(
                (databases / _SECRETS).read_bytes(),
                type=configuration.Secrets,
            ),
        )

    def _install(self, directory: pathlib.Path) -> None:
        self._run([sys.executable, "-m", "venv", str(directory)])
        self._run(
            [
                *(str(directory / "bin" / "python"), "-m", "pip", "install"),
                *("--quiet", "--quiet", "--disable-pip-version-check"),
                *("--no-input", f"--requirement={REQUIREMENTS}"),
            ]
        )
        _rename(directory, self._environment)

    def _run(self, argv: list[str]) -> None:
        """Run a command in our own environment, which knows its proxies.

        It bears the lab's mark: what a kill leaves of it is found, and ended
        before what it was at is removed.
        """
        commands.run(argv, marks={**os.environ, **self._hosts.mark})

    def _fill(self, directory: pathlib.Path) -> None:
        secrets = configuration.Secrets(
            admin=random.token_urlsafe(),
            neutron=random.token_urlsafe(),
            database=random.token_urlsafe(),
            metadata=random.token_urlsafe(),
        )
        file = directory / _SECRETS
        file.touch(0o600)
        file.write_bytes(msgspec.json.encode(secrets))
        self._hosts.directory.mkdir(mode=0o700)
        try:
            self._hosts.start([layout.CONTROLLER])
            controller = machine.Machine(
                layout.CONTROLLER,
                self._hosts.running()[layout.CONTROLLER],
                self._hosts.mark,
                self._environment,
            )
            filling.Filler(controller, secrets).fill()
            layers = directory / _LAYERS
            layers.mkdir(mode=0o755)
            source = namespace.path(controller.init, configuration.KEPT)
            target = layers / layout.CONTROLLER
            commands.run(["cp", "-a", str(source), str(target)])
        finally:
            self._hosts.stop()
            shutil.rmtree(self._hosts.directory)


def clean(cache: cache_module.Cache) -> None:
    """Remove what a preparation that was killed left behind."""
    cache.clean(_hosts(cache).stop)


def _hosts(cache: cache_module.Cache) -> namespace.Hosts:
    """Return where the databases are filled."""
    return namespace.Hosts(cache.directory / "host.new")


def _rename(directory: pathlib.Path, name: pathlib.Path) -> None:
    """Let scripts of a Python environment know the name that it will get."""
    old, new = f"#!{directory}/".encode(), f"#!{name}/".encode()
    for script in (directory / "bin").iterdir():
        is_own = script.is_file() and not script.is_symlink()
        content = script.read_bytes() if is_own else b""
        if content.startswith(old):
            script.write_bytes(content.replace(old, new, 1))
