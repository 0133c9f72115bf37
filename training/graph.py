"""An ONNX graph as lists that can be changed, and a way to run it with torch.

Knows the operators that export.py and quantise.py write and no others: Debian has no ONNX Runtime for
Python. What a quantised graph answers here differs from what it answers in the server by a step of
rounding now and then.
"""

import onnx
import torch
from onnx import helper, numpy_helper
from torch.nn import functional as F


def attributes(node):
    """The attributes of a node as a dict."""
    return {a.name: helper.get_attribute_value(a) for a in node.attribute}


def _conv(node, x, weight, bias):
    how = attributes(node)
    return F.conv2d(x, weight, bias, how["strides"], how["pads"][:2])


def _mean(node, x):
    how = attributes(node)
    return x.mean(dim=how["axes"], keepdim=bool(how["keepdims"]))


def _quantise(_node, x, scale, zero):
    limits = torch.iinfo(zero.dtype)
    return (torch.round(x / scale) + zero).clamp(limits.min, limits.max).to(zero.dtype)


def _dequantise(node, x, scale, zero):
    if scale.dim() == 1:
        shape = [1] * x.dim()
        shape[attributes(node)["axis"]] = -1
        scale, zero = scale.view(shape), zero.view(shape)
    return (x.float() - zero.float()) * scale


OPERATORS = {
    "Add": lambda _, a, b: a + b,
    "Conv": _conv,
    "DequantizeLinear": _dequantise,
    "Div": lambda _, a, b: a / b,
    "Gemm": lambda _, x, weight, bias: F.linear(x, weight, bias),
    "GlobalAveragePool": lambda _, x: x.mean(dim=(2, 3), keepdim=True),
    "Mul": lambda _, a, b: a * b,
    "QuantizeLinear": _quantise,
    "ReduceMean": _mean,
    "Relu": lambda _, x: F.relu(x),
    "Sigmoid": lambda _, x: torch.sigmoid(x),
    "Sqrt": lambda _, x: torch.sqrt(x),
    "Sub": lambda _, a, b: a - b,
    "Unsqueeze": lambda _, x, axes: x.unsqueeze(int(axes)),
}


class Graph:
    """The nodes of a model in order, and its constants by name (numpy arrays)."""

    def __init__(self, model):
        self.model = onnx.ModelProto()
        self.model.CopyFrom(model)
        model = self.model
        self.input = model.graph.input[0].name
        self.output = model.graph.output[0].name
        self.constants = {i.name: numpy_helper.to_array(i) for i in model.graph.initializer}
        self.nodes = []
        for node in model.graph.node:
            if node.op_type == "Constant":
                self.constants[node.output[0]] = numpy_helper.to_array(attributes(node)["value"])
            elif node.op_type == "Identity":  # torch keeps equal constants once
                self.constants[node.output[0]] = self.constants[node.input[0]]
            else:
                self.nodes.append(node)

    def users(self):
        """The nodes that read each tensor, by its name."""
        found = {}
        for node in self.nodes:
            for name in node.input:
                found.setdefault(name, []).append(node)
        return found

    def to_model(self):
        """A checked model of the graph as it is now; constants that nothing reads are left out."""
        model = onnx.ModelProto()
        model.CopyFrom(self.model)
        used = {name for node in self.nodes for name in node.input}
        for field in (model.graph.node, model.graph.initializer, model.graph.value_info):
            del field[:]
        model.graph.node.extend(self.nodes)
        model.graph.initializer.extend(
            numpy_helper.from_array(value, name)
            for name, value in self.constants.items() if name in used)
        onnx.checker.check_model(model, full_check=True)
        return model

    @torch.no_grad()
    def run(self, pixels, see=None):
        """float32 [N, 1, H, W] -> the graph's output; `see(name, tensor)` is shown every tensor."""
        left = {name: len(nodes) for name, nodes in self.users().items()}
        values = {name: torch.from_numpy(value.copy()) for name, value in self.constants.items()}
        values[self.input] = pixels
        for node in self.nodes:
            result = OPERATORS[node.op_type](node, *(values[name] for name in node.input))
            if see:
                see(node.output[0], result)
            values[node.output[0]] = result
            for name in node.input:  # let go of what nobody reads any more
                left[name] -= 1
                if left[name] == 0:
                    del values[name]
        return values[self.output]


class Served(torch.nn.Module):
    """An exported model as a torch module, as it was before its temperature: what score.py takes."""

    def __init__(self, model):
        super().__init__()
        self.graph = Graph(model)
        noted = {entry.key: entry.value for entry in model.metadata_props}
        self.temperature = float(noted.get("temperature", 1))
        self.weights = noted.get("weights")  # score.fingerprint of what it was exported from

    def forward(self, pixels):
        return self.graph.run(pixels) * self.temperature


def answers(model, images, batch=128):
    """images uint8 [N, 48, 48] -> logits float32 [N, C] of an ONNX model."""
    graph = Graph(model)
    return torch.cat([
        graph.run(torch.from_numpy(images[start : start + batch]).float().unsqueeze(1))
        for start in range(0, len(images), batch)])
