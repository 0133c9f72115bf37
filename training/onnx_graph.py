"""Edits ONNX graphs and runs them with PyTorch, because Debian has no ONNX Runtime for Python.

Supports only the operators that export.py and quantise.py write. Results of a quantised graph differ from the
server's by single rounding steps.
"""

import onnx
import torch
from onnx import helper, numpy_helper
from torch.nn import functional as F


def attributes(node):
    """The node's attributes as a dict."""
    return {a.name: helper.get_attribute_value(a) for a in node.attribute}


def _conv(node, x, weight, bias):
    options = attributes(node)
    return F.conv2d(x, weight, bias, options["strides"], options["pads"][:2])


def _mean(node, x):
    options = attributes(node)
    return x.mean(dim=options["axes"], keepdim=bool(options["keepdims"]))


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
    "Flatten": lambda node, x: x.flatten(attributes(node)["axis"]),
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
    """An editable graph: the model's nodes in order, and its constants by name (numpy arrays)."""

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
            elif node.op_type == "Identity":  # torch exports equal constants only once
                self.constants[node.output[0]] = self.constants[node.input[0]]
            else:
                self.nodes.append(node)

    def consumers(self):
        """The nodes that read each tensor, by the tensor's name."""
        result = {}
        for node in self.nodes:
            for name in node.input:
                result.setdefault(name, []).append(node)
        return result

    def to_model(self):
        """The graph as a checked model, without unused constants."""
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
    def run(self, pixels, observe=None):
        """float32 [N, 1, H, W] -> the graph's output; calls `observe(name, tensor)` for every computed tensor."""
        remaining = {name: len(nodes) for name, nodes in self.consumers().items()}
        values = {name: torch.from_numpy(value.copy()) for name, value in self.constants.items()}
        values[self.input] = pixels
        for node in self.nodes:
            result = OPERATORS[node.op_type](node, *(values[name] for name in node.input))
            if observe:
                observe(node.output[0], result)
            values[node.output[0]] = result
            for name in node.input:  # free tensors after their last use
                remaining[name] -= 1
                if remaining[name] == 0:
                    del values[name]
        return values[self.output]


class OnnxModule(torch.nn.Module):
    """An exported model as a torch module; its logits are those before temperature scaling."""

    def __init__(self, model):
        super().__init__()
        self.graph = Graph(model)
        metadata = {entry.key: entry.value for entry in model.metadata_props}
        self.temperature = float(metadata.get("temperature", 1))
        self.prior_weight = float(metadata.get("prior_weight", 0))
        self.weights = metadata.get("weights")  # predict.fingerprint of the exported network

    def forward(self, pixels):
        return self.graph.run(pixels) * self.temperature


def run_model(model, images, batch=128):
    """images uint8 [N, 48, 48] -> logits float32 [N, C] of an ONNX model."""
    graph = Graph(model)
    return torch.cat([
        graph.run(torch.from_numpy(images[start : start + batch]).float().unsqueeze(1))
        for start in range(0, len(images), batch)])
