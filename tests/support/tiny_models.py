#!/usr/bin/env python3
"""Makes the networks of tests/models: tiny models with predictable outputs, whose input and output formats
differ like those of third-party models.

usage: tiny_models.py [FOLDER]      writes FOLDER/NAME/model.onnx, by default into tests/models
"""

import pathlib
import sys

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "models"


def f32(values):
    return np.array(values, np.float32)


def network(name, inputs, outputs, nodes, **constants):
    """A model; `inputs` and `outputs` are shapes by name."""

    def infos(shapes):
        return [helper.make_tensor_value_info(n, TensorProto.FLOAT, shape) for n, shape in shapes.items()]

    initializers = [numpy_helper.from_array(value, n) for n, value in constants.items()]
    graph = helper.make_graph(nodes, name, infos(inputs), infos(outputs), initializers)
    model = helper.make_model(graph, producer_name="emostream", ir_version=8,
                              opset_imports=[helper.make_opsetid("", 13)])
    checker.check_model(model, full_check=True)
    return model


def colours():
    """A classifier like those trained on AffectNet: RGB, channels last, normalised by mean and standard
    deviation, probabilities of seven labels, and a second output with valence and arousal. Its outputs depend only on
    the mean colour."""
    return network(
        "colours", {"image": ["N", 32, 32, 3]}, {"probabilities": ["N", 7], "affect": ["N", 2]},
        [
            helper.make_node("ReduceMean", ["image"], ["mean"], axes=[1, 2], keepdims=0),
            helper.make_node("MatMul", ["mean", "weights"], ["sums"]),
            helper.make_node("Add", ["sums", "biases"], ["logits"]),
            helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
            helper.make_node("MatMul", ["mean", "directions"], ["direction"]),
            helper.make_node("Tanh", ["direction"], ["affect"]),
        ],
        # red is anger, green disgust, blue sadness, and white happiness
        weights=f32([[2, 0, 0, 1, 0, 0, 0], [0, 2, 0, 1, 0, 0, 0], [0, 0, 0, 1, 0, 2, 0]]),
        biases=f32([0, 0, -1, 0, 1, 0, -1]),
        directions=f32([[0.5, 0.5], [0.25, 0], [0.25, -0.5]]))


def columns():
    """A classifier with planar BGR input, a batch of one, and logits whose first and last columns are valence and arousal."""
    return network(
        "columns", {"data": [1, 3, 24, 24]}, {"all": [1, 6]},
        [
            helper.make_node("ReduceMean", ["data"], ["mean"], axes=[2, 3], keepdims=0),
            helper.make_node("MatMul", ["mean", "weights"], ["all"]),
        ],
        #        valence, four labels, arousal
        weights=f32([[0.5, 3, 0, 0, 0, 0], [0, 0, 3, 0, 0, 0], [-0.5, 0, 0, 3, 0, 1]]))


def quadrants():
    """A detector with decoded boxes: one in each quadrant of the image, with a high score if the quadrant is red."""
    edges = ((0.1, 0.4), (0.6, 0.9))
    boxes = [[x[0], y[0], x[1], y[1]] for y in edges for x in edges]
    return network(
        "quadrants", {"input": [1, 3, 24, 32]}, {"scores": [1, 4, 2], "boxes": [1, 4, 4]},
        [
            helper.make_node("AveragePool", ["input"], ["pooled"], kernel_shape=[12, 16], strides=[12, 16]),
            helper.make_node("Conv", ["pooled", "redness", "bias"], ["margins"]),
            helper.make_node("Sigmoid", ["margins"], ["score"]),
            helper.make_node("Reshape", ["score", "shape"], ["faces"]),
            helper.make_node("Sub", ["one", "faces"], ["backgrounds"]),
            helper.make_node("Concat", ["backgrounds", "faces"], ["scores"], axis=2),
            helper.make_node("Identity", ["places"], ["boxes"]),
        ],
        redness=f32([4, -2, -2]).reshape(1, 3, 1, 1), bias=f32([-2]), one=f32([1]), places=f32([boxes]),
        shape=np.array([1, 4, 1], np.int64))


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    for make in (colours, columns, quadrants):
        path = folder / make.__name__ / "model.onnx"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(make().SerializeToString(deterministic=True))


if __name__ == "__main__":
    main()
