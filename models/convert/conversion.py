"""Converts a network from TensorFlow Lite to ONNX."""

from dataclasses import dataclass

import operators
import regions
from constant import integers
from onnx_writer import Graph


@dataclass(frozen=True)
class Output:
    tensor: str  # its name in TensorFlow Lite
    name: str  # and in ONNX, where it has the shape [N, *shape]
    shape: tuple


class Conversion:
    """What the converters of operators use: the network, the graph under construction, and the tensors' names in it."""

    def __init__(self, network, graph):
        self._network = network
        self._names = {}
        self.graph = graph

    def shape(self, tensor):
        return self._network.tensors[tensor].shape

    def constant(self, tensor):
        constant = self._network.tensors[tensor].constant
        if constant is None:
            raise ValueError(f"tensor {self._network.tensors[tensor].name} is not constant")
        return constant

    def name(self, tensor):
        if tensor not in self._names:
            self._names[tensor] = self.graph.constant(self.constant(tensor))
        return self._names[tensor]

    def set_name(self, tensor, name):
        self._names[tensor] = name


def _converter(network, operator):
    if operator.kind == "MUL" and network.tensors[operator.outputs[0]].shape == regions.TRANSFORM:
        return regions.scale_transform
    converters = operators.CONVERTERS | regions.CONVERTERS
    if operator.kind not in converters:
        raise ValueError(f"the operator {operator.kind} is not supported")
    return converters[operator.kind]


def convert(network, outputs, name, description):
    """The content of an ONNX file with the part of the network that computes these outputs.

    Its input is `image`, float32 [N, channels, height, width]."""
    graph = Graph(name)
    conversion = Conversion(network, graph)
    (image,) = network.inputs
    _, height, width, channels = conversion.shape(image)
    graph.input("image", ("N", channels, height, width))
    conversion.set_name(image, "image")
    tensors = [network.find(output.tensor) for output in outputs]
    for operator in network.operators_for(tensors):
        (result,) = operator.outputs
        conversion.set_name(result, _converter(network, operator)(conversion, operator))
    for output, tensor in zip(outputs, tensors):
        shape = graph.constant(integers(0, *output.shape))
        graph.add("Reshape", conversion.name(tensor), shape, output=output.name)
        graph.output(output.name, ("N", *output.shape))
    return graph.model(description)
