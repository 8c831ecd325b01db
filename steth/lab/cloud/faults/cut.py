# SPDX-License-Identifier: Apache-2.0
"""The cells of the traffic matrix that break together."""

#: What leaves the cloud through the router, by IPv4 and IPv6.
OUT = ("snat/*", "floating-*/*")
OUT6 = ("outside6/*",)
ROUTED = ("routed/*/*",)
ROUTED6 = ("routed6/*/*",)


def across(*names: str, version6: bool = True) -> tuple[str, ...]:
    """Return the cells on an instance's own network."""
    kinds = (
        ("l2", "l2v6", "mtu", "open") if version6 else ("l2", "mtu", "open")
    )
    return tuple(
        pattern
        for name in names
        for kind in kinds
        # Those on the provider network have no IPv6.
        if not (kind == "l2v6" and name.startswith("lan"))
        for pattern in (f"{kind}/{name}/*", f"{kind}/*/{name}")
    )


def beyond(*names: str, version6: bool = True) -> tuple[str, ...]:
    """Return the cells through the router, or to the world outside."""
    found = []
    for name in names:
        if name.startswith("lan"):
            found.append(f"outside/{name}")
            continue
        found += [f"routed/{name}/*", f"routed/*/{name}"]
        found.append(
            f"snat/{name}" if name.startswith("db") else f"floating-*/{name}"
        )
        if version6:
            found += [
                f"routed6/{name}/*",
                f"routed6/*/{name}",
                f"outside6/{name}",
            ]
    return tuple(found)


def off(*names: str, version6: bool = True) -> tuple[str, ...]:
    """Return all cells of instances that are cut off from everything."""
    own = [
        f"{kind}/{name}" for name in names for kind in ("lease", "metadata")
    ]
    return (
        *across(*names, version6=version6),
        *beyond(*names, version6=version6),
        *own,
    )
