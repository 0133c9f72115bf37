"""Frames are sent in time, and scenes show who is where."""

import io
import sched
import unittest

import numpy as np
from PIL import Image

import blinks
import motion
import scenes
import videos
from media import encode
from program import Program, in_time
from tracks import Score, Seen


class Clock:
    """Time that passes only by waiting and by `late` seconds in each action of that number."""

    def __init__(self, late):
        self.now, self.late, self.calls = 100.0, late, []

    def act(self, number):
        self.calls.append(round(self.now - 100, 3))
        self.now += self.late.get(number, 0)

    def wait(self, seconds):
        self.now += seconds


def called(count, late=None):
    """When the actions are called, for actions that take long."""
    clock = Clock(late or {})
    in_time(clock.act, count, 0.1, sched.scheduler(lambda: clock.now, clock.wait))
    return clock.calls


class Pace(unittest.TestCase):
    def test_frames_are_sent_at_the_interval(self):
        self.assertEqual(called(4), [0, 0.1, 0.2, 0.3])
        self.assertEqual(called(0), [])

    def test_short_delays_do_not_shift_the_following_frames(self):
        self.assertEqual(called(4, {0: 0.05, 1: 0.02}), [0, 0.1, 0.2, 0.3])

    def test_long_delays_shift_them_without_catching_up(self):
        self.assertEqual(called(4, {1: 0.35}), [0, 0.1, 0.45, 0.55])


class Blinks(unittest.TestCase):
    def test_are_added_up_for_all_faces_also_while_eyes_cannot_be_seen(self):
        def face(number, blinks):
            return {"face_id": number, "eyes": None if blinks is None else {"blinks": blinks}}

        frames = [[], [face(1, 0)], [face(1, 1), face(2, 0)], [face(1, None), face(2, 1)], [face(3, 1)]]
        self.assertEqual(blinks.counted(frames), [0, 0, 1, 2, 3])


class Settings(unittest.TestCase):
    def test_become_environment_variables(self):
        program = Program({"vision.max_measured": "4"}, "emostream")
        environment = program.environment({"vision.min_confidence": 0.65})
        chosen = {name: value for name, value in environment.items() if name.startswith("EMOSTREAM_")}
        self.assertEqual(chosen, {"EMOSTREAM_VISION_MAX_MEASURED": "4", "EMOSTREAM_VISION_MIN_CONFIDENCE": "0.65"})


class Scenes(unittest.TestCase):
    head = scenes.Head(Image.new("RGBA", (40, 50), (255, 255, 255, 255)), (10, 15, 20, 20))

    def test_a_face_behind_a_nearer_one_is_hidden(self):
        people = scenes.seen({0: (100, 100, 50), 1: (110, 100, 40), 2: (300, 100, 40)})
        self.assertEqual({person: seen.hidden for person, seen in people.items()}, {0: False, 1: True, 2: False})

    def test_a_face_outside_is_not_there_and_one_at_the_edge_is_hidden(self):
        people = scenes.seen({0: (-30, 100, 50), 1: (-5, 200, 50), 2: (5, 300, 50)})
        self.assertEqual({person: seen.hidden for person, seen in people.items()}, {1: True, 2: False})

    def test_a_head_is_drawn_where_the_truth_says(self):
        frame = Image.new("RGB", scenes.SIZE)
        places = {0: (200.5, 120.0, 60)}
        encoded = scenes.photograph(frame, places, [self.head], np.random.default_rng(1))
        scale = 60 / 20
        bright = np.asarray(Image.open(io.BytesIO(encoded)).convert("L")) > 127
        left, top, width, height = scenes.face_box(places[0])
        expected = left - 10 * scale, top - 15 * scale, left + 30 * scale, top + 35 * scale
        rows, columns = np.flatnonzero(bright.any(axis=1)), np.flatnonzero(bright.any(axis=0))
        measured = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
        for a, b in zip(measured, expected):
            self.assertAlmostEqual(a, b, delta=1.5)

    def test_motions_have_the_people_and_the_events_that_they_name(self):
        for name, moving in scenes.MOTIONS.items():
            frames = [scenes.seen({person: moving.place(person, t / 10) for person in range(moving.people)})
                      for t in range(round(moving.seconds * 10))]
            self.assertEqual(len({person for people in frames for person in people}), moving.people, name)
            self.assertEqual(any(seen.hidden for people in frames for seen in people.values()),
                             name in ("crossing", "re-entry"), name)

    def test_who_returns_was_away_for_about_a_second(self):
        people = [scenes.seen({0: scenes.re_entry(0, frame / 10)}) for frame in range(50)]
        away = [frame for frame, seen in enumerate(people) if not seen or seen[0].hidden]
        self.assertEqual(away, list(range(min(away), max(away) + 1)))
        self.assertTrue(8 <= len(away) <= 12, away)

    def test_rendering_is_reproducible(self):
        moving = scenes.Motion(1, 0.2, lambda person, t: (100 + 50 * t, 100, 40))
        first, second = (scenes.render(moving, [self.head], np.random.default_rng(1)) for _ in range(2))
        self.assertEqual(first, second)
        self.assertEqual(len(first[0]), 2)


class WrongFrames(unittest.TestCase):
    frame = encode(Image.new("RGB", (64, 64)), "JPEG")
    ann, bob = Seen((0, 0, 20, 20)), Seen((40, 0, 20, 20))

    def wrong(self, people, *boxes):
        faces = [{"face_id": n, "box": dict(zip(("x", "y", "width", "height"), box))} for n, box in enumerate(boxes)]
        return [failure.name for failure in videos.wrong_frames("v", [self.frame], [people], [faces])]

    def test_are_those_with_a_missed_face_or_a_phantom(self):
        people = {"ann": self.ann, "bob": self.bob}
        self.assertEqual(self.wrong(people, self.ann.box, self.bob.box), [])
        self.assertEqual(self.wrong(people, self.ann.box), ["v-000"])
        self.assertEqual(self.wrong({"ann": self.ann}, self.ann.box, self.bob.box), ["v-000"])

    def test_are_not_those_in_which_a_hidden_face_is_missed(self):
        self.assertEqual(self.wrong({"ann": self.ann, "bob": Seen(self.bob.box, hidden=True)}, self.ann.box), [])


class Goals(unittest.TestCase):
    def test_of_moving_faces_are_about_the_worst_motion_and_the_labels_of_steady_faces(self):
        def met(identified, changes):
            outcomes = {"crossing": motion.Outcome(Score(100, 100, 100, identified), 50, 10),
                        "steady": motion.Outcome(Score(100, 100, 100, 100), changes, 100)}
            return [met for _, _, met in motion.report(outcomes, []).goals]

        self.assertEqual(met(95, 20), [True, True])
        self.assertEqual(met(94, 21), [False, False])

    def test_of_the_classroom_include_the_faces_found(self):
        def met(**figures):
            result = Score(**{"faces": 120, "found": 112, "reported": 112, "identified": 112} | figures)
            return [met for _, _, met in videos.goals_of("x", "classroom.mp4", result)]

        self.assertEqual(met(), [True, True, True])
        self.assertEqual(met(found=111, phantom_ids=1), [False, False, True])
        self.assertEqual(met(identified=100), [True, True, False])

    def test_of_a_video_without_faces_are_no_phantoms(self):
        self.assertEqual(len(videos.goals_of("x", "no_face.mp4", Score())), 1)


if __name__ == "__main__":
    unittest.main()
