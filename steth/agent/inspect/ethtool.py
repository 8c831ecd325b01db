# SPDX-License-Identifier: Apache-2.0
"""What drivers tell of their devices, as ethtool(8) asks them.

The requests are those of SIOCETHTOOL, see linux/ethtool.h: generic netlink has
no driver statistics, and nothing at all before Linux 5.6. None that is used
here needs a privilege. Which a driver does not serve, and how it says so,
differs, so that each that fails only leaves out what it would have told.
"""

import ctypes
import fcntl
import itertools
import socket
import struct
import types
from typing import Self

from steth.agent.inspect import rtnetlink
from steth.model import interface

_SIOCETHTOOL = 0x8946
#: struct ifreq: the device's name, then a pointer in the union.
_IFREQ = struct.Struct("16sP16x")

_GDRVINFO = 0x03
_GCOALESCE = 0x0E
_GRINGPARAM = 0x10
_GPAUSEPARAM = 0x12
_GSTRINGS = 0x1B
_GSTATS = 0x1D
_GSSET_INFO = 0x37
_GFEATURES = 0x3A
_GCHANNELS = 0x3C
_GLINKSETTINGS = 0x4C
_GFECPARAM = 0x50

_SS_STATS = 1
_SS_FEATURES = 4
_SS_LINK_MODES = 9
_STRING = 32
#: More strings than that are not asked for, and fewer are handed on of those
#: that count something. The largest drivers have some ten thousand, a few for
#: each of their queues.
_MAX_STRINGS = 1 << 15
MAX_STATISTICS = 4096
#: Before Linux 6.19 the kernel writes as many entries as there are by now,
#: however many it was asked for: the buffer has room for some that were added
#: meanwhile. Later ones write none then, and say so.
_SPARE = 1024

#: struct ethtool_drvinfo: driver, version, firmware, bus
_DRIVER = struct.Struct("=4x32s32s32s32s64x")
#: struct ethtool_link_settings without the masks: speed, duplex, port,
#: autonegotiation, words of a mask
_SETTINGS = struct.Struct("=4xIBBxB3xb32x")
#: struct ethtool_get_features_block: available, requested, active, fixed
_FEATURES = struct.Struct("=IIII")
_FOUR = struct.Struct("=4x4I")
#: struct ethtool_ringparam and ethtool_channels: maxima, then what is.
_SIZES = struct.Struct("=4x8I")
_COALESCING = struct.Struct("=4x22I")
_STATISTIC = struct.Struct("=Q")

_SPEED_UNKNOWN = {0, 0xFFFF, 0xFFFFFFFF}
_DUPLEX = {0: "half", 1: "full"}
_PORTS = {
    0: "Twisted Pair",
    1: "AUI",
    2: "MII",
    3: "FIBRE",
    4: "BNC",
    5: "Direct Attach Copper",
    0xFF: "Other",
}
_FEC = ("none", "auto", "off", "rs", "baser", "llrs")
_RINGS = ("rx", "rx-mini", "rx-jumbo", "tx")
_CHANNELS = ("rx", "tx", "other", "combined")
#: Those that a driver is usually tuned by, and where they are.
_COALESCED = (
    (0, "rx-usecs"),
    (1, "rx-frames"),
    (4, "tx-usecs"),
    (5, "tx-frames"),
    (9, "adaptive-rx"),
    (10, "adaptive-tx"),
)
#: What ethtool(8) calls features by another name than the kernel.
_FEATURE_NAMES = {
    "rx-checksum": "rx-checksumming",
    "rx-gro": "generic-receive-offload",
    "rx-hashing": "receive-hashing",
    "rx-lro": "large-receive-offload",
    "rx-ntuple-filter": "ntuple-filters",
    "rx-vlan-hw-parse": "rx-vlan-offload",
    "tx-generic-segmentation": "generic-segmentation-offload",
    "tx-vlan-hw-insert": "tx-vlan-offload",
}


