"""Blinks counted in videos, sent to the server as a camera would."""

from media import FPS
from program import stream
from report import Report
from videos import CODINGS

BLINKS = {"single_face.mp4": 1, "classroom.mp4": 0}  # seen by eye; the faces of the classroom are too small


def run(media, program, _):
    rows, goals = [["video", "coding", "blinks", "counted in frame", ""]], []
    with program.serve() as server:
        for video, expected in BLINKS.items():
            for coding in CODINGS:
                counts = counted(stream(server, media.frames(video, coding), FPS, {"eyes": True}))
                total = counts[-1] if counts else 0
                when = [str(frame) for frame in range(1, len(counts)) if counts[frame] > counts[frame - 1]]
                rows.append([video, f"q {coding}", str(total), " ".join(when) or "—", ""])
                goals.append((f"{video}, q {coding}: {expected} blinks", str(total), total == expected))
    return Report(rows, goals)


def counted(frames):
    """The blinks of all faces up to each of the frames."""
    latest, counts = {}, []
    for faces in frames:
        latest |= {face["face_id"]: face["eyes"]["blinks"] for face in faces if face["eyes"]}
        counts.append(sum(latest.values()))
    return counts
