"""Alignment, simulated capture conditions and the thresholds of the quality flags; needs no server and no data."""

import io
import json
import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import numpy as np
from PIL import Image

import alignment
import card
import robustness
import scenes
import server

CROP = alignment.portrait_crop()


class Alignment(unittest.TestCase):
    def test_a_crop_extracted_where_it_was_drawn_is_nearly_unchanged(self):
        for side, roll, shift in ((48, 0, (0, 0)), (100, 25, (3.3, -2)), (240, -30, (0, 7.5))):
            centre = (170 + shift[0], 170 + shift[1])
            image = alignment.draw_crop(CROP, side, roll, centre, (340, 340))
            eyes = alignment.eye_positions(*alignment.crop_transform(side, roll, centre))
            difference = np.abs(alignment.extract_crop(image, *eyes) - CROP).mean()
            self.assertLess(difference, 4, (side, roll))

    def test_eye_positions_follow_the_eye_layout(self):
        (left, top), (right, bottom) = alignment.eye_positions(*alignment.crop_transform(480, 90, (240, 240)))
        self.assertAlmostEqual(left, right)
        self.assertLess(top, bottom)  # rolled clockwise by 90 degrees, the left eye is above the right one
        self.assertAlmostEqual(bottom - top, 480 * (alignment.RIGHT_EYE[0] - alignment.LEFT_EYE[0]))

    def test_the_fixture_of_the_server_is_generated_by_this_code(self):
        with tempfile.TemporaryDirectory() as folder:
            alignment.write_fixture(Path(folder))
            for name in sorted(path.name for path in alignment.FIXTURE.iterdir()):
                generated, committed = Path(folder) / name, alignment.FIXTURE / name
                if name.endswith(".json"):
                    self.assertEqual(json.loads(generated.read_text()), json.loads(committed.read_text()))
                else:
                    np.testing.assert_array_equal(np.asarray(Image.open(generated)),
                                                  np.asarray(Image.open(committed)), name)


class Scenes(unittest.TestCase):
    crops = CROP[None].repeat(2, axis=0)

    def test_the_neutral_scene_changes_nothing(self):
        self.assertTrue((scenes.apply_to_crops(self.crops, scenes.NEUTRAL) == self.crops).all())

    def test_conditions_change_what_they_apply_to(self):
        plain = scenes.render_image(CROP, scenes.NEUTRAL, 1.0, np.random.default_rng(1))
        for group, name, scene in scenes.CONDITIONS[1:]:
            posed = scenes.pose(self.crops, scene)[0]
            image, again = (scenes.render_image(posed, scene, 1.0, np.random.default_rng(1)) for _ in range(2))
            self.assertEqual(image, again, name)
            if group != "frame":
                self.assertNotEqual(image, plain, name)
            changed = scenes.apply_to_crops(self.crops, scene)
            self.assertEqual((changed.shape, changed.dtype), (self.crops.shape, np.uint8), name)
            if scene.crop_side < 48 or group not in ("size", "640×480"):
                self.assertFalse((changed == self.crops).all(), name)

    def test_renders_jpeg_images(self):
        encoded = scenes.render_image(CROP, scenes.Scene(quality=30), 1.0, None)
        image = Image.open(io.BytesIO(encoded))
        self.assertEqual((image.format, image.size), ("JPEG", (256, 256)))

    def test_rolls_to_both_sides_alternately(self):
        rolled = scenes.apply_to_crops(self.crops, scenes.Scene(roll=30))
        self.assertFalse((rolled[0] == rolled[1]).all())

    def test_crops_and_images_roll_in_the_same_direction(self):
        scene = scenes.Scene(roll=20)
        drawn = scenes.draw_on_canvas(CROP, scene, 1.0).crop((64, 64, 192, 192)).resize((48, 48))
        rolled = scenes.apply_to_crops(self.crops, scene)
        self.assertLess(np.abs(np.asarray(drawn, float) - rolled[0])[12:36, 12:36].mean(), 8)
        self.assertGreater(np.abs(np.asarray(drawn, float) - rolled[1])[12:36, 12:36].mean(), 16)

    def test_shift_moves_right_and_down(self):
        dot = np.zeros((1, 48, 48), np.uint8)
        dot[0, 10, 20] = 200
        moved = scenes.apply_to_crops(dot, scenes.Scene(shift=0.125))
        self.assertEqual(np.unravel_index(moved[0].argmax(), (48, 48)), (16, 26))


class Thresholds(unittest.TestCase):
    def test_isotonic_fit_is_monotone_and_keeps_the_mean(self):
        rng = np.random.default_rng(1)
        measures, correct = rng.random(500), rng.random(500) < 0.6
        ordered, fit = robustness.isotonic_fit(measures, correct)
        self.assertTrue((np.diff(ordered) >= 0).all() and (np.diff(fit) >= -1e-12).all())
        self.assertAlmostEqual(fit.mean(), correct.mean())

    def test_threshold_is_where_the_accuracy_drops(self):
        rng = np.random.default_rng(1)
        measures = rng.random(20_000) * 100
        correct = rng.random(20_000) < np.where(measures < 30, 0.5, 0.9)
        value, drops = robustness.find_threshold(measures, correct, 0.9, True)
        self.assertTrue(drops)
        self.assertAlmostEqual(value, 30, delta=0.5)
        value, drops = robustness.find_threshold(-measures, correct, 0.9, False)
        self.assertAlmostEqual(value, -30, delta=0.5)

    def test_without_a_drop_the_threshold_is_the_worst_measured_value(self):
        measures = np.arange(1.0, 101)
        self.assertEqual(robustness.find_threshold(measures, np.ones(100), 1.0, True), (1.0, False))
        self.assertEqual(robustness.find_threshold(measures, np.ones(100), 1.0, False), (100.0, False))


