"""The served classifier so that OpenCV 4.6's dnn takes it, which it does not as it is.

It reads no DequantizeLinear of constants, so the network is in float32. It divides no tensor by one of another shape,
so that the crop is standardised before; it pools only with a node of that name; and takes batches only up to a size that
is in the file.
"""

import pathlib
import shutil
import sys

import onnx
from onnx import helper

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parents[1] / "classifier"))

import networks  # noqa: E402


def without_standardising(model):
    """Drops what is before the first convolution: the input minus its mean, divided by its spread."""
    first = next(i for i, node in enumerate(model.graph.node) if node.op_type == "Conv")
    model.graph.node[first].input[0] = model.graph.input[0].name
    del model.graph.node[:first]


def with_pooling(model):
    for i, node in enumerate(model.graph.node):
        if node.op_type == "ReduceMean":
            pooled = node.output[0] + "_pooled"
            flat = helper.make_node("Flatten", [pooled], [node.output[0]])
            model.graph.node[i].CopyFrom(helper.make_node("GlobalAveragePool", [node.input[0]], [pooled]))
            model.graph.node.insert(i + 1, flat)
            return


def with_batches_of(model, most):
    batch = model.graph.input[0].type.tensor_type.shape.dim[0]
    batch.Clear()
    batch.dim_value = most


def write(classifier, folder):
    """Writes the model folder anew; returns it."""
    model = onnx.load_model(str(classifier / "model.onnx"))
    if networks.is_quantised(model):
        model = networks.unquantised(model)
    without_standardising(model)
    with_pooling(model)
    with_batches_of(model, 8)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(classifier / "model.toml", folder)
    onnx.save_model(model, str(folder / "model.onnx"))
    return folder