class Socket:
    """Asks drivers in the namespace that it was opened in."""

    def __init__(self) -> None:
        self._socket = socket.socket(
            socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC
        )
        #: The 32-bit words of a mask of link modes, 0 while not known.
        self._words = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: types.TracebackType | None,
    ) -> None:
        self._socket.close()

    def all(self, device: str) -> interface.Ethtool:
        """Return all that the driver of a device tells."""
        return interface.Ethtool(
            driver=self._driver(device),
            settings=self.settings(device, modes=True),
            error_correction=self._error_correction(device),
            pause=self._pause(device),
            rings=self._sizes(device, _GRINGPARAM, _RINGS),
            channels=self._sizes(device, _GCHANNELS, _CHANNELS),
            coalescing=self._coalescing(device),
            features=self._features(device),
            statistics=self._statistics(device),
        )

    def settings(
        self, device: str, *, modes: bool = False
    ) -> interface.LinkSettings | None:
        """Return speed and duplex of a device, and what they depend on.

        :param modes: the modes too
        """
        found = self._link_settings(device)
        if found is None:
            return None
        speed, duplex, port, autonegotiation, _ = _SETTINGS.unpack_from(found)
        supported, advertised, partner = (
            self._modes(device, found) if modes else ((), (), ())
        )
        return interface.LinkSettings(
            speed=None if speed in _SPEED_UNKNOWN else speed,
            duplex=_DUPLEX.get(duplex),
            port=_PORTS.get(port),
            autonegotiation=bool(autonegotiation),
            supported=supported,
            advertised=advertised,
            partner=partner,
        )

    def _link_settings(self, device: str) -> bytes | None:
        # Asked with another number of words than the kernel's, it tells only
        # that, as a negative number.
        for _ in range(2):
            found = self._ask(
                device,
                _GLINKSETTINGS,
                _SETTINGS.pack(0, 0, 0, 0, self._words)[4:]
                + bytes(3 * 4 * self._words),
            )
            if found is None:
                return None
            words = _SETTINGS.unpack_from(found)[-1]
            if words >= 0:
                return found
            self._words = -words
        return None

    def _modes(self, device: str, found: bytes) -> list[tuple[str, ...]]:
        names = self._strings(device, _SS_LINK_MODES)
        size = 4 * self._words
        masks = found[_SETTINGS.size :]
        return [
            _named(masks[first : first + size], names)
            for first in range(0, 3 * size, size)
        ]

    def _driver(self, device: str) -> interface.Driver | None:
        found = self._ask(device, _GDRVINFO, bytes(_DRIVER.size - 4))
        if found is None:
            return None
        name, *others = map(_text, _DRIVER.unpack_from(found))
        version, firmware, bus = (
            None if one in {"", "N/A"} else one for one in others
        )
        return interface.Driver(
            name=name, version=version, firmware=firmware, bus=bus
        )

    def _error_correction(
        self, device: str
    ) -> interface.ErrorCorrection | None:
        found = self._ask(device, _GFECPARAM, bytes(12))
        if found is None:
            return None
        return interface.ErrorCorrection(
            active=_named(found[4:8], _FEC),
            configured=_named(found[8:12], _FEC),
        )

    def _pause(self, device: str) -> interface.Pause | None:
        found = self._ask(device, _GPAUSEPARAM, bytes(12))
        if found is None:
            return None
        autonegotiation, receive, send = struct.unpack_from("=4x3I", found)
        return interface.Pause(
            autonegotiation=bool(autonegotiation),
            receive=bool(receive),
            send=bool(send),
        )

    def _sizes(
        self, device: str, command: int, names: tuple[str, ...]
    ) -> tuple[interface.Size, ...]:
        found = self._ask(device, command, bytes(_SIZES.size - 4))
        if found is None:
            return ()
        sizes = _SIZES.unpack_from(found)
        return tuple(
            interface.Size(name=name, current=current, maximum=maximum)
            for name, maximum, current in zip(
                names, sizes[:4], sizes[4:], strict=True
            )
            if maximum
        )

    def _coalescing(self, device: str) -> dict[str, int]:
        found = self._ask(device, _GCOALESCE, bytes(_COALESCING.size - 4))
        if found is None:
            return {}
        values = _COALESCING.unpack_from(found)
        return {name: values[place] for place, name in _COALESCED}

    def _features(self, device: str) -> tuple[interface.Feature, ...]:
        names = self._strings(device, _SS_FEATURES)
        blocks = -(-len(names) // 32)
        found = self._ask(
            device,
            _GFEATURES,
            struct.pack("=I", blocks) + bytes(blocks * _FEATURES.size),
        )
        if found is None:
            return ()
        words = _FEATURES.iter_unpack(found[8:])
        features = []
        for first, block in enumerate(words):
            available, _, active, never_changed = block
            changeable = available & ~never_changed
            for bit, name in enumerate(names[first * 32 : first * 32 + 32]):
                if name:
                    features.append(
                        interface.Feature(
                            name=_FEATURE_NAMES.get(name, name),
                            active=bool(active >> bit & 1),
                            fixed=not changeable >> bit & 1,
                        )
                    )
        return tuple(features)

    def _statistics(self, device: str) -> dict[str, int]:
        names = self._strings(device, _SS_STATS)
        if not names:
            return {}
        found = self._ask(
            device,
            _GSTATS,
            struct.pack("=I", len(names))
            + bytes((len(names) + _SPARE) * _STATISTIC.size),
        )
        if found is None:
            return {}
        values = (value for (value,) in _STATISTIC.iter_unpack(found[8:]))
        counted = (
            (name, value)
            for name, value in zip(names, values, strict=False)
            if value
        )
        return dict(itertools.islice(counted, MAX_STATISTICS))

    def _strings(self, device: str, kind: int) -> list[str]:
        """Return a set of strings; an empty one where there is none."""
        mask = struct.pack("=4xQ4x", 1 << kind)
        told = self._ask(device, _GSSET_INFO, mask)
        # The mask that comes back says whether the number is there.
        if told is None or not any(told[8:16]):
            return []
        count = rtnetlink.number(told[16:20])
        if not 0 < count <= _MAX_STRINGS:
            return []
        found = self._ask(
            device,
            _GSTRINGS,
            struct.pack("=II", kind, count)
            + bytes((count + _SPARE) * _STRING),
        )
        if found is None:
            return []
        count = min(count, rtnetlink.number(found[8:12]))
        return [
            _text(found[first : first + _STRING])
            for first in range(12, 12 + count * _STRING, _STRING)
        ]

    def _ask(self, device: str, command: int, body: bytes) -> bytes | None:
        """Return what comes back for a request; None when it is refused.

        :param body: what follows the command, as long as what comes back
        """
        buffer = ctypes.create_string_buffer(
            struct.pack("=I", command) + body, 4 + len(body)
        )
        request = _IFREQ.pack(device.encode(), ctypes.addressof(buffer))
        try:
            fcntl.ioctl(self._socket, _SIOCETHTOOL, request)
        except OSError:
            return None
        return buffer.raw


def _named(mask: bytes, names: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """Return the names of the bits that are set in a mask of 32-bit words."""
    words = [word for (word,) in struct.iter_unpack("=I", mask)]
    return tuple(
        name
        for bit, name in enumerate(names[: 32 * len(words)])
        if words[bit // 32] >> bit % 32 & 1
    )


def _text(value: bytes) -> str:
    return value.partition(b"\0")[0].decode(errors="replace").strip()
