"""Turn an exported network into one that computes in 8 bits: model.onnx -> a quantise-dequantise graph.

Weights become int8 with a scale for each output channel, what flows between the convolutions uint8 with a
scale and a zero point for each tensor, chosen on training faces. The normalisation, the first convolution
(one channel of input) and the last layer stay in float32. ONNX Runtime makes integer kernels of the rest.
"""

import argparse
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper

import data
import evaluate
import memory
from graph import Graph, answers
from leaks import load_apart

FACES, SEED = 1024, 1  # to choose the ranges on
# Values of each tensor that a range is chosen on, at most, of each batch of faces.
SEEN = 5_000
# uint8 throughout: signed values have no quick kernels on x86.
LOW, HIGH = 0, 255
# Any zero point but 0, and ONNX Runtime 1.29 multiplies matrices, on AMX where it is there, instead of
# taking a kernel for symmetric weights, which has VNNI at best: 10 to 25 % of the time (ADR 16).
WEIGHT_ZERO = 1


def with_plain_attention(graph):
    """Squeeze-and-excitation of `export.to_onnx` as a pool and 1x1 convolutions: fewer, quicker operators."""
    nodes, same = [], {}
    for node in graph.nodes:
        for place, name in enumerate(node.input):
            node.input[place] = same.get(name, name)
        if "/attention/" in node.name:
            if node.op_type == "ReduceMean":
                node = helper.make_node("GlobalAveragePool", node.input, node.output, node.name)
            elif node.op_type == "Gemm":
                weight = graph.constants[node.input[1]]
                graph.constants[node.input[1]] = weight.reshape(*weight.shape, 1, 1)
                node = helper.make_node("Conv", node.input, node.output, node.name,
                                        strides=[1, 1], pads=[0] * 4, kernel_shape=[1, 1])
            elif node.op_type == "Unsqueeze":
                same[node.output[0]] = node.input[0]
                continue
        nodes.append(node)
    graph.nodes = nodes
    return graph


class Plan:
    """What of a graph becomes integers: its convolutions but the first, and tensors by name."""

    def __init__(self, graph):
        users = graph.users()

        def settled(name):  # a ReLU behind is part of the operator
            after = users.get(name, [])
            return after[0].output[0] if [node.op_type for node in after] == ["Relu"] else name

        first = next(i for i, node in enumerate(graph.nodes) if node.op_type == "Conv")
        self.convolutions = [n for n in graph.nodes[first + 1 :] if n.op_type == "Conv"]
        self.tensors = {settled(graph.nodes[first].output[0])}
        for node in graph.nodes[first + 1 :]:
            if node.op_type in ("Conv", "Add", "Mul", "GlobalAveragePool", "Sigmoid"):
                self.tensors.add(settled(node.output[0]))


def spread(low, high):
    """The scale and the zero point (0..255) with which uint8 covers low..high, 0 exactly."""
    low, high = min(low, 0.0), max(high, 0.0)
    scale = max((high - low) / (HIGH - LOW), 1e-6)
    return np.float32(scale), int(np.clip(round(-low / scale), LOW, HIGH))


def rounded(values, scale, zero):
    """float [N] -> what uint8 makes of them."""
    return (np.clip(np.round(values / scale) + zero, LOW, HIGH) - zero) * scale


def best_range(values, low, high):
    """Scale and zero point with the least squared error on the values, whose ends are low and high: it may
    pay to cut off what is rare."""
    def best(choices):
        errors = [np.square(rounded(values, *spread(*ends)) - values).mean() for ends in choices]
        return choices[int(np.argmin(errors))]

    shares = np.linspace(1, 0.4, 13)
    low, high = best([(low, high * share) for share in shares])
    if low < 0:
        low, high = best([(low * share, high) for share in shares])
    return spread(low, high)


