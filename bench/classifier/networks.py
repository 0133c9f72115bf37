"""Makes the networks with which the shipped classifier is compared, as ONNX models."""

import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Builder:
    """Builds a graph node by node, with random weights; each method returns the name of its output."""

    def __init__(self):
        self.nodes, self.weights, self.random = [], [], np.random.default_rng(1)

    def constant(self, values):
        name = f"constant_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(values.astype(np.float32), name))
        return name

    def node(self, kind, *inputs, **attributes):
        name = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name, **attributes))
        return name

    def conv(self, x, inputs, outputs, kernel=3, stride=1):
        """A convolution with a bias, which stands for a folded batch norm."""
        spread = (2 / (inputs * kernel * kernel)) ** 0.5
        weight = self.constant(self.random.normal(0, spread, (outputs, inputs, kernel, kernel)))
        bias = self.constant(self.random.normal(0, 0.1, outputs))
        return self.node("Conv", x, weight, bias, kernel_shape=[kernel] * 2, strides=[stride] * 2,
                         pads=[kernel // 2] * 4)

    def block(self, x, inputs, outputs, stride):
        y = self.node("Relu", self.conv(x, inputs, outputs, 3, stride))
        y = self.conv(y, outputs, outputs)
        if inputs != outputs or stride != 1:
            x = self.conv(x, inputs, outputs, 1, stride)
        return self.node("Relu", self.node("Add", y, x))


def reference(widths=(32, 64, 128, 256), depth=2, side=48, classes=8):
    """ResNet-18 of half the width for small images (first convolution 3×3 without stride): 2.8 M parameters, 312 M
    multiply-adds per face, random weights, batch norms folded. image [N, 1, 48, 48] -> logits [N, 8]."""
    net, before = Builder(), widths[0]
    x = net.node("Relu", net.conv("image", 1, before))
    for level, width in enumerate(widths):
        for index in range(depth):
            x = net.block(x, before, width, 2 if level > 0 and index == 0 else 1)
            before = width
    x = net.node("Flatten", net.node("GlobalAveragePool", x))
    head = net.constant(net.random.normal(0, 0.05, (classes, before)))
    net.nodes.append(helper.make_node("Gemm", [x, head, net.constant(np.zeros(classes))], ["logits"], transB=1))
    model = helper.make_model(
        helper.make_graph(
            net.nodes, "reference",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 1, side, side])],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", classes])], net.weights),
        opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return model


def is_quantised(model):
    return any(node.op_type == "QuantizeLinear" for node in model.graph.node)


def unquantised(model):
    """A quantised graph converted to float32 throughout; the weights keep their quantised values."""
    plain = onnx.ModelProto()
    plain.CopyFrom(model)
    values = {i.name: numpy_helper.to_array(i) for i in model.graph.initializer}
    nodes, same = [], {}
    for node in model.graph.node:
        inputs = [same.get(name, name) for name in node.input]
        if node.op_type == "DequantizeLinear" and inputs[0] in values:
            steps, scale, zero = (values[name].astype(np.float32) for name in inputs)
            shape = [-1] + [1] * (steps.ndim - 1)
            values[node.output[0]] = (steps - zero.reshape(shape)) * scale.reshape(shape)
        elif node.op_type in ("QuantizeLinear", "DequantizeLinear"):
            same[node.output[0]] = inputs[0]
        else:
            kept = onnx.NodeProto()
            kept.CopyFrom(node)
            kept.input[:] = inputs
            nodes.append(kept)
    used = {name for node in nodes for name in node.input}
    for field in (plain.graph.node, plain.graph.initializer, plain.graph.value_info):
        del field[:]
    plain.graph.node.extend(nodes)
    plain.graph.initializer.extend(numpy_helper.from_array(v, k) for k, v in values.items() if k in used)
    onnx.checker.check_model(plain, full_check=True)
    return plain


def quantised(model):
    """The model in 8 bits with arbitrary activation ranges, which is useful only to measure its speed."""
    sys.path.insert(0, str(ROOT / "training"))
    from quantise import quantise  # requires torch

    return quantise(model, np.random.default_rng(1).integers(0, 256, (64, 48, 48), np.uint8))
