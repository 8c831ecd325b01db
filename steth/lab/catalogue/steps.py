# SPDX-License-Identifier: Apache-2.0
"""Steps that faults are made of.

The scripts hold the fields of ``target.Target.fields`` in braces; nft's own
are written twice.
"""

from steth.lab import faults

# A table of its own for each fault, so that it is taken back as a whole; the
# first line makes that work also where it was never added.
_NFT_HEAL = "add table {family} {table}\ndelete table {family} {table}\n"


def ip(place: faults.Place, inject: str, heal: str) -> faults.Step:
    """Return a step that ip(8) does."""
    return faults.Step(
        place=place, tool=faults.Tool.IP, inject=inject, heal=heal
    )


def nft(
    place: faults.Place, family: str, hook: str, *rules: str
) -> faults.Step:
    """Return a step that filters with rules of nft(8), hooked in there."""
    body = "\n".join(rules)
    return faults.Step(
        place=place,
        tool=faults.Tool.NFT,
        inject=(
            f"table {family} {{table}} {{{{\nchain {hook} {{{{\n"
            f"type filter hook {hook} priority 0\n{body}\n}}}}\n}}}}\n"
        ),
        heal=_NFT_HEAL.replace("{family}", family),
    )


def switch(hook: str, *rules: str) -> faults.Step:
    """Return a step that filters frames in the switch."""
    return nft(faults.Place.SWITCH, "bridge", hook, *rules)


def firewall(hook: str, *rules: str) -> faults.Step:
    """Return a step that filters packets on the host."""
    return nft(faults.Place.HOST, "inet", hook, *rules)


# What the hosts learned before the fault would hide it for as long as their
# neighbours' entries last; what they learned from it would outlive it.
FORGET = ip(faults.Place.EVERYWHERE, "neigh flush dev {nic}", "")
FORGET_IN_THE_END = ip(
    faults.Place.EVERYWHERE, "", "neigh flush dev {nic}\nroute flush cache"
)

ICMP = "meta l4proto {{ icmp, ipv6-icmp }}"
FULL_ADDRESS = "{address}/{prefix} broadcast + dev {nic}"
MTU = faults.Value(default=1400, least=576, most=8999, meaning="bytes")
