# SPDX-License-Identifier: Apache-2.0
"""Tests of asking drivers, with one that answers from a table."""

import ctypes
import errno
import fcntl
import socket
import struct
from typing import Any
import unittest
from unittest import mock

from steth.agent.inspect import ethtool
from steth.model import interface

_WORDS = 4


def _strings(*names: str) -> bytes:
    return b"".join(name.encode().ljust(32, b"\0") for name in names)


class Driver:
    """A driver's side of SIOCETHTOOL.

    ``told`` is what comes after the command, by command; ``sets`` are the
    sets of strings; ``grown`` when they are others than were asked for. What
    is in neither is not supported.
    """

    def __init__(self) -> None:
        self.told: dict[int, bytes] = {}
        self.sets: dict[int, tuple[str, ...]] = {}
        self.masks = (0, 0, 0)
        self.settings: bytes | None = None
        self.grown = False
        self.asked: list[int] = []

    def ioctl(self, _socket: object, request: int, ifreq: bytes) -> int:
        """Answer as the kernel does."""
        assert request == 0x8946
        name, pointer = struct.unpack("16sP16x", ifreq)
        assert name.rstrip(b"\0") == b"eth0"
        (command,) = struct.unpack("=I", ctypes.string_at(pointer, 4))
        self.asked.append(command)
        answer = self._answer(command, pointer)
        if answer is None:
            raise OSError(errno.EOPNOTSUPP, "Operation not supported")
        ctypes.memmove(pointer + 4, answer, len(answer))
        return 0

    def _answer(self, command: int, pointer: int) -> bytes | None:
        if command == 0x37:
            (mask,) = struct.unpack("=Q", ctypes.string_at(pointer + 8, 8))
            kind = mask.bit_length() - 1
            if kind not in self.sets:
                return bytes(12)
            return struct.pack("=4xQI", mask, len(self.sets[kind]))
        if command == 0x1B:
            kind, _ = struct.unpack("=II", ctypes.string_at(pointer + 4, 8))
            if self.grown:
                return struct.pack("=II", kind, 0)
            names = self.sets[kind]
            return struct.pack("=II", kind, len(names)) + _strings(*names)
        if command == 0x4C and self.settings:
            (words,) = struct.unpack("=b", ctypes.string_at(pointer + 15, 1))
            if words != _WORDS:
                return bytes(11) + struct.pack("=b", -_WORDS) + bytes(32)
            masks = struct.pack(
                "=12I",
                *(
                    mask >> 32 * word & 0xFFFFFFFF
                    for mask in self.masks
                    for word in range(_WORDS)
                ),
            )
            return self.settings + masks
        return self.told.get(command)


def _settings(
    speed: int, duplex: int = 1, port: int = 3, autonegotiation: int = 1
) -> bytes:
    return struct.pack(
        "=IBBBB3xb32x", speed, duplex, port, 0, autonegotiation, _WORDS
    )


class EthtoolTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.driver = Driver()
        self.patch(fcntl, "ioctl", self.driver.ioctl)
        self.kernel = mock.create_autospec(socket.socket, instance=True)
        self.patch(socket, "socket", mock.Mock(return_value=self.kernel))

    def patch(self, module: Any, name: str, new: Any) -> None:
        patched = mock.patch.object(module, name, new)
        patched.start()
        self.addCleanup(patched.stop)

    def all(self) -> interface.Ethtool:
        with ethtool.Socket() as sock:
            return sock.all("eth0")

    def test_nothing_is_supported(self) -> None:
        self.assertEqual(interface.Ethtool(), self.all())
        self.kernel.close.assert_called_once_with()

    def test_driver(self) -> None:
        texts = ("mlx5_core", "6.1.0", "16.35.2000 (MT_0000000012)", "N/A")
        self.driver.told[0x03] = _strings(*texts) + bytes(64)
        self.assertEqual(
            interface.Driver(
                name="mlx5_core",
                version="6.1.0",
                firmware="16.35.2000 (MT_0000000012)",
                bus=None,
            ),
            self.all().driver,
        )

    def test_settings(self) -> None:
        self.driver.settings = _settings(25000)
        self.driver.sets[9] = ("10baseT/Half", *("",) * 30, "x", "25G", "last")
        self.driver.masks = (1 << 32 | 1 << 33, 1 << 33, 1 << 90)
        self.assertEqual(
            interface.LinkSettings(
                speed=25000,
                duplex="full",
                port="FIBRE",
                autonegotiation=True,
                supported=("25G", "last"),
                advertised=("last",),
                partner=(),
            ),
            self.all().settings,
        )

    def test_modes_that_the_kernel_does_not_name(self) -> None:
        self.driver.settings = _settings(10, duplex=0)
        self.driver.masks = (1, 1, 0)
        found = self.all().settings
        assert found is not None
        self.assertEqual(
            (10, "half", (), ()),
            (found.speed, found.duplex, found.supported, found.advertised),
        )

    def test_unknown_settings(self) -> None:
        for speed in (0, 0xFFFFFFFF, 0xFFFF):
            self.driver.settings = _settings(speed, 255, 0xEF, 0)
            self.assertEqual(
                interface.LinkSettings(autonegotiation=False),
                self.all().settings,
            )

    def test_settings_of_many_devices(self) -> None:
        """The size of the masks is asked for once, their names never."""
        self.driver.settings = _settings(10000)
        with ethtool.Socket() as sock:
            for _ in range(3):
                found = sock.settings("eth0")
                assert found is not None
                self.assertEqual(10000, found.speed)
        self.assertEqual([0x4C] * 4, self.driver.asked)

    def test_error_correction_and_pause(self) -> None:
        self.driver.told[0x50] = struct.pack("=3I", 1 << 3, 1 << 1, 0)
        self.driver.told[0x12] = struct.pack("=3I", 0, 1, 0)
        told = self.all()
        self.assertEqual(
            interface.ErrorCorrection(active=("rs",), configured=("auto",)),
            told.error_correction,
        )
        self.assertEqual(
            interface.Pause(autonegotiation=False, receive=True, send=False),
            told.pause,
        )

    def test_rings_and_channels(self) -> None:
        sizes = struct.pack("=8I", 8192, 0, 0, 4096, 1024, 0, 0, 512)
        self.driver.told[0x10] = sizes
        self.driver.told[0x3C] = struct.pack("=8I", *([0] * 3), 63, *[0] * 4)
        told = self.all()
        self.assertEqual(
            (
                interface.Size(name="rx", current=1024, maximum=8192),
                interface.Size(name="tx", current=512, maximum=4096),
            ),
            told.rings,
        )
        self.assertEqual(
            (interface.Size(name="combined", current=0, maximum=63),),
            told.channels,
        )

    def test_coalescing(self) -> None:
        self.driver.told[0x0E] = struct.pack("=22I", *range(1, 23))
        self.assertEqual(
            {
                "rx-usecs": 1,
                "rx-frames": 2,
                "tx-usecs": 5,
                "tx-frames": 6,
                "adaptive-rx": 10,
                "adaptive-tx": 11,
            },
            self.all().coalescing,
        )

    def test_features(self) -> None:
        self.driver.sets[4] = (
            *("tx-scatter-gather", "rx-gro", "rx-lro", "", "highdma"),
            *("",) * 27,
            "hw-tc-offload",
        )
        self.driver.told[0x3A] = struct.pack(
            "=I8I", 2, 0b10011, 0, 0b10001, 0b10000, 1, 0, 1, 0
        )
        self.assertEqual(
            [
                ("tx-scatter-gather", True, False),
                ("generic-receive-offload", False, False),
                ("large-receive-offload", False, True),
                ("highdma", True, True),
                ("hw-tc-offload", True, False),
            ],
            [(one.name, one.active, one.fixed) for one in self.all().features],
        )

    def test_statistics(self) -> None:
        self.driver.sets[1] = ("rx_drops", "rx_kicks", "     tx_timeouts")
        self.driver.told[0x1D] = struct.pack("=I3Q", 3, 0, 7, 1 << 40)
        self.assertEqual(
            {"rx_kicks": 7, "tx_timeouts": 1 << 40}, self.all().statistics
        )

    def test_statistics_that_became_more(self) -> None:
        """What a kernel writes beyond what it was asked for has room."""
        self.driver.sets[1] = ("one",)
        more = 1000
        self.driver.told[0x1D] = struct.pack(f"=I{more}Q", more, *[7] * more)
        self.assertEqual({"one": 7}, self.all().statistics)

    def test_names_that_became_more(self) -> None:
        """Newer kernels write none of them then."""
        self.driver.sets[1] = ("one", "two")
        self.driver.told[0x1D] = struct.pack("=I2Q", 2, 7, 8)
        self.driver.grown = True
        self.assertEqual({}, self.all().statistics)

    def test_too_many_statistics(self) -> None:
        names = tuple(f"s{one}" for one in range(ethtool.MAX_STATISTICS + 1))
        self.driver.sets[1] = names
        self.driver.told[0x1D] = struct.pack(
            f"=I{len(names)}Q", len(names), *[1] * len(names)
        )
        self.assertEqual(ethtool.MAX_STATISTICS, len(self.all().statistics))
        with mock.patch.object(ethtool, "_MAX_STRINGS", 10):
            self.assertEqual({}, self.all().statistics)
