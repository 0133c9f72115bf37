"""Images are cut, turned and generated as the measures say."""

import unittest
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from PIL import Image

import close
import media
import phantoms
import photos
import pose
import report
import textures
import turned
from matching import Counts


def face(box, roll=0.0, label="neutral", **pose_angles):
    return {"face_id": 1, "confidence": 0.9, "box": dict(zip(("x", "y", "width", "height"), box)),
            "pose": {"roll": roll, "yaw": 0.0, "pitch": 0.0, **pose_angles}, "dominant_emotion": label}


def marked(size, box):
    """A black image with a white box."""
    image = Image.new("L", size)
    image.paste(255, (box[0], box[1], box[0] + box[2], box[1] + box[3]))
    return image


def marks(image):
    """The box of what is white."""
    left, top, right, bottom = image.point(lambda level: 255 * (level > 127)).getbbox()
    return left, top, right - left, bottom - top


class ClosePortraits(unittest.TestCase):
    box = (80, 70, 90, 90)

    def test_the_box_has_the_ratio_and_stays_on_the_face(self):
        for ratio in close.RATIOS:
            image, box = close.cut(marked((256, 256), self.box), self.box, ratio)
            self.assertAlmostEqual(box[3] / image.height, ratio, delta=0.01)
            if ratio < 1:
                self.assertEqual(marks(image), box)

    def test_a_crop_stays_inside_the_image(self):
        image, box = close.cut(marked((256, 256), (0, 0, 90, 90)), (0, 0, 90, 90), 0.67)
        self.assertEqual((image.size, box), ((134, 134), (0, 0, 90, 90)))

    def test_the_choice_is_the_same_in_every_call(self):
        self.assertEqual(close.choose(range(20), 45), close.choose(range(20), 45))
        self.assertEqual(len(set(close.choose(range(20), 45))), 45)
        self.assertEqual(len(close.choose(range(2), 45)), 2 * len(close.RATIOS))

    def test_answers_are_tallied(self):
        on_it, elsewhere = [face(self.box)], [face((0, 0, 9, 9))]
        answers = [(faces, self.box) for faces in (on_it, elsewhere, [], on_it + elsewhere)]
        self.assertEqual(close.tally(answers), (2, 1, 1, 1))


class TurnedPortraits(unittest.TestCase):
    def test_boxes_turn_with_the_image(self):
        box = (10, 20, 30, 40)
        for angle, how in turned.TURNS.items():
            image = marked((100, 200), box)
            self.assertEqual(turned.turn_box(box, image.size, angle), marks(image.transpose(how)), angle)

    def test_a_turned_face_is_judged_by_its_place_roll_and_label(self):
        box = (10, 20, 30, 30)
        upright = face(box, roll=5.0)
        for faces, expected in (([face(box, roll=-170.0)], "right"), ([], "no face"),
                                ([face(box, roll=-175.0), face((90, 0, 9, 9))], "wrong place"),
                                ([face((90, 0, 9, 9), roll=-175.0)], "wrong place"),
                                ([face(box, roll=5.0)], "wrong roll"),
                                ([face(box, roll=170.0, label="anger")], "wrong label")):
            self.assertEqual(turned.judge(upright, faces, box, 180), expected)

    def test_upside_down_portraits_may_have_no_face_but_those_on_their_side_must(self):
        def goals_met(right, none):
            kinds = dict.fromkeys(turned.KINDS, 0) | {"right": right, "no face": none}
            return [met for _, _, met in turned.goals(dict.fromkeys(turned.TURNS, kinds), 100)]

        self.assertEqual(goals_met(95, 0), [True, True])
        self.assertEqual(goals_met(50, 40), [True, False])
        self.assertEqual(goals_met(50, 39), [False, False])


class Pose(unittest.TestCase):
    def test_angles_are_compared_around_the_circle(self):
        self.assertEqual(pose.angle_between(175, -175), 10)
        self.assertEqual(pose.angle_between(5, 185), 180)
        self.assertEqual(pose.angle_between(-30, 30), 60)

    def test_points_map_to_where_the_image_turns_them(self):
        image = marked((200, 100), (150, 20, 9, 9)).convert("RGB")
        for angle in (-40, 15, 90):
            result = pose.turn(image, angle)
            x, y = pose.mapping(image.size, result.size, angle)(154.5, 24.5)
            left, top, width, height = marks(result.point(lambda level: 255 * (level > 200)).convert("L"))
            self.assertAlmostEqual(left + width / 2, x, delta=1)
            self.assertAlmostEqual(top + height / 2, y, delta=1)

    def test_faces_are_paired_by_their_centres(self):
        before = [face((0, 0, 30, 30)), face((100, 0, 30, 30))]
        after = [face((168, 0, 30, 30)), face((40, 0, 30, 30))]
        pairs = pose.same_faces(before, after, lambda x, y: (200 - x, y))
        self.assertEqual(pairs, [(before[0], after[0])])

    def test_a_goal_is_missed_if_too_many_faces_exceed_the_limit(self):
        errors = {("mirrored", "yaw"): [1.0] * 95 + [90.0] * 5, ("turned", "roll"): [1.0] * 94 + [3.5] * 6}
        self.assertEqual([met for _, _, met in pose.report(errors, 100).goals], [True, False])

    def test_large_images_are_reduced(self):
        self.assertEqual(pose.reduced(Image.new("RGB", (2000, 500))).size, (1000, 250))
        self.assertEqual(pose.reduced(Image.new("RGB", (20, 500))).size, (20, 500))


