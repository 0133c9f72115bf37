"""Converts the shipped classifier to a form that the dnn module of OpenCV 4.6 supports.

OpenCV does not read DequantizeLinear of constants, so the network is converted to float32. It cannot divide a tensor by one of
another shape, so the caller standardises the crop. It supports global pooling only as a GlobalAveragePool node, and only
batches up to a size that the file specifies.
"""

import pathlib
import shutil
import sys

import onnx
from onnx import helper

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parents[1] / "classifier"))

import networks  # noqa: E402


def remove_standardisation(model):
    """Removes the nodes before the first convolution, which subtract the mean and divide by the standard deviation."""
    first = next(i for i, node in enumerate(model.graph.node) if node.op_type == "Conv")
    model.graph.node[first].input[0] = model.graph.input[0].name
    del model.graph.node[:first]


def replace_pooling(model):
    for i, node in enumerate(model.graph.node):
        if node.op_type == "ReduceMean":
            pooled = node.output[0] + "_pooled"
            flat = helper.make_node("Flatten", [pooled], [node.output[0]])
            model.graph.node[i].CopyFrom(helper.make_node("GlobalAveragePool", [node.input[0]], [pooled]))
            model.graph.node.insert(i + 1, flat)
            return


def set_batch_size(model, size):
    batch = model.graph.input[0].type.tensor_type.shape.dim[0]
    batch.Clear()
    batch.dim_value = size


def write(classifier, folder):
    """Writes the converted model to `folder`; returns the folder."""
    model = onnx.load_model(str(classifier / "model.onnx"))
    if networks.is_quantised(model):
        model = networks.unquantised(model)
    remove_standardisation(model)
    replace_pooling(model)
    set_batch_size(model, 8)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(classifier / "model.toml", folder)
    onnx.save_model(model, str(folder / "model.onnx"))
    return folder
