# SPDX-License-Identifier: Apache-2.0
"""Runs classic BPF programs as the kernel does, see bpf(4)."""

from collections.abc import Mapping
import struct

_INSTRUCTION = struct.Struct("=HBBI")
_ANCILLARY = 0xFFFFF000


def run(
    program: bytes,
    packet: bytes,
    hardware_type: int = 1,
    packet_type: int = 0,
) -> int:
    """Return how much of a packet a program passes, 0 for nothing.

    :param hardware_type: of the device, which a program may ask for
    :param packet_type: whether it is a broadcast, or outgoing, ditto
    """
    ancillary = {28: hardware_type, 4: packet_type}
    steps = list(_INSTRUCTION.iter_unpack(program))
    accumulator = index = at = 0
    while True:
        code, hit, miss, value = steps[at]
        at += 1
        try:
            if code in _LOADS:
                size, indirect = _LOADS[code]
                accumulator = _load(
                    packet, value + index * indirect, size, ancillary
                )
                continue
            if code == 0xB1:
                index = 4 * (_load(packet, value, 1, {}) & 0xF)
                continue
        except IndexError:
            return 0
        match code:
            case 0x54:
                accumulator &= value
            case 0x0C:
                accumulator = (accumulator + index) & 0xFFFFFFFF
            case 0x64:
                accumulator = accumulator << value & 0xFFFFFFFF
            case 0x07:
                index = accumulator
            case 0x15:
                at += hit if accumulator == value else miss
            case 0x45:
                at += hit if accumulator & value else miss
            case 0x06:
                return int(value)
            case _:
                raise AssertionError(f"unknown instruction {code:#x}")


_LOADS = {
    0x20: (4, 0),
    0x28: (2, 0),
    0x30: (1, 0),
    0x40: (4, 1),
    0x48: (2, 1),
    0x50: (1, 1),
}


def _load(
    packet: bytes, offset: int, size: int, ancillary: Mapping[int, int]
) -> int:
    if offset >= _ANCILLARY:
        return ancillary[offset - _ANCILLARY]
    if offset + size > len(packet):
        raise IndexError
    return int.from_bytes(packet[offset : offset + size], "big")