def calibrate(graph, tensors, images, batch=64):
    """{tensor: (scale, zero point)} from what images uint8 [N, 48, 48] make of them."""
    seen = {name: [] for name in tensors}
    ends = {name: (0.0, 0.0) for name in tensors}

    def see(name, tensor):
        if name not in seen:
            return
        low, high = ends[name]
        ends[name] = (min(low, tensor.min().item()), max(high, tensor.max().item()))
        flat = tensor.flatten()
        seen[name].append(flat[:: max(1, len(flat) // SEEN) | 1].numpy().copy())

    for start in range(0, len(images), batch):
        graph.run(torch.from_numpy(images[start : start + batch]).float().unsqueeze(1), see)
    return {name: best_range(np.concatenate(seen[name]), *ends[name]) for name in sorted(tensors)}


def quantised_weight(weight):
    """float32 [O, I, h, w] -> int8 of the same shape around WEIGHT_ZERO, and scales [O]."""
    reach = 127 - WEIGHT_ZERO
    scale = np.maximum(np.abs(weight).reshape(len(weight), -1).max(axis=1) / reach, 1e-12)
    steps = np.round(weight / scale[:, None, None, None])
    return (steps + WEIGHT_ZERO).astype(np.int8), scale.astype(np.float32)


def quantised(graph, plan, ranges):
    """The graph with QuantizeLinear and DequantizeLinear around what the plan names."""
    constants, nodes = dict(graph.constants), []
    through = {}

    def dequantise(name, values, scale, zero, **how):
        constants[name + "_q"], constants[name + "_scale"], constants[name + "_zero"] = values, scale, zero
        nodes.append(helper.make_node(
            "DequantizeLinear", [name + "_q", name + "_scale", name + "_zero"], [name + "_dq"], **how))
        return name + "_dq"

    for original in graph.nodes:
        node = onnx.NodeProto()
        node.CopyFrom(original)
        for place, name in enumerate(original.input):
            node.input[place] = through.get(name, name)
        if original in plan.convolutions:
            name, weight, bias = original.input
            values, scale = quantised_weight(graph.constants[weight])
            node.input[1] = dequantise(
                weight, values, scale, np.full(len(scale), WEIGHT_ZERO, np.int8), axis=0)
            scale = (scale * ranges[name][0]).astype(np.float32)
            steps = np.clip(np.round(graph.constants[bias] / scale), -2**31, 2**31 - 1)
            node.input[2] = dequantise(
                bias, steps.astype(np.int32), scale, np.zeros(len(scale), np.int32), axis=0)
        nodes.append(node)
        output = node.output[0]
        if output in plan.tensors:
            scale, zero = ranges[output]
            constants[output + "_scale"] = np.array(scale, np.float32)
            constants[output + "_zero"] = np.array(zero, np.uint8)
            ends = [output + "_scale", output + "_zero"]
            nodes.append(helper.make_node("QuantizeLinear", [output, *ends], [output + "_q"]))
            nodes.append(helper.make_node("DequantizeLinear", [output + "_q", *ends], [output + "_dq"]))
            through[output] = output + "_dq"
    result = Graph(graph.model)
    result.nodes, result.constants = nodes, constants
    return result


def quantise(model, images):
    """A float model of export.py and training faces uint8 [N, 48, 48] -> the model in 8 bits."""
    graph = with_plain_attention(Graph(model))
    plan = Plan(graph)
    return quantised(graph, plan, calibrate(graph, plan.tensors, images)).to_model()


def some_faces(split, count=FACES, seed=SEED):
    """`count` faces of a split, drawn by chance: uint8 [count, 48, 48]."""
    chosen = np.random.default_rng(seed).permutation(len(split))[:count]
    return split.images[chosen]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=Path, default=data.default_folder())
    parser.add_argument("--model", type=Path, required=True, help="an exported model.onnx")
    parser.add_argument("--to", type=Path, required=True)
    options = parser.parse_args()
    memory.keep_freed()
    torch.set_num_threads(1)
    before = onnx.load_model(str(options.model))
    train, valid = load_apart(options.data)
    after = quantise(before, some_faces(train))
    onnx.save_model(after, str(options.to))
    for what, model in (("float32", before), ("8 bits", after)):
        found = evaluate.summary(answers(model, valid.images).numpy(), valid.labels)
        print(f"{what}: accuracy {100 * found['accuracy']:.2f} %, macro recall "
              f"{100 * found['macro_recall']:.2f} %, log loss {found['log_loss_before']:.4f}")


if __name__ == "__main__":
    main()
