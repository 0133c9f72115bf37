"""Reads MediaPipe's canonical face, on which the points of a face are fitted to measure its pose."""

import struct

from protobuf import fields

POINTS = 468
_FLOATS_PER_VERTEX = 5  # x, y, z and a position in a texture

# The numbers of fields are those of geometry_pipeline_metadata.proto and mesh_3d.proto in MediaPipe.
_MESH, _BASIS = 1, 2
_VERTEX_BUFFER = 3
_LANDMARK, _WEIGHT = 1, 2

_HEADER = """\
# {source}
# An average face that looks straight ahead, in centimetres: x to the right of the image, y up, z towards the camera;
# and the weight of each point in a Procrustes analysis.
"""


def _float(data):
    return struct.unpack("<f", data)[0]


def read(data):
    """(points, weights): POINTS tuples (x, y, z), and a weight for each."""
    message = list(fields(data))
    (mesh,) = (value for field, value in message if field == _MESH)
    numbers = [_float(value) for field, value in fields(mesh) if field == _VERTEX_BUFFER]
    if len(numbers) != POINTS * _FLOATS_PER_VERTEX:
        raise ValueError(f"the canonical face has {len(numbers) / _FLOATS_PER_VERTEX} points, not {POINTS}")
    points = [tuple(numbers[i : i + 3]) for i in range(0, len(numbers), _FLOATS_PER_VERTEX)]
    weights = [0.0] * POINTS
    for field, value in message:
        if field == _BASIS:
            landmark = dict(fields(value))
            weights[landmark[_LANDMARK]] = _float(landmark[_WEIGHT])
    return points, weights


def toml(points, weights, source):
    """The text of canonical_face.toml: four arrays of POINTS numbers."""
    columns = dict(zip("xyz", zip(*points)), weight=weights)
    lines = [f"{name} = [{', '.join(f'{value:.9f}' for value in values)}]\n" for name, values in columns.items()]
    return _HEADER.format(source=source) + "".join(lines)
