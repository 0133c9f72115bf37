"""Reads and writes the wire format of Protocol Buffers (https://protobuf.dev/programming-guides/encoding)."""

import struct

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5  # wire types


def varint(value):
    """The encoding of a whole number of at most 64 bits; negative ones are written as two's complement."""
    value &= (1 << 64) - 1
    result = bytearray()
    while value > 0x7F:
        result.append(value & 0x7F | 0x80)
        value >>= 7
    result.append(value)
    return bytes(result)


def number(field, value):
    return varint(field << 3 | VARINT) + varint(value)


def float32(field, value):
    return varint(field << 3 | FIXED32) + struct.pack("<f", value)


def content(field, value):
    """A string, bytes, or an encoded message."""
    data = value.encode() if isinstance(value, str) else value
    return varint(field << 3 | LENGTH) + varint(len(data)) + data


def fields(data):
    """Yields (field, value) of a message: an int for a varint, otherwise the bytes."""
    position = 0

    def read_varint():
        nonlocal position
        value = shift = 0
        while True:
            byte = data[position]
            position += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while position < len(data):
        key = read_varint()
        wire = key & 7
        if wire == VARINT:
            yield key >> 3, read_varint()
            continue
        if wire not in (LENGTH, FIXED32, FIXED64):
            raise ValueError(f"wire type {wire} is not supported")
        size = read_varint() if wire == LENGTH else 4 if wire == FIXED32 else 8
        yield key >> 3, data[position : position + size]
        position += size
