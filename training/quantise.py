"""Quantise an exported network to 8 bits: model.onnx -> a graph with QuantizeLinear and DequantizeLinear (QDQ).

Weights become int8 with a scale per output channel. Activations become uint8 with a scale and a zero point per
tensor, calibrated on training faces. The normalisation, the first convolution (one input channel), the final mean and
the last layer stay in float32. ONNX Runtime replaces the rest by integer kernels.
"""

import argparse
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper

import data
import malloc
import metrics
from near_duplicates import load_deduplicated
from onnx_graph import Graph, run_model

FACES, SEED = 1024, 1  # for calibration
# The approximate number of values of a tensor, per batch of faces, from which a range is chosen.
SAMPLES_PER_BATCH = 5_000
# Activations are unsigned: ONNX Runtime has no fast kernels for signed activations on x86.
LOW, HIGH = 0, 255
# With a zero point of 0, ONNX Runtime 1.29 chooses a kernel for symmetric weights, which uses VNNI at best. With any
# other zero point it uses its matrix multiplication, which uses AMX where available and takes
# 10 to 25 % less time (ADR 16).
WEIGHT_ZERO_POINT = 1


def simplify_attention(graph):
    """Rewrites squeeze-and-excitation as pooling and 1x1 convolutions, which are fewer and faster operators."""
    nodes, replacements = [], {}
    for node in graph.nodes:
        for index, name in enumerate(node.input):
            node.input[index] = replacements.get(name, name)
        if "/attention/" in node.name:
            if node.op_type == "ReduceMean":
                node = helper.make_node("GlobalAveragePool", node.input, node.output, node.name)
            elif node.op_type == "Gemm":
                weight = graph.constants[node.input[1]]
                graph.constants[node.input[1]] = weight.reshape(*weight.shape, 1, 1)
                node = helper.make_node("Conv", node.input, node.output, node.name,
                                        strides=[1, 1], pads=[0] * 4, kernel_shape=[1, 1])
            elif node.op_type == "Unsqueeze":
                replacements[node.output[0]] = node.input[0]
                continue
        nodes.append(node)
    graph.nodes = nodes
    return graph


class QuantisationPlan:
    """What is quantised in a graph: all convolutions but the first, and tensors by name."""

    def __init__(self, graph):
        consumers = graph.consumers()

        def fused_output(name):  # ONNX Runtime fuses a following ReLU into the operator
            following = consumers.get(name, [])
            return following[0].output[0] if [node.op_type for node in following] == ["Relu"] else name

        first = next(i for i, node in enumerate(graph.nodes) if node.op_type == "Conv")
        self.convolutions = [n for n in graph.nodes[first + 1 :] if n.op_type == "Conv"]
        self.tensors = {fused_output(graph.nodes[first].output[0])}
        for node in graph.nodes[first + 1 :]:
            if node.op_type in ("Conv", "Add", "Mul", "GlobalAveragePool", "Sigmoid"):
                self.tensors.add(fused_output(node.output[0]))


def scale_and_zero_point(low, high):
    """The scale and the zero point (0..255) for which uint8 covers low..high and represents 0 exactly."""
    low, high = min(low, 0.0), max(high, 0.0)
    scale = max((high - low) / (HIGH - LOW), 1e-6)
    return np.float32(scale), int(np.clip(round(-low / scale), LOW, HIGH))


def quantise_dequantise(values, scale, zero):
    """float [N] -> the values after rounding to uint8."""
    return (np.clip(np.round(values / scale) + zero, LOW, HIGH) - zero) * scale


def best_range(values, low, high):
    """The scale and zero point with the least squared error on values in low..high.

    Clipping rare extreme values can reduce the error, so smaller ranges are tried as well.
    """
    def best(ranges):
        errors = [np.square(quantise_dequantise(values, *scale_and_zero_point(*ends)) - values).mean()
                  for ends in ranges]
        return ranges[int(np.argmin(errors))]

    factors = np.linspace(1, 0.4, 13)
    low, high = best([(low, high * factor) for factor in factors])
    if low < 0:
        low, high = best([(low * factor, high) for factor in factors])
    return scale_and_zero_point(low, high)


