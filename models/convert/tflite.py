"""Reads a network from a TensorFlow Lite file."""

import struct
from array import array
from dataclasses import dataclass

from constant import FLOAT32, INT64, Constant
from flatbuffer import Table

# The numbers are those of tensorflow/lite/schema/schema.fbs.
_KINDS = {
    0: "ADD", 2: "CONCATENATION", 3: "CONV_2D", 4: "DEPTHWISE_CONV_2D", 6: "DEQUANTIZE", 17: "MAX_POOL_2D", 18: "MUL",
    19: "RELU", 22: "RESHAPE", 32: "CUSTOM", 34: "PAD", 54: "PRELU",
}
# float32, float16 and int32: how an element is stored, and what it becomes
_ELEMENTS = {0: ("<f", FLOAT32), 1: ("<e", FLOAT32), 2: ("<i", INT64)}


@dataclass(frozen=True)
class Tensor:
    name: str
    shape: tuple
    constant: Constant | None


@dataclass(frozen=True)
class Operator:
    kind: str  # the name in the schema, or that of a custom operator
    inputs: tuple  # numbers of tensors
    outputs: tuple
    options: Table | None
    custom_options: bytes


class Network:
    """The first subgraph of a file. Weights stored as float16 are float32 here, without their DEQUANTIZE operators."""

    def __init__(self, data):
        if data[4:8] != b"TFL3":
            raise ValueError("not a TensorFlow Lite file")
        model = Table.root(data)
        graph = model.tables(2)[0]
        buffers = model.tables(4)
        self.tensors = [_tensor(table, buffers) for table in graph.tables(0)]
        self.inputs, self.outputs = graph.vector(1, "i"), graph.vector(2, "i")
        codes = [_kind(code) for code in model.tables(1)]
        self.operators = []
        for table in graph.tables(3):
            operator = Operator(codes[table.scalar(0, "I")], table.vector(1, "i"), table.vector(2, "i"),
                                table.table(4), table.bytes(5))
            if operator.kind == "DEQUANTIZE":
                self._dequantise(operator)
            else:
                self.operators.append(operator)

    def _dequantise(self, operator):
        (source,), (target,) = operator.inputs, operator.outputs
        old = self.tensors[target]
        self.tensors[target] = Tensor(old.name, old.shape, self.tensors[source].constant)

    def find(self, name):
        """The number of the tensor with this name."""
        found = [i for i, tensor in enumerate(self.tensors) if tensor.name == name]
        if len(found) != 1:
            raise ValueError(f"{len(found)} tensors have the name {name}")
        return found[0]

    def operators_for(self, outputs):
        """The operators, in their order, on which these tensors depend."""
        needed, result = set(outputs), []
        for operator in reversed(self.operators):
            if needed.intersection(operator.outputs):
                needed.update(operator.inputs)
                result.append(operator)
        return result[::-1]


def _kind(code):
    # The byte holds codes up to 127, the later field all of them.
    number = max(code.scalar(0, "b"), code.scalar(3, "i"))
    kind = _KINDS.get(number, f"number {number}")
    return code.string(1) if kind == "CUSTOM" else kind


def _tensor(table, buffers):
    name, shape = table.string(3), table.vector(0, "i")
    data = buffers[table.scalar(2, "I")].bytes(0)
    if not data:
        return Tensor(name, shape, None)
    kind = table.scalar(1, "b")
    if kind not in _ELEMENTS:
        raise ValueError(f"tensor {name} has type {kind}, which is not supported")
    stored, typecode = _ELEMENTS[kind]
    values = array(typecode, (value for (value,) in struct.iter_unpack(stored, data)))
    return Tensor(name, shape, Constant(shape, values))