def face(size, correct=True, yaw=0.0):
    return {"prediction": 1 if correct else 2, "size_px": size, "blur": size * 10.0, "yaw": yaw,
            "brightness": size / 200}


def results():
    """Results like those of `robustness.measure_all`: faces under 30 pixels are classified wrongly, and every fourth
    face is not found."""
    everything = []
    for index, (group, _, scene) in enumerate(scenes.CONDITIONS):
        indices = robustness.sample_indices(40, None if index == 0 else 20)
        result = {"index": index, "faces_used": indices, "labels": np.ones(len(indices), int)}
        if group != "640×480":
            result["correct"] = np.ones(len(indices), bool)
        if group != "frame":
            result["faces"] = [None if i % 4 == 3 else face(scene.crop_side, scene.crop_side >= 30, yaw=i)
                               for i in range(len(indices))]
        everything.append(result)
    return everything


class Summary(unittest.TestCase):
    def setUp(self):
        self.summary = robustness.summary(results())

    def test_has_a_row_per_condition(self):
        rows = {row["name"]: row for row in self.summary["rows"]}
        self.assertEqual(len(rows), len(scenes.CONDITIONS))
        self.assertEqual(rows["as it is"]["found"], 0.6)  # of the 20 faces of each row, not of all 40
        self.assertEqual(self.summary["alignment"]["faces"], 30)
        self.assertEqual(rows["a frame of 24×24 pixels"]["served"], 0)
        self.assertEqual(rows["a frame of 64×64 pixels"]["served"], 1)
        self.assertIsNone(rows["scaled by 0.85"]["found"])
        self.assertIsNone(rows["a frame of 96×96 pixels in a picture of 640×480"]["given"])

    def test_has_the_flags_with_their_thresholds(self):
        flags = self.summary["flags"]
        self.assertEqual((flags["too_small"]["limit"], flags["too_small"]["falls"]), (32, True))
        self.assertEqual(flags["too_small"]["accuracy_flagged"], 0)
        self.assertFalse(flags["side_view"]["falls"])

    def test_header_and_card_contain_the_thresholds(self):
        header = robustness.header(self.summary["flags"])
        self.assertIn("constexpr float small_px = 32;", header)
        text = card.robustness(self.summary)
        self.assertIn("under 32 pixels", text)
        self.assertIn("did not drop", text)
        self.assertIn("| a crop of 24×24 pixels in an image of 640×480 |", text)
        self.assertIn("training/robustness.py", card.robustness(None))

    def test_draws_the_plots(self):
        with tempfile.TemporaryDirectory() as folder:
            robustness.plot_rows(self.summary["rows"], Path(folder) / "rows.png")
            robustness.plot_flags(self.summary["flags"], Path(folder) / "flags.png")
            self.assertEqual(len(list(Path(folder).iterdir())), 2)

    def test_the_card_ignores_figures_of_another_model(self):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            self.assertIsNone(card.measured_figures(folder, "robustness.json"))
            (folder / "model.onnx").write_bytes(b"one")
            (folder / "robustness.json").write_text(json.dumps(
                {"model_sha256": server.sha256(folder / "model.onnx")}))
            self.assertIsNotNone(card.measured_figures(folder, "robustness.json"))
            (folder / "model.onnx").write_bytes(b"another")
            self.assertIsNone(card.measured_figures(folder, "robustness.json"))


class ServerResults(unittest.TestCase):
    result = {"resolution": [256, 256], "faces": [{
        "box": {"x": 70.0, "y": 80.0, "width": 110.0, "height": 110.0}, "dominant_emotion": "fear",
        "pose": {"yaw": -12.0, "pitch": 0, "roll": 3.0},
        "quality": {"size_px": 110.0, "blur": 900.0, "brightness": 0.4, "flags": []}}]}

    def test_finds_the_drawn_face(self):
        found = robustness.find_face(self.result, scenes.NEUTRAL)
        self.assertEqual((found["prediction"], found["yaw"], found["size_px"]), (6, 12.0, 110.0))

    def test_a_face_beside_the_crop_does_not_count(self):
        self.assertIsNone(robustness.find_face({"resolution": [256, 256], "faces": []}, scenes.NEUTRAL))
        self.assertIsNone(robustness.find_face({**self.result, "resolution": [640, 640]}, scenes.NEUTRAL))

    def test_the_server_runs_the_measured_model_with_default_settings(self):
        with mock.patch.dict(os.environ, {"EMOSTREAM_VISION_DETECTOR": "front", "HOME": "/home/me"}):
            environment = server.server_environment(Path("models/mine"))
        self.assertEqual(environment["EMOSTREAM_VISION_CLASSIFIER"], "models/mine")
        self.assertEqual(environment["HOME"], "/home/me")
        self.assertNotIn("EMOSTREAM_VISION_DETECTOR", environment)


if __name__ == "__main__":
    unittest.main()