def calibrate(graph, tensors, images, batch=64):
    """{tensor: (scale, zero point)} from the tensors' values for images uint8 [N, 48, 48]."""
    samples = {name: [] for name in tensors}
    ends = {name: (0.0, 0.0) for name in tensors}

    def observe(name, tensor):
        if name not in samples:
            return
        low, high = ends[name]
        ends[name] = (min(low, tensor.min().item()), max(high, tensor.max().item()))
        flat = tensor.flatten()
        samples[name].append(flat[:: max(1, len(flat) // SAMPLES_PER_BATCH) | 1].numpy().copy())

    for start in range(0, len(images), batch):
        graph.run(torch.from_numpy(images[start : start + batch]).float().unsqueeze(1), observe)
    return {name: best_range(np.concatenate(samples[name]), *ends[name]) for name in sorted(tensors)}


def quantise_weight(weight):
    """float32 [O, I, h, w] -> int8 of the same shape with the zero point WEIGHT_ZERO_POINT, and scales [O]."""
    limit = 127 - WEIGHT_ZERO_POINT
    scale = np.maximum(np.abs(weight).reshape(len(weight), -1).max(axis=1) / limit, 1e-12)
    steps = np.round(weight / scale[:, None, None, None])
    return (steps + WEIGHT_ZERO_POINT).astype(np.int8), scale.astype(np.float32)


def insert_quantisation(graph, plan, ranges):
    """A copy of the graph with the QuantizeLinear and DequantizeLinear nodes of the plan."""
    constants, nodes = dict(graph.constants), []
    dequantised = {}

    def dequantise(name, values, scale, zero, **attributes):
        constants[name + "_q"], constants[name + "_scale"], constants[name + "_zero"] = values, scale, zero
        nodes.append(helper.make_node(
            "DequantizeLinear", [name + "_q", name + "_scale", name + "_zero"], [name + "_dq"], **attributes))
        return name + "_dq"

    for original in graph.nodes:
        node = onnx.NodeProto()
        node.CopyFrom(original)
        for index, name in enumerate(original.input):
            node.input[index] = dequantised.get(name, name)
        if original in plan.convolutions:
            name, weight, bias = original.input
            values, scale = quantise_weight(graph.constants[weight])
            node.input[1] = dequantise(
                weight, values, scale, np.full(len(scale), WEIGHT_ZERO_POINT, np.int8), axis=0)
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
            parameters = [output + "_scale", output + "_zero"]
            nodes.append(helper.make_node("QuantizeLinear", [output, *parameters], [output + "_q"]))
            nodes.append(helper.make_node("DequantizeLinear", [output + "_q", *parameters], [output + "_dq"]))
            dequantised[output] = output + "_dq"
    result = Graph(graph.model)
    result.nodes, result.constants = nodes, constants
    return result


def quantise(model, images):
    """A float32 model of export.py and training faces uint8 [N, 48, 48] -> the model in 8 bits."""
    graph = simplify_attention(Graph(model))
    plan = QuantisationPlan(graph)
    return insert_quantisation(graph, plan, calibrate(graph, plan.tensors, images)).to_model()


def sample_faces(split, count=FACES, seed=SEED):
    """`count` faces of a split, drawn at random: uint8 [count, 48, 48]."""
    indices = np.random.default_rng(seed).permutation(len(split))[:count]
    return split.images[indices]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=Path, default=data.default_folder(), help="FER+ folder")
    parser.add_argument("--model", type=Path, required=True, help="an exported model.onnx")
    parser.add_argument("--to", type=Path, required=True, help="output file")
    options = parser.parse_args()
    malloc.retain_freed_memory()
    torch.set_num_threads(1)
    before = onnx.load_model(str(options.model))
    train, valid = load_deduplicated(options.data)
    after = quantise(before, sample_faces(train))
    onnx.save_model(after, str(options.to))
    for precision, model in (("float32", before), ("8 bits", after)):
        summary = metrics.summary(run_model(model, valid.images).numpy(), valid.labels)
        print(f"{precision}: accuracy {100 * summary['accuracy']:.2f} %, macro recall "
              f"{100 * summary['macro_recall']:.2f} %, log loss {summary['log_loss_before']:.4f}")


if __name__ == "__main__":
    main()
