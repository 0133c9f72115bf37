"""The files that the server loads: their format, and what the networks find in a photograph."""

import json
import pathlib
import tempfile
import tomllib
import unittest
from unittest import mock

import numpy as np
import onnx
import torch
from PIL import ImageOps

import face_mesh
from tests import files, portrait
from tests.onnx_runner import run

# The portrait's eyes, marked by hand (training/alignment.py).
EYES = ((203.0, 102.5), (248.0, 103.5))
# The outer and the inner corner of an eye among the 468 points, and in its contour of 71.
LEFT_CORNERS, RIGHT_CORNERS = (33, 133), (263, 362)
CONTOUR_CORNERS = (0, 8)


def in_portrait(points):
    return points[..., :2] * (portrait.SIDE / portrait.SIZE) + torch.tensor([portrait.LEFT, portrait.TOP])


class Files(unittest.TestCase):
    def dimensions(self, values):
        return {v.name: [d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim] for v in values}

    def check(self, name, outputs):
        model = onnx.load_model_from_string(files.converted()[name])
        onnx.checker.check_model(model, full_check=True)
        self.assertEqual(self.dimensions(model.graph.input), {"image": ["N", 3, portrait.SIZE, portrait.SIZE]})
        self.assertEqual(self.dimensions(model.graph.output), outputs)
        self.assertIn("Apache License", model.doc_string)

    def test_landmarks(self):
        self.check("landmarks.onnx", {"points": ["N", 468, 3], "presence_logit": ["N", 1]})

    def test_attention(self):
        self.check("attention.onnx", {
            "points": ["N", 468, 3], "presence_logit": ["N", 1], "left_eye": ["N", 71, 2], "right_eye": ["N", 71, 2],
            "left_iris": ["N", 5, 2], "right_iris": ["N", 5, 2]})

    def test_notice_names_the_version_in_the_lock_file(self):
        locked = json.loads((files.ROOT / "package-lock.json").read_text())["packages"]
        version = locked["node_modules/@mediapipe/face_mesh"]["version"]
        self.assertIn(f"@mediapipe/face_mesh {version}", files.converted()["NOTICE"].decode())

    def test_are_written_by_the_program(self):
        with tempfile.TemporaryDirectory() as folder:
            target = pathlib.Path(folder, "new", "folder")
            with mock.patch.object(face_mesh, "converted", lambda package: {"a": str(package).encode()}), \
                 mock.patch("sys.argv", ["face_mesh.py", "package", str(target)]):
                face_mesh.main()
            self.assertEqual((target / "a").read_bytes(), b"package")


class CanonicalFace(unittest.TestCase):
    def setUp(self):
        face = tomllib.loads(files.converted()["canonical_face.toml"].decode())
        self.assertEqual(list(face), ["x", "y", "z", "weight"])
        self.points, self.weights = np.stack([face["x"], face["y"], face["z"]], 1), np.array(face["weight"])

    def test_is_symmetric_and_looks_ahead(self):
        self.assertEqual(self.points.shape, (468, 3))
        (left, nose, right, chin) = self.points[[33, 1, 263, 152]]
        np.testing.assert_allclose(left, right * [-1, 1, 1], atol=1e-6)
        self.assertAlmostEqual(right[0], 4.445859, places=6)
        self.assertGreater(nose[2], left[2])
        self.assertLess(chin[1], nose[1])

    def test_has_33_points_with_weights(self):
        self.assertEqual(self.weights.shape, (468,))
        self.assertEqual(np.count_nonzero(self.weights), 33)
        self.assertAlmostEqual(self.weights[33], 0.058724169, places=9)


class Portrait(unittest.TestCase):
    def check_points(self, outputs, tolerance):
        self.assertGreater(outputs["presence_logit"].min(), 10)
        points = in_portrait(outputs["points"][0])
        for corners, eye in zip((LEFT_CORNERS, RIGHT_CORNERS), EYES):
            distance = (points[list(corners)].mean(0) - torch.tensor(eye)).norm()
            self.assertLess(distance, tolerance)

    def test_landmarks_finds_the_eyes(self):
        self.check_points(run(files.converted()["landmarks.onnx"], portrait.crops(ImageOps.mirror)), 2)

    def test_attention_finds_the_eyes_and_irises(self):
        outputs = run(files.converted()["attention.onnx"], portrait.crops(ImageOps.mirror))
        self.check_points(outputs, 3)  # this network's points are coarse, only its eyes are fine
        for side, corners, eye in zip(("left", "right"), (LEFT_CORNERS, RIGHT_CORNERS), EYES):
            contour, iris = in_portrait(outputs[f"{side}_eye"][0]), in_portrait(outputs[f"{side}_iris"][0])
            points = in_portrait(outputs["points"][0])
            self.assertLess((contour[list(CONTOUR_CORNERS)] - points[list(corners)]).norm(dim=1).max(), 2)
            self.assertLess((iris[0] - torch.tensor(eye)).norm(), 2)
            right, top, left, bottom = iris[1:]
            self.assertLess(left[0], iris[0, 0])
            self.assertLess(iris[0, 0], right[0])
            self.assertLess(top[1], iris[0, 1])
            self.assertLess(iris[0, 1], bottom[1])

    def test_attention_mirrored_swaps_the_irises(self):
        outputs = run(files.converted()["attention.onnx"], portrait.crops(ImageOps.mirror))
        mirrored = portrait.SIZE - outputs["right_iris"][1, 0, 0]
        self.assertLess((outputs["left_iris"][0, 0, 0] - mirrored).abs(), 3)


if __name__ == "__main__":
    unittest.main()