class EmptyImages(unittest.TestCase):
    def test_textures_are_the_same_in_every_call(self):
        first, second = textures.generate(), textures.generate()
        self.assertEqual(len(first), 5 * textures.COUNT)
        self.assertEqual({image.size for image in first}, {textures.SIZE})
        for a, b in zip(first, second):
            np.testing.assert_array_equal(np.asarray(a), np.asarray(b))

    def test_clothes_are_below_the_face(self):
        def portrait(box):
            return SimpleNamespace(boxes=(box,), open=lambda: marked((256, 256), box))

        parts = phantoms.clothes([portrait((80, 60, 90, 90)), portrait((80, 100, 90, 90))])
        self.assertEqual([part.size for part in parts], [(256, 61)])
        self.assertIsNone(parts[0].getbbox())  # nothing of the face

    def test_windows_cover_the_image(self):
        found = phantoms.windows(Image.new("RGB", (90, 60)))
        self.assertEqual([image.size for image in found], [(90, 60)] + 9 * [(30, 20)])

    def test_lost_faces_and_wrong_boxes_are_counted_at_each_threshold(self):
        photo = SimpleNamespace(boxes=((0, 0, 20, 20), (50, 0, 20, 20)))
        right, elsewhere = face((0, 0, 20, 20)), face((200, 0, 20, 20))
        lost, wrong = phantoms.faces_lost([photo, photo], [[[right, elsewhere], [right]], [[right], []], [[], []]])
        self.assertEqual(lost[1:-1], ["4", "2 (50.0 %)", "3 (75.0 %)", "4 (100.0 %)"])
        self.assertEqual(wrong[1:-1], ["4", "1 (25.0 %)", "0 (0.0 %)", "0 (0.0 %)"])

    def test_images_without_a_face_and_with_several_are_counted(self):
        none, several = phantoms.without_boxes([[[1], [1, 2]], [[1], [1]], [[], [1]]])
        self.assertEqual(none[2:-1], ["0 (0.0 %)", "0 (0.0 %)", "1 (50.0 %)"])
        self.assertEqual(several[2:-1], ["1 (50.0 %)", "0 (0.0 %)", "0 (0.0 %)"])


class Photos(unittest.TestCase):
    def test_the_goals_are_those_of_the_crowd_and_of_the_others(self):
        def met(crowd, other):
            return [met for _, _, met in photos.goals({"crowd": crowd, "a": Counts(5), "b": other}, "crowd")]

        self.assertEqual(met(Counts(27, 0, 2), Counts(4, 0, 0)), [True, True])
        self.assertEqual(met(Counts(29, 1, 0), Counts(3, 0, 1)), [False, False])
        self.assertEqual(met(Counts(26, 0, 3), Counts(4, 1, 0)), [False, False])


class References(unittest.TestCase):
    media = media.Media(Path("nowhere"))

    def test_there_is_a_box_for_each_portrait(self):
        portraits = self.media.portraits()
        self.assertEqual(len(portraits), 100)
        self.assertEqual({len(photo.boxes) for photo in portraits}, {1})

    def test_group_photographs_name_the_number_of_their_faces(self):
        for photo in self.media.groups():
            expected = int(photo.name.split("-")[1]) if "-" in photo.name else 1
            self.assertEqual(len(photo.boxes), expected, photo.name)

    def test_the_classroom_has_four_people_in_each_frame(self):
        self.assertEqual({len(people) for people in self.media.truth("classroom.mp4", 30)}, {4})

    def test_people_are_in_a_video_from_their_first_to_their_last_keyframe(self):
        people = self.media.truth("noface_face.mov", 64)
        self.assertEqual([number for number, seen in enumerate(people) if seen], list(range(39, 63)))

    def test_boxes_are_interpolated(self):
        keyframes = {"2": [0, 0, 10, 10], "6": [8, 4, 20, 30]}
        self.assertEqual(media.interpolate(keyframes, 3), (2, 1, 12.5, 15))
        self.assertEqual(media.interpolate(keyframes, 6), (8, 4, 20, 30))
        self.assertIsNone(media.interpolate(keyframes, 1))
        self.assertIsNone(media.interpolate(keyframes, 7))


class Reports(unittest.TestCase):
    def test_percentiles_are_values_that_enough_others_do_not_exceed(self):
        self.assertEqual(report.percentile(range(1, 101), 0.95), 95)
        self.assertEqual(report.percentile([7], 0.5), 7)
        self.assertEqual(report.percentile([3, 1, 2], 0.5), 2)

    def test_shares_of_nothing_are_a_dash(self):
        self.assertEqual((report.percent(1, 8), report.percent(0, 0)), ("12.5 %", "—"))

    def test_missed_goals_are_named(self):
        result = report.Report([["a", ""], ["b", ""]], [("all", "1 of 2", False), ("some", "1", True)])
        self.assertFalse(result.all_met)
        self.assertEqual(result.as_text().splitlines()[-2:],
                         ["MISSED: all (measured: 1 of 2)", "met: some (measured: 1)"])


if __name__ == "__main__":
    unittest.main()
