"""Converts the built-in operators of TensorFlow Lite to nodes of ONNX.

A tensor with four dimensions is [N, height, width, channels] in TensorFlow Lite and [N, channels, height, width] in
ONNX; other tensors are the same. TensorFlow Lite's batch of 1 becomes any N.
"""

from constant import floats, integers

_SAME, _RELU = 0, 1  # values of Padding and ActivationFunctionType


def _pads(conversion, operator, kernel, strides, padding):
    """The attribute `pads`: TensorFlow Lite puts the odd pixel at the end."""
    if padding != _SAME:
        return [0, 0, 0, 0]
    sizes = conversion.shape(operator.inputs[0])[1:3]
    totals = [max((-(-size // stride) - 1) * stride + length - size, 0)
              for size, length, stride in zip(sizes, kernel, strides)]
    return [total // 2 for total in totals] + [total - total // 2 for total in totals]


def _activated(conversion, name, activation):
    if activation == 0:
        return name
    if activation != _RELU:
        raise ValueError(f"activation {activation} is not supported")
    return conversion.graph.add("Relu", name)


def _convolution(conversion, operator, weights, groups, options):
    """`options` are the numbers of the fields for the activation and the dilations."""
    activation, dilations = options
    table = operator.options
    if any(table.scalar(field, "i", 1) != 1 for field in dilations):
        raise ValueError("dilated convolutions are not supported")
    kernel, strides = weights.shape[2:], [table.scalar(2, "i"), table.scalar(1, "i")]
    graph = conversion.graph
    name = graph.add(
        "Conv", conversion.name(operator.inputs[0]), graph.constant(weights), conversion.name(operator.inputs[2]),
        kernel_shape=kernel, strides=strides, group=groups,
        pads=_pads(conversion, operator, kernel, strides, table.scalar(0, "b")))
    return _activated(conversion, name, table.scalar(activation, "b"))


def _conv_2d(conversion, operator):
    weights = conversion.constant(operator.inputs[1]).channels_first()
    return _convolution(conversion, operator, weights, 1, (3, (4, 5)))


def _depthwise_conv_2d(conversion, operator):
    weights = conversion.constant(operator.inputs[1]).channels_first()  # [1, channels, height, width]
    _, channels, height, width = weights.shape
    if operator.options.scalar(3, "i") != 1:
        raise ValueError("depth multipliers other than 1 are not supported")
    return _convolution(conversion, operator, weights.reshaped(channels, 1, height, width), channels, (4, (5, 6)))


def _max_pool_2d(conversion, operator):
    table = operator.options
    kernel, strides = ([table.scalar(y, "i"), table.scalar(x, "i")] for x, y in ((3, 4), (1, 2)))
    name = conversion.graph.add("MaxPool", conversion.name(operator.inputs[0]), kernel_shape=kernel, strides=strides,
                                pads=_pads(conversion, operator, kernel, strides, table.scalar(0, "b")))
    return _activated(conversion, name, table.scalar(5, "b"))


def _add(conversion, operator):
    name = conversion.graph.add("Add", *map(conversion.name, operator.inputs))
    return _activated(conversion, name, operator.options.scalar(0, "b") if operator.options else 0)


def _relu(conversion, operator):
    return conversion.graph.add("Relu", conversion.name(operator.inputs[0]))


def _prelu(conversion, operator):
    """x ↦ a x + (1 - a) relu(x). ONNX Runtime computes this in half the time of its PRelu, and a may exceed 1."""
    graph, x = conversion.graph, conversion.name(operator.inputs[0])
    slopes = conversion.constant(operator.inputs[1]).values
    shape = (len(slopes), 1, 1)
    linear = graph.add("Mul", x, graph.constant(floats(shape, slopes)))
    positive = graph.add("Mul", graph.add("Relu", x), graph.constant(floats(shape, (1 - a for a in slopes))))
    return graph.add("Add", linear, positive)


def _pad(conversion, operator):
    """Appends channels of zeros, as a convolution that copies the others: with Pad the landmark network takes 10 %
    longer, because ONNX Runtime reorders the tensor before and after it."""
    amounts = list(conversion.constant(operator.inputs[1]).values)
    added, old = amounts.pop(), conversion.shape(operator.inputs[0])[-1]
    if any(amounts):
        raise ValueError("only channels can be padded, at the end")
    identity = (float(row == column) for row in range(old + added) for column in range(old))
    weights = conversion.graph.constant(floats((old + added, old, 1, 1), identity))
    return conversion.graph.add("Conv", conversion.name(operator.inputs[0]), weights, kernel_shape=[1, 1])


def _reshape(conversion, operator):
    graph, name = conversion.graph, conversion.name(operator.inputs[0])
    old, new = conversion.shape(operator.inputs[0]), conversion.shape(operator.outputs[0])
    if len(new) == 4:
        if new[1:3] != (1, 1):
            raise ValueError("a reshape to an image is not supported")
        new = (1, new[3], 1, 1)
    if len(old) == 4 and old[1:3] != (1, 1):
        name = graph.add("Transpose", name, perm=[0, 2, 3, 1])
    return graph.add("Reshape", name, graph.constant(integers(0, *new[1:])))  # 0 keeps N


def _concatenation(conversion, operator):
    axis = operator.options.scalar(0, "i")
    if len(conversion.shape(operator.outputs[0])) == 4 or operator.options.scalar(1, "b"):
        raise ValueError("a concatenation of four dimensions or with an activation is not supported")
    return conversion.graph.add("Concat", *map(conversion.name, operator.inputs), axis=axis)


def _mul(conversion, operator):
    return conversion.graph.add("Mul", *map(conversion.name, operator.inputs))


CONVERTERS = {
    "ADD": _add, "CONCATENATION": _concatenation, "CONV_2D": _conv_2d, "DEPTHWISE_CONV_2D": _depthwise_conv_2d,
    "MAX_POOL_2D": _max_pool_2d, "MUL": _mul, "PAD": _pad, "PRELU": _prelu, "RELU": _relu, "RESHAPE": _reshape,
}
