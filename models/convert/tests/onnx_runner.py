"""Runs ONNX graphs with PyTorch, because Debian has no ONNX Runtime for Python. It reads them with Debian's onnx,
which is independent of onnx_writer.py. Supports only the operators of the networks that the tests run."""

import onnx
import torch
from onnx import helper, numpy_helper
from torch.nn import functional as F


def _padded(options, x, value):
    top, left, bottom, right = options.get("pads", [0, 0, 0, 0])
    return F.pad(x, (left, right, top, bottom), value=value)


def _conv(options, x, weight, bias=None):
    return F.conv2d(_padded(options, x, 0.0), weight, bias, options.get("strides", 1), groups=options.get("group", 1))


def _max_pool(options, x):
    return F.max_pool2d(_padded(options, x, -torch.inf), options["kernel_shape"], options["strides"])


def _reshape(_, x, shape):
    return x.reshape([x.shape[i] if size == 0 else size for i, size in enumerate(shape.tolist())])


def _slice(_, x, starts, ends, axes):
    for start, end, axis in zip(starts.tolist(), ends.tolist(), axes.tolist()):
        x = x.narrow(axis, start, end - start)
    return x


def _grid_sample(options, x, grid):
    return F.grid_sample(x, grid, options["mode"].decode(), options["padding_mode"].decode(),
                         bool(options["align_corners"]))


OPERATORS = {
    "Add": lambda _, a, b: a + b,
    "Concat": lambda options, *values: torch.cat(values, options["axis"]),
    "ConstantOfShape": lambda _, shape: torch.zeros(shape.tolist()),
    "Conv": _conv,
    "Div": lambda _, a, b: a / b,
    "Gather": lambda options, x, indices: x.index_select(options["axis"], indices),
    "GridSample": _grid_sample,
    "MatMul": lambda _, a, b: a @ b,
    "MaxPool": _max_pool,
    "Mul": lambda _, a, b: a * b,
    "ReduceL2": lambda options, x: x.norm(dim=options["axes"], keepdim=True),
    "ReduceMax": lambda options, x: x.amax(options["axes"], keepdim=True),
    "ReduceMin": lambda options, x: x.amin(options["axes"], keepdim=True),
    "Relu": lambda _, x: F.relu(x),
    "Reshape": _reshape,
    "Slice": _slice,
    "Sub": lambda _, a, b: a - b,
    "Transpose": lambda options, x: x.permute(options["perm"]),
}


@torch.no_grad()
def run(model, x):
    """{name: tensor} of the outputs of an onnx.ModelProto, or of the bytes of one, which are checked first."""
    if isinstance(model, bytes):
        model = onnx.load_model_from_string(model)
        onnx.checker.check_model(model, full_check=True)
    graph = model.graph
    values = {i.name: torch.from_numpy(numpy_helper.to_array(i).copy()) for i in graph.initializer}
    values[graph.input[0].name] = x
    for node in graph.node:
        options = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        values[node.output[0]] = OPERATORS[node.op_type](options, *(values[name] for name in node.input))
    return {output.name: values[output.name] for output in graph.output}
