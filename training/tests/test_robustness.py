"""Scenes, framing and the search for a measure's bound; no server and no faces are needed."""

import io
import json
import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import numpy as np
from PIL import Image

import card
import framing
import robustness
import scenes

FRAME = framing.portrait()


class Framing(unittest.TestCase):
    def test_a_frame_cut_out_where_it_was_drawn_is_itself(self):
        for side, roll, shift in ((48, 0, (0, 0)), (100, 25, (3.3, -2)), (240, -30, (0, 7.5))):
            middle = (170 + shift[0], 170 + shift[1])
            picture = framing.draw(FRAME, side, roll, middle, (340, 340))
            eyes = framing.eyes_at(*framing.placement(side, roll, middle))
            apart = np.abs(framing.cut(picture, *eyes) - FRAME).mean()
            self.assertLess(apart, 4, (side, roll))

    def test_eyes_lie_where_they_are_framed(self):
        (left, top), (right, bottom) = framing.eyes_at(*framing.placement(480, 90, (240, 240)))
        self.assertAlmostEqual(left, right)
        self.assertLess(top, bottom)  # leaning clockwise, the left eye is the upper one
        self.assertAlmostEqual(bottom - top, 480 * (framing.RIGHT_EYE[0] - framing.LEFT_EYE[0]))

    def test_the_fixture_of_the_server_is_made_by_this_code(self):
        with tempfile.TemporaryDirectory() as folder:
            framing.write(Path(folder))
            for name in sorted(path.name for path in framing.FIXTURE.iterdir()):
                ours, theirs = Path(folder) / name, framing.FIXTURE / name
                if name.endswith(".json"):
                    self.assertEqual(json.loads(ours.read_text()), json.loads(theirs.read_text()))
                else:
                    np.testing.assert_array_equal(np.asarray(Image.open(ours)),
                                                  np.asarray(Image.open(theirs)), name)


class Scenes(unittest.TestCase):
    frames = FRAME[None].repeat(2, axis=0)

    def test_nothing_is_done_unasked(self):
        self.assertTrue((scenes.given(self.frames, scenes.NEUTRAL) == self.frames).all())

    def test_every_condition_changes_given_frames_and_pictures(self):
        chance = np.random.default_rng
        plain = scenes.picture(FRAME, scenes.NEUTRAL, 1.0, chance(1))
        for group, name, scene in scenes.CONDITIONS[1:]:
            posed = scenes.posed(self.frames, scene)[0]
            made = scenes.picture(posed, scene, 1.0, chance(1))
            self.assertEqual(made, scenes.picture(posed, scene, 1.0, chance(1)), name)
            if group != "frame":
                self.assertNotEqual(made, plain, name)
            seen = scenes.given(self.frames, scene)
            self.assertEqual((seen.shape, seen.dtype), (self.frames.shape, np.uint8), name)
            if scene.side < 48 or group not in ("size", "640×480"):
                self.assertFalse((seen == self.frames).all(), name)

    def test_jpeg_is_what_a_reader_of_jpeg_sees(self):
        made = scenes.picture(FRAME, scenes.Scene(quality=30), 1.0, None)
        picture = Image.open(io.BytesIO(made))
        self.assertEqual((picture.format, picture.size), ("JPEG", (256, 256)))

    def test_both_sides_in_turns(self):
        rolled = scenes.given(self.frames, scenes.Scene(roll=30))
        self.assertFalse((rolled[0] == rolled[1]).all())

    def test_given_and_drawn_roll_the_same_way(self):
        scene = scenes.Scene(roll=20)
        drawn = scenes.drawn(FRAME, scene, 1.0).crop((64, 64, 192, 192)).resize((48, 48))
        rolled = scenes.given(self.frames, scene)
        self.assertLess(np.abs(np.asarray(drawn, float) - rolled[0])[12:36, 12:36].mean(), 8)
        self.assertGreater(np.abs(np.asarray(drawn, float) - rolled[1])[12:36, 12:36].mean(), 16)

    def test_shift_moves_right_and_down(self):
        dot = np.zeros((1, 48, 48), np.uint8)
        dot[0, 10, 20] = 200
        moved = scenes.given(dot, scenes.Scene(shift=0.125))
        self.assertEqual(np.unravel_index(moved[0].argmax(), (48, 48)), (16, 26))


class Bounds(unittest.TestCase):
    def test_isotonic_never_falls_and_keeps_the_mean(self):
        chance = np.random.default_rng(1)
        measures, right = chance.random(500), chance.random(500) < 0.6
        ordered, fit = robustness.isotonic(measures, right)
        self.assertTrue((np.diff(ordered) >= 0).all() and (np.diff(fit) >= -1e-12).all())
        self.assertAlmostEqual(fit.mean(), right.mean())

    def test_finds_where_accuracy_falls(self):
        chance = np.random.default_rng(1)
        measures = chance.random(20_000) * 100
        right = chance.random(20_000) < np.where(measures < 30, 0.5, 0.9)
        value, falls = robustness.bound(measures, right, 0.9, True)
        self.assertTrue(falls)
        self.assertAlmostEqual(value, 30, delta=0.5)
        value, falls = robustness.bound(-measures, right, 0.9, False)
        self.assertAlmostEqual(value, -30, delta=0.5)

    def test_without_a_fall_the_bound_is_the_worst_that_was_seen(self):
        measures = np.arange(1.0, 101)
        self.assertEqual(robustness.bound(measures, np.ones(100), 1.0, True), (1.0, False))
        self.assertEqual(robustness.bound(measures, np.ones(100), 1.0, False), (100.0, False))


