# SPDX-License-Identifier: Apache-2.0
"""What stands in the configuration files and means nothing.

oslo.config passes over sections and options that nobody registered, so a
slip of the pen would leave a default in force without a word.
"""

from collections.abc import Iterable
from collections.abc import Sequence
import difflib
import re
from typing import Any

from oslo_config import cfg

from steth.conf import inventory
from steth.conf import opts

#: Options of oslo.config itself.
_OF_CONFIG = frozenset({"config_file", "config_dir", "config_source"})
#: Sections that belong to some library of OpenStack, used here or not.
_OF_LIBRARIES = re.compile(r"oslo_|steth_|privsep|profiler|ssl$|cors$")
#: How alike two names have to be for one to be a slip of the other.
_ALIKE = 0.7

#: Options by group, as every ``list_opts`` gives them.
Options = Sequence[tuple[Any, list[Any]]]
Known = dict[str, set[str]]
#: Sections whose names the file itself gives: what they describe, the option
#: of [inventory] that names them, and their options.
_NAMED = {
    inventory.NETWORK_PREFIX: (
        "network",
        "networks",
        inventory.NETWORK_OPTS,
    ),
    inventory.PHYSICAL_NETWORK_PREFIX: (
        "physical network",
        "physical_networks",
        inventory.PHYSICAL_NETWORK_OPTS,
    ),
}
_PREFIXES = tuple(_NAMED)
Sections = dict[str, dict[str, list[str]]]


def own_options() -> Options:
    """Return Steth's options by group, without the sample's network."""
    return [
        (group, options)
        for group, options in opts.list_opts()
        if not str(group).startswith(_PREFIXES)
    ]


def parse(file: str) -> Sections:
    """Return what a configuration file gives: section, option, values.

    :raises cfg.ConfigFileParseError: saying in which line
    """
    sections: Sections = {}
    cfg.ConfigParser(file, sections).parse()
    return sections


def file_with(parsed: dict[str, Sections], section: str, option: str) -> str:
    """Return the file that gives an option, the last one if several do."""
    for file in reversed(parsed):
        for name, options in parsed[file].items():
            if normalise(name) == normalise(section) and option in options:
                return file
    return "environment"


def unknown_options(
    parsed: dict[str, Sections],
    libraries: Options,
    *,
    complete: bool,
) -> list[str]:
    """Return a sentence for each section and option that means nothing.

    One file may serve the agent and the controller, so each accepts what is
    the other's.

    :param parsed: by file, what it gives
    :param libraries: the options of libraries that the caller uses, in the
        form of their ``list_opts``
    :param complete: whether ``libraries`` are all that the file can be for.
        Where they are not, a name in ``[DEFAULT]`` is reported only if it
        is nearly one that is known, since a library may own it.
    """
    known = _known([*own_options(), *libraries])
    for sections in parsed.values():
        known |= _named_sections(sections)
    complaints = []
    for file, sections in parsed.items():
        for section, options in sections.items():
            # One with nothing in it, as in the sample, does no harm.
            if options:
                complaints += [
                    f"{file}: {complaint}"
                    for complaint in _check_section(
                        section, options, known, complete
                    )
                ]
    return complaints


def _known(listed: Options) -> Known:
    """Return the names of options by section, deprecated ones too."""
    known: Known = {"DEFAULT": set(_OF_CONFIG)}
    for group, options in listed:
        section = normalise(str(group or "DEFAULT"))
        names = known.setdefault(section, set())
        for option in options:
            names |= {option.name, option.dest}
            for other in option.deprecated_opts:
                known.setdefault(normalise(other.group or section), set()).add(
                    other.name or option.name
                )
    return known


def normalise(section: str) -> str:
    """Return the name as oslo.config compares it."""
    return section if section == "DEFAULT" else section.lower()


def _named_sections(sections: Sections) -> Known:
    """Return the sections whose names the file itself gives."""
    own = {normalise(name): options for name, options in sections.items()}
    given = own.get(inventory.GROUP.name, {})
    sources = own.get("DEFAULT", {}).get("config_source", [])
    return {
        **{
            normalise(prefix + name.strip()): {one.dest for one in options}
            for prefix, (_, listing, options) in _NAMED.items()
            for value in given.get(listing, [])
            for name in value.split(",")
        },
        **{source.lower(): {"driver", "uri"} for source in sources},
    }


def _check_section(
    section: str,
    options: dict[str, list[str]],
    known: Known,
    complete: bool,
) -> list[str]:
    name = normalise(section)
    if name not in known:
        for prefix, (noun, listing, _) in _NAMED.items():
            if name.startswith(prefix):
                return [
                    f"section [{section}] describes a {noun} that "
                    f"[inventory] {listing} does not name: add "
                    f"{section[len(prefix) :]} there, or remove the section"
                ]
        near = _nearest(name, known)
        if near is None and _OF_LIBRARIES.match(name):
            return []
        return [f"there is no section [{section}]{_meant(near)}"]
    complaints = []
    for option in options:
        if option in known[name]:
            continue
        near = _nearest(option, known[name])
        if near is None and name == "DEFAULT" and not complete:
            continue
        complaints.append(
            f"there is no option '{option}' in section [{section}]"
            + (_meant(near) or _elsewhere(option, known))
        )
    return complaints


def _nearest(name: str, names: Iterable[str]) -> str | None:
    near = difflib.get_close_matches(name, names, n=1, cutoff=_ALIKE)
    return near[0] if near else None


def _meant(near: str | None) -> str:
    return "" if near is None else f"; did you mean '{near}'?"


def _elsewhere(option: str, known: Known) -> str:
    owners = sorted(one for one in known if option in known[one])
    return f"; it belongs into [{owners[0]}]" if owners else ""
