# SPDX-License-Identifier: Apache-2.0
"""The configuration, read and checked as a whole.

What is wrong is found before anything starts, not when the option is first
used.
"""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
import contextlib
import glob
import io
import os
import re
import sys

from oslo_config import cfg

from steth.conf import agent
from steth.conf import controller
from steth.conf import direct
from steth.conf import direct_client
from steth.conf import inventory
from steth.conf import strict

PROJECT = "steth"

#: How oslo.config tells, on stderr before it exits, that a file gives a
#: value that an option of the command line does not take.
_BAD_CLI_VALUE = re.compile(r"argument --(\w+): (.*)")


class ConfigError(ValueError):
    """The configuration can't be used; says where, what, and the way out."""


def load(
    files: Sequence[str] | None = None,
    *,
    conf: cfg.ConfigOpts = cfg.CONF,
    arguments: Sequence[str] = (),
    version: str | None = None,
    libraries: strict.Options = (),
    complete: bool = False,
) -> cfg.ConfigOpts:
    """Read the configuration, and check every name and value in it.

    :param files: those to read instead of ``/etc/steth/steth.conf`` (or
        where else oslo.config looks for it)
    :param conf: what to read it into; RPC clients of oslo.messaging work
        with no other than the global one
    :param arguments: of the command line, for options of oslo.config
    :param libraries: options by group of libraries in use, which the files
        may give too
    :param complete: see :func:`steth.conf.strict.unknown_options`
    :raises ConfigError: naming file, section and option
    """
    register(conf)
    given = [f"--config-file={file}" for file in files or ()]
    try:
        with _no_exit():
            conf(
                [*given, *arguments],
                project=PROJECT,
                version=version,
                # Project and program have one name here; what is found
                # twice is read once.
                default_config_files=_once(cfg.find_config_files),
                default_config_dirs=_once(cfg.find_config_dirs),
            )
        parsed = {file: strict.parse(file) for file in _files_of(conf)}
    except cfg.ConfigFilesNotFoundError as error:
        raise ConfigError(
            f"{', '.join(error.config_files)}: there is no such file"
        ) from None
    except cfg.ConfigFilesPermissionDeniedError as error:
        raise ConfigError(
            f"{', '.join(error.config_files)}: this user may not read it"
        ) from None
    except cfg.ConfigFileParseError as error:
        raise ConfigError(
            f"{error.msg.removeprefix('at ')}; write 'option = value' below "
            "a [section]"
        ) from None
    except (cfg.Error, OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"the configuration can't be read: {error}"
        ) from None
    complaints = strict.unknown_options(parsed, libraries, complete=complete)
    complaints += _bad_values(
        conf, [*strict.own_options(), *libraries], parsed
    )
    if not complaints:
        complaints += _bad_inventory(conf, parsed)
    if complaints:
        raise ConfigError("; ".join(complaints))
    return conf


def register(conf: cfg.ConfigOpts) -> None:
    """Register every option of Steth's own."""
    agent.register(conf)
    direct.register(conf)
    controller.register(conf)
    direct_client.register(conf)
    inventory.register(conf)


@contextlib.contextmanager
def _no_exit() -> Iterator[None]:
    """Turn oslo.config's way to exit over a bad value into an error."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            yield
    except SystemExit as error:
        found = _BAD_CLI_VALUE.match(said.getvalue())
        if error.code == 1 and found:
            raise ConfigError(
                f"[DEFAULT] {found[1]} in a configuration file: {found[2]}"
            ) from None
        sys.stderr.write(said.getvalue())
        raise


def _once(find: Callable[[str, str], list[str]]) -> list[str]:
    return list(dict.fromkeys(find(PROJECT, PROJECT)))


def _files_of(conf: cfg.ConfigOpts) -> list[str]:
    """Return the configuration files that were read, in their order."""
    found = [
        file
        for directory in conf.config_dirs
        for file in sorted(glob.glob(os.path.join(directory, "*.conf")))
    ]
    return list(dict.fromkeys([*(conf.config_file or ()), *found]))


def _bad_values(
    conf: cfg.ConfigOpts,
    listed: strict.Options,
    parsed: dict[str, strict.Sections],
) -> list[str]:
    """Return a sentence for each value that its option does not take."""
    complaints = []
    for group, options in listed:
        section = str(group or "DEFAULT")
        for option in options:
            reason = _why_bad(conf, section, option.dest)
            if reason is not None:
                where = strict.file_with(parsed, section, option.dest)
                complaints.append(
                    f"{where}: [{section}] {option.dest}: {reason}"
                )
    return complaints


def _why_bad(conf: cfg.ConfigOpts, section: str, option: str) -> str | None:
    if section != "DEFAULT" and section not in conf:
        # A library's, which is not in use after all.
        return None
    values = conf if section == "DEFAULT" else conf[section]
    if option not in values:
        return None
    try:
        values[option]
    except cfg.ConfigSourceValueError as error:
        # oslo.config buries the reason in its own account of where.
        return str(error).partition(" is not valid: ")[2] or str(error)
    except (cfg.NoSuchOptError, cfg.TemplateSubstitutionError) as error:
        return f"{error}; '$' refers to an option, '$$' is a dollar sign"
    return None


def _bad_inventory(
    conf: cfg.ConfigOpts, parsed: dict[str, strict.Sections]
) -> list[str]:
    """Return what is wrong with the networks, known only by now."""
    listed = [
        (inventory.network_group(one), inventory.NETWORK_OPTS)
        for one in conf.inventory.networks
    ] + [
        (
            inventory.physical_network_group(one),
            inventory.PHYSICAL_NETWORK_OPTS,
        )
        for one in conf.inventory.physical_networks
    ]
    for group, options in listed:
        conf.register_group(group)
        conf.register_opts(options, group=group)
    complaints = _bad_values(conf, listed, parsed)
    if not complaints:
        try:
            inventory.read(conf)
        except inventory.InventoryError as error:
            complaints.append(str(error))
    return complaints