def face(size, right=True, yaw=0.0):
    return {"answer": 1 if right else 2, "size_px": size, "blur": size * 10.0, "yaw": yaw,
            "brightness": size / 200}


def results():
    """Answers as `robustness.collect` gives them: faces under 30 pixels are wrong, and each fourth is
    not found."""
    everything = []
    for index, (group, _, scene) in enumerate(scenes.CONDITIONS):
        chosen = robustness.chosen_faces(40, None if index == 0 else 20)
        one = {"index": index, "chosen": chosen, "labels": np.ones(len(chosen), int)}
        if group != "640×480":
            one["right"] = np.ones(len(chosen), bool)
        if group != "frame":
            one["faces"] = [
                None if i % 4 == 3 else face(scene.side, scene.side >= 30, yaw=i) for i in range(len(chosen))]
        everything.append(one)
    return everything


class Summary(unittest.TestCase):
    def setUp(self):
        self.found = robustness.summary(results())

    def test_rows(self):
        rows = {row["name"]: row for row in self.found["rows"]}
        self.assertEqual(len(rows), len(scenes.CONDITIONS))
        self.assertEqual(rows["as it is"]["found"], 0.6)  # of the 20, not of all 40
        self.assertEqual(self.found["alignment"]["faces"], 30)
        self.assertEqual(rows["a frame of 24×24 pixels"]["served"], 0)
        self.assertEqual(rows["a frame of 64×64 pixels"]["served"], 1)
        self.assertIsNone(rows["scaled by 0.85"]["found"])
        self.assertIsNone(rows["a frame of 96×96 pixels in a picture of 640×480"]["given"])

    def test_flags(self):
        flags = self.found["flags"]
        self.assertEqual((flags["too_small"]["limit"], flags["too_small"]["falls"]), (32, True))
        self.assertEqual(flags["too_small"]["accuracy_flagged"], 0)
        self.assertFalse(flags["side_view"]["falls"])

    def test_header_and_card_tell_them(self):
        text = robustness.header(self.found["flags"])
        self.assertIn("constexpr float small_px = 32;", text)
        told = card.robustness(self.found)
        self.assertIn("under 32 pixels", told)
        self.assertIn("no such fall was seen", told)
        self.assertIn("training/robustness.py", card.robustness(None))

    def test_plots(self):
        with tempfile.TemporaryDirectory() as folder:
            robustness.plot_rows(self.found["rows"], Path(folder) / "rows.png")
            robustness.plot_flags(self.found["flags"], Path(folder) / "flags.png")
            self.assertEqual(len(list(Path(folder).iterdir())), 2)

    def test_figures_of_another_model_are_not_told(self):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            self.assertIsNone(card.measured_robustness(folder))
            (folder / "model.onnx").write_bytes(b"one")
            (folder / "robustness.json").write_text(json.dumps(
                {"model_sha256": robustness.model_sha256(folder)}))
            self.assertIsNotNone(card.measured_robustness(folder))
            (folder / "model.onnx").write_bytes(b"another")
            self.assertIsNone(card.measured_robustness(folder))


class Answers(unittest.TestCase):
    line = {"resolution": [256, 256], "faces": [{
        "box": {"x": 70.0, "y": 80.0, "width": 110.0, "height": 110.0}, "dominant_emotion": "fear",
        "pose": {"yaw": -12.0, "pitch": 0, "roll": 3.0},
        "quality": {"size_px": 110.0, "blur": 900.0, "brightness": 0.4, "flags": []}}]}

    def test_the_face_that_was_drawn(self):
        found = robustness.face_of(self.line, scenes.NEUTRAL)
        self.assertEqual((found["answer"], found["yaw"], found["size_px"]), (6, 12.0, 110.0))

    def test_of_the_model_that_is_measured(self):
        with mock.patch.dict(os.environ, {"EMOSTREAM_VISION_DETECTOR": "front", "HOME": "/home/me"}):
            found = robustness.serving(Path("models/mine"))
        self.assertEqual(found["EMOSTREAM_VISION_CLASSIFIER"], "models/mine")
        self.assertEqual(found["HOME"], "/home/me")
        self.assertNotIn("EMOSTREAM_VISION_DETECTOR", found)

    def test_none_or_one_beside_it_is_not_found(self):
        self.assertIsNone(robustness.face_of({"resolution": [256, 256], "faces": []}, scenes.NEUTRAL))
        self.assertIsNone(robustness.face_of({**self.line, "resolution": [640, 640]}, scenes.NEUTRAL))


if __name__ == "__main__":
    unittest.main()
