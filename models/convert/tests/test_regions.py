"""MediaPipe's custom operators in the attention network, compared with their definitions in
mediapipe/util/tflite/operations, computed with NumPy in float64."""

import unittest

import numpy as np

from conversion import Output, convert
from flatbuffer import flexible_map
from tests import files, portrait
from tests.onnx_runner import run
from tflite import Network

OUTPUTS = (
    Output("output_mesh", "points", (468, 3)),
    Output("p_re_lu_3", "features", (32, 48, 48)),
    Output("transform_tensor_bilinear_v2_1", "region", (32, 16, 16)),
    Output("conv_left_eye", "eye_in_region", (71, 2)),
    Output("output_left_eye", "eye", (71, 2)),
)


def region_matrix(points, options):
    """The matrix [3, 3] from pixels of the region to pixels of the features."""
    left, right = points[options["left_rotation_idx"]], points[options["right_rotation_idx"]]
    angle = np.arctan2(right[1] - left[1], right[0] - left[0])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turned = points[list(options["subset_idxs"]), :2] @ turn
    low, high = turned.min(0), turned.max(0)
    size = np.array([options["output_width"], options["output_height"]])
    linear = turn * ((high - low) * [options["scale_x"], options["scale_y"]] / size)
    matrix = np.eye(3)
    matrix[:2, :2] = linear
    matrix[:2, 2] = turn @ ((low + high) / 2) - linear @ (size / 2)
    return matrix


def sampled(features, matrix, size):
    """The features at the centres of the region's pixels, with bilinear interpolation."""
    result = np.empty((len(features), size, size))
    for y in range(size):
        for x in range(size):
            u, v, _ = matrix @ [x + 0.5, y + 0.5, 1] - 0.5
            left, top = int(u), int(v)
            across, down = np.array([1 - (u - left), u - left]), np.array([1 - (v - top), v - top])
            result[:, y, x] = down @ (features[:, top : top + 2, left : left + 2] @ across).T
    return result


class Regions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        network = Network(files.packed()["face_landmark_with_attention.tflite"])
        transforms = [o for o in network.operators if o.kind == "Landmarks2TransformMatrix"]
        cls.options = flexible_map(transforms[1].custom_options)
        outputs = run(convert(network, OUTPUTS, "regions", "a test"), portrait.crops(lambda image: image.rotate(20)))
        cls.faces = [{name: value[i].double().numpy() for name, value in outputs.items()} for i in range(2)]

    def test_options_are_those_of_the_left_eye(self):
        options = dict(self.options)
        subset = options.pop("subset_idxs")
        self.assertEqual((len(subset), subset[0], subset[8]), (71, 33, 133))
        self.assertEqual(options, {
            "left_rotation_idx": 33, "right_rotation_idx": 133, "target_rotation_radians": 0,
            "output_width": 16, "output_height": 16, "scale_x": 1.5, "scale_y": 1.5})

    def test_region_has_the_features_around_the_eye(self):
        for face in self.faces:
            matrix = region_matrix(face["points"] / 4, self.options)
            np.testing.assert_allclose(face["region"], sampled(face["features"], matrix, 16), atol=1e-4)

    def test_points_of_the_region_are_mapped_to_the_crop(self):
        for face in self.faces:
            matrix = region_matrix(face["points"] / 4, self.options)  # its points are in quarters of a pixel
            expected = face["eye_in_region"] @ matrix[:2, :2].T + 4 * matrix[:2, 2]
            np.testing.assert_allclose(face["eye"], expected, atol=1e-3)


if __name__ == "__main__":
    unittest.main()
