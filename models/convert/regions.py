"""Converts MediaPipe's custom operators, by which the attention network looks at a region of its features again. They
are described by the sources in mediapipe/util/tflite/operations.

A transform is a 4×4 matrix there, [1, 4, 4]. Here it is [N, 3, 2] with the images of the region's x axis, of its y axis
and of its origin as rows, so that [x, y, 1] · transform is a point.
"""

from constant import floats, integers
from flatbuffer import flexible_map

TRANSFORM = (1, 4, 4)


def _row(graph, *values):
    return graph.constant(floats((1, len(values)), values))


def _landmarks_to_transform(conversion, operator):
    """The region around a subset of the points [N, P, 3], turned by the line between two of them. Its sides are those
    of the subset's bounding box times a scale; its coordinates are pixels from its upper left corner."""
    graph, options = conversion.graph, flexible_map(operator.custom_options)
    if options["target_rotation_radians"] != 0:
        raise ValueError("a region that is not upright is not supported")
    width, height = options["output_width"], options["output_height"]
    points = graph.add("Slice", conversion.name(operator.inputs[0]), graph.constant(integers(0)),
                       graph.constant(integers(2)), graph.constant(integers(2)))

    ends = integers(options["left_rotation_idx"], options["right_rotation_idx"])
    ends = graph.add("Gather", points, graph.constant(ends), axis=1)
    line = graph.add("MatMul", _row(graph, -1.0, 1.0), ends)
    x_axis = graph.add("Div", line, graph.add("ReduceL2", line, axes=[2]))
    quarter_turn = graph.constant(floats((2, 2), (0, 1, -1, 0)))
    axes = graph.add("Concat", x_axis, graph.add("MatMul", x_axis, quarter_turn), axis=1)

    subset = graph.add("Gather", points, graph.constant(integers(*options["subset_idxs"])), axis=1)
    turned = graph.add("MatMul", subset, graph.add("Transpose", axes, perm=[0, 2, 1]))
    low, high = (graph.add(kind, turned, axes=[1]) for kind in ("ReduceMin", "ReduceMax"))
    scales = graph.add("Mul", graph.add("Sub", high, low),
                       _row(graph, options["scale_x"] / width, options["scale_y"] / height))
    middle = graph.add("Mul", graph.add("Add", low, high), _row(graph, 0.5, 0.5))
    middle = graph.add("MatMul", middle, axes)

    axes = graph.add("Mul", axes, graph.add("Transpose", scales, perm=[0, 2, 1]))
    origin = graph.add("Sub", middle, graph.add("MatMul", _row(graph, width / 2, height / 2), axes))
    return graph.add("Concat", axes, origin, axis=1)


def scale_transform(conversion, operator):
    """Multiplies a transform by a constant matrix, element by element."""
    transform, matrix = operator.inputs
    values = conversion.constant(matrix).values
    factors = floats((3, 2), (values[4 * row + column] for column in (0, 1, 3) for row in (0, 1)))
    return conversion.graph.add("Mul", conversion.name(transform), conversion.graph.constant(factors))


def _transform_tensor(conversion, operator):
    """Samples the region at the centres of its pixels. Near the border of the features, MediaPipe has zeros where
    GridSample still interpolates."""
    graph, (features, transform) = conversion.graph, operator.inputs
    _, height, width, _ = conversion.shape(operator.outputs[0])
    _, old_height, old_width, _ = conversion.shape(features)
    pixels = (value for y in range(height) for x in range(width) for value in (x + 0.5, y + 0.5, 1))
    pixels = graph.constant(floats((height * width, 3), pixels))
    points = graph.add("MatMul", pixels, conversion.name(transform))
    # GridSample's coordinates are from -1 to 1.
    points = graph.add("Mul", points, _row(graph, 2 / old_width, 2 / old_height))
    points = graph.add("Sub", points, _row(graph, 1.0, 1.0))
    grid = graph.add("Reshape", points, graph.constant(integers(0, height, width, 2)))
    return graph.add("GridSample", conversion.name(features), grid, mode="bilinear", padding_mode="zeros",
                     align_corners=0)


def _transform_landmarks(conversion, operator):
    """Maps points [N, P, 2] of a region by its transform."""
    graph, (points, transform) = conversion.graph, map(conversion.name, operator.inputs)
    axes = graph.add("Gather", transform, graph.constant(integers(0, 1)), axis=1)
    origin = graph.add("Gather", transform, graph.constant(integers(2)), axis=1)
    return graph.add("Add", graph.add("MatMul", points, axes), origin)


CONVERTERS = {
    "Landmarks2TransformMatrix": _landmarks_to_transform,
    "TransformLandmarks": _transform_landmarks,
    "TransformTensorBilinear": _transform_tensor,
}
