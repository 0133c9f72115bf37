"""Ids and labels of faces that move in rendered scenes, sent to the server as a camera would."""

import random
from dataclasses import dataclass

import numpy as np

from media import FPS
from program import stream
from report import Report
from scenes import MOTIONS, cut_head, is_whole, render
from tracks import Score, label_changes, score
from videos import MIN_IDF1, figures, wrong_frames

REPEATS = 5  # scenes of each motion, with other people
MIN_FACE = 75  # pixels, in the portraits that are used
STEADY, MAX_LABEL_CHANGES = "steady", 0.2  # per second


@dataclass
class Outcome:
    """What was measured in the scenes of a motion. `changes`: of labels, in `seconds` of faces in view."""

    score: Score = Score()
    changes: int = 0
    seconds: float = 0.0

    @property
    def rate(self):
        return self.changes / self.seconds if self.seconds else 0.0


def run(media, program, options):
    portraits = [photo for photo in media.portraits() if photo.boxes[0][3] >= MIN_FACE and is_whole(photo)]
    outcomes, failures = {}, []
    with program.serve() as server:
        for name, motion in MOTIONS.items():
            outcome = outcomes[name] = Outcome()
            for repeat in range(options.repeats):
                cast = random.Random(repeat).sample(portraits, motion.people)
                frames, truth = render(motion, [cut_head(photo) for photo in cast], np.random.default_rng(repeat))
                faces = stream(server, frames, FPS)
                changes, seconds = label_changes(faces, FPS)
                outcome.score += score(truth, faces)
                outcome.changes, outcome.seconds = outcome.changes + changes, outcome.seconds + seconds
                failures += wrong_frames(f"{name.replace(' ', '-')}-{repeat}", frames, truth, faces)
    return report(outcomes, failures)


def report(outcomes, failures):
    """`outcomes`: {motion: its outcome}."""
    rows = [["motion", "faces", "found", "wrong", "ids changed", "phantom ids", "IDF1", "labels changed", ""]]
    rows += [[name, *figures(outcome.score), f"{outcome.rate:.2f}/s", ""] for name, outcome in outcomes.items()]
    worst = min(outcome.score.idf1 for outcome in outcomes.values())
    rate = outcomes[STEADY].rate
    return Report(rows, [
        (f"IDF1 of each motion at least {MIN_IDF1}", f"{worst:.3f}", worst >= MIN_IDF1),
        (f"labels of steady faces change at most {MAX_LABEL_CHANGES} times per second", f"{rate:.2f}",
         rate <= MAX_LABEL_CHANGES),
    ], failures)
