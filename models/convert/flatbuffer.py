"""Reads FlatBuffers (https://flatbuffers.dev/internals), the format of TensorFlow Lite's files, and FlexBuffers, that
of the options of its custom operators."""

import struct


def _read(format, data, position):
    return struct.unpack_from("<" + format, data, position)[0]


class Table:
    """A table; its fields are known by their numbers in the schema."""

    def __init__(self, data, position):
        self._data = data
        self._position = position
        self._offsets = position - _read("i", data, position)
        self._fields = (_read("H", data, self._offsets) - 4) // 2

    @classmethod
    def root(cls, data):
        return cls(data, _read("I", data, 0))

    def _find(self, field):
        """The position of the field, or None if it is absent."""
        offset = _read("H", self._data, self._offsets + 4 + 2 * field) if field < self._fields else 0
        return self._position + offset if offset else None

    def _follow(self, field):
        """The position to which the field refers, or None if it is absent."""
        position = self._find(field)
        return None if position is None else position + _read("I", self._data, position)

    def scalar(self, field, format, default=0):
        position = self._find(field)
        return default if position is None else _read(format, self._data, position)

    def vector(self, field, format):
        """The numbers of a vector, as a tuple; format is a character of the module struct."""
        position = self._follow(field)
        if position is None:
            return ()
        return struct.unpack_from(f"<{_read('I', self._data, position)}{format}", self._data, position + 4)

    def bytes(self, field):
        position = self._follow(field)
        if position is None:
            return b""
        return self._data[position + 4 : position + 4 + _read("I", self._data, position)]

    def string(self, field):
        return self.bytes(field).decode()

    def table(self, field):
        position = self._follow(field)
        return None if position is None else Table(self._data, position)

    def tables(self, field):
        start = self._follow(field)
        if start is None:
            return []
        positions = range(start + 4, start + 4 + 4 * _read("I", self._data, start), 4)
        return [Table(self._data, position + _read("I", self._data, position)) for position in positions]


_INT, _UINT, _FLOAT, _VECTOR_INT, _VECTOR_UINT = 1, 2, 3, 11, 12
_FORMATS = {_INT: "bhiq", _UINT: "BHIQ", _FLOAT: " efd", _VECTOR_INT: "bhiq", _VECTOR_UINT: "BHIQ"}


def flexible_map(data):
    """{key: number or tuple of integers} of a FlexBuffer whose root is a map."""

    def integer(position, width):
        return _read(_FORMATS[_UINT][width.bit_length() - 1], data, position)

    def value(position, width, packed):
        kind, log_of_width = packed >> 2, packed & 3
        if kind in (_VECTOR_INT, _VECTOR_UINT):
            position -= integer(position, width)
            count = integer(position - (1 << log_of_width), 1 << log_of_width)
            return struct.unpack_from(f"<{count}{_FORMATS[kind][log_of_width]}", data, position)
        if kind not in _FORMATS:
            raise ValueError(f"FlexBuffer type {kind} is not supported")
        return _read(_FORMATS[kind][width.bit_length() - 1], data, position)

    def key(position):
        return data[position : data.index(b"\0", position)].decode()

    root_width, packed = data[-1], data[-2]
    root = len(data) - 2 - root_width
    root -= integer(root, root_width)
    width = 1 << (packed & 3)  # of the map's elements; their types follow them
    count = integer(root - width, width)
    keys = root - 3 * width
    keys -= integer(keys, width)
    key_width = integer(root - 2 * width, width)
    result = {}
    for i in range(count):
        at = keys + i * key_width
        result[key(at - integer(at, key_width))] = value(root + i * width, width, data[root + count * width + i])
    return result
