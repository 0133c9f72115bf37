"""Videos, sent to the server as a camera would: faces found, ids at no face, ids that change."""

import io

from PIL import Image

from media import FPS
from program import stream
from report import Failure, Report
from tracks import score, sightings

CODINGS = (2, 8)  # JPEG qualities of the frames as ffmpeg's -q:v: fine and coarse
CLASSROOM, MIN_FOUND = "classroom.mp4", 112  # of 120 faces
MIN_IDF1 = 0.95


def run(media, program, _):
    rows = [["video", "coding", "faces", "found", "wrong", "ids changed", "phantom ids", "IDF1", ""]]
    goals, failures = [], []
    with program.serve() as server:
        for video in media.videos():
            for coding in CODINGS:
                frames = media.frames(video, coding)
                truth = media.truth(video, len(frames))
                faces = stream(server, frames, FPS)
                result = score(truth, faces)
                rows.append([video, f"q {coding}", *figures(result), ""])
                goals += goals_of(f"{video}, q {coding}", video, result)
                failures += wrong_frames(f"{video}-q{coding}", frames, truth, faces)
    return Report(rows, goals, failures)


def figures(result):
    """The cells of a score."""
    return [*(str(n) for n in (result.faces, result.found, result.wrong, result.id_changes, result.phantom_ids)),
            f"{result.idf1:.3f}"]


def goals_of(name, video, result):
    """The goals of a video."""
    goals = [(f"{name}: no phantom id", str(result.phantom_ids), result.phantom_ids == 0)]
    if video == CLASSROOM:
        goals.append((f"{name}: at least {MIN_FOUND} of {result.faces} faces", str(result.found),
                      result.found >= MIN_FOUND))
    if result.faces:
        goals.append((f"{name}: IDF1 at least {MIN_IDF1}", f"{result.idf1:.3f}", result.idf1 >= MIN_IDF1))
    return goals


def wrong_frames(name, frames, truth, faces):
    """The frames in which a face was missed or reported where none is."""
    wrong = []
    for number, (frame, people, reported) in enumerate(zip(frames, truth, faces)):
        seen, astray = sightings(people, reported)
        found = {person for person, _ in seen}
        if astray or any(person not in found and not where.hidden for person, where in people.items()):
            wrong.append(Failure(f"{name}-{number:03d}", Image.open(io.BytesIO(frame)), reported,
                                 tuple(person.box for person in people.values())))
    return wrong
