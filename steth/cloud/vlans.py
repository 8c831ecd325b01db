# SPDX-License-Identifier: Apache-2.0
"""Reads from Neutron which VLANs its physical networks should carry."""

from collections.abc import Callable

from keystoneauth1 import exceptions as ksa_exceptions
from openstack import connection as sdk_connection
from openstack import exceptions as sdk_exceptions

from steth.model import vlan_range

_EVERY = range(vlan_range.LOWEST, vlan_range.HIGHEST + 1)


def read(
    cloud: sdk_connection.Connection, note: Callable[[str], None]
) -> dict[str, str] | None:
    """Return the VLANs by physical network, as ranges.

    They are those of networks, and those that networks may be given: the
    segment ranges, where Neutron has that service plugin. Only an
    administrator sees them.

    :param note: takes a remark for the user
    :returns: ``None`` when Neutron does not say
    """
    found: dict[str, set[int]] = {}
    try:
        for network in cloud.network.networks(provider_network_type="vlan"):
            if network.provider_segmentation_id in _EVERY:
                found.setdefault(network.provider_physical_network, set()).add(
                    network.provider_segmentation_id
                )
        try:
            for one in cloud.network.network_segment_ranges():
                if one.network_type == "vlan":
                    found.setdefault(one.physical_network, set()).update(
                        range(one.minimum, one.maximum + 1)
                    )
        except sdk_exceptions.NotFoundException:
            pass
    except (
        sdk_exceptions.SDKException,
        ksa_exceptions.ClientException,
    ) as error:
        note(f"Neutron does not say which VLANs its networks use: {error}")
        return None
    return {name: vlan_range.compact(ids) for name, ids in found.items()}
