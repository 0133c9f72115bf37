"""Writes ONNX files. The numbers of fields are those of onnx/onnx.proto."""

from constant import FLOAT32
from protobuf import content, float32, number

_FLOAT, _INT64 = 1, 7  # TensorProto.DataType
_IR_VERSION, _OPSET = 8, 16  # the first opset with GridSample


def _attribute(name, value):
    if isinstance(value, float):
        encoded = float32(2, value) + number(20, 1)
    elif isinstance(value, int):
        encoded = number(3, value) + number(20, 2)
    elif isinstance(value, str):
        encoded = content(4, value) + number(20, 3)
    else:
        encoded = b"".join(number(8, item) for item in value) + number(20, 7)
    return content(1, name) + encoded


def _tensor(name, constant):
    kind = _FLOAT if constant.values.typecode == FLOAT32 else _INT64
    dimensions = b"".join(number(1, size) for size in constant.shape)
    return dimensions + number(2, kind) + content(8, name) + content(9, constant.values.tobytes())


def _tensor_info(name, shape):
    """A float32 tensor; a dimension that is a string is free."""
    dimensions = b"".join(
        content(1, content(2, size) if isinstance(size, str) else number(1, size)) for size in shape)
    return content(1, name) + content(2, content(1, number(1, _FLOAT) + content(2, dimensions)))


class Graph:
    """A graph under construction. Tensors are named by strings; add() and constant() choose the names."""

    def __init__(self, name):
        self._name = name
        self._parts = []
        self._count = 0

    def _new_name(self, prefix):
        self._count += 1
        return f"{prefix.lower()}_{self._count}"

    def add(self, kind, *inputs, output=None, **attributes):
        """Adds a node and returns the name of its output."""
        output = output or self._new_name(kind)
        node = b"".join(content(1, name) for name in inputs) + content(2, output) + content(3, output)
        node += content(4, kind) + b"".join(content(5, _attribute(*item)) for item in attributes.items())
        self._parts.append(content(1, node))
        return output

    def constant(self, value):
        name = self._new_name("constant")
        self._parts.append(content(5, _tensor(name, value)))
        return name

    def input(self, name, shape):
        self._parts.append(content(11, _tensor_info(name, shape)))

    def output(self, name, shape):
        self._parts.append(content(12, _tensor_info(name, shape)))

    def model(self, description):
        """The content of the file."""
        graph = b"".join(self._parts) + content(2, self._name)
        return (number(1, _IR_VERSION) + content(2, "emostream") + content(6, description) + content(7, graph) +
                content(8, content(1, "") + number(2, _OPSET)))
