"""Portraits turned by 90 and 180 degrees: the roll must follow and the label stay, or no face be reported."""

from PIL import Image

from matching import box_of, match
from pose import angle_between
from report import Failure, Report, percent

# Clockwise angle, and how PIL turns by it.
TURNS = {90: Image.Transpose.ROTATE_270, -90: Image.Transpose.ROTATE_90, 180: Image.Transpose.ROTATE_180}
MAX_ROLL_ERROR = 15.0  # degrees
KINDS = ("right", "no face", "wrong place", "wrong roll", "wrong label")


def run(media, program, _):
    photos = media.portraits()
    upright = program.analyze([photo.file for photo in photos])
    known = [(photo, faces[0]) for photo, faces in zip(photos, upright) if len(faces) == 1]
    rows = [["turned by", "portraits", *KINDS, ""]]
    results, failures = {}, []
    for angle, how in TURNS.items():
        images = [photo.open().transpose(how) for photo, _ in known]
        kinds = []
        for (photo, face), image, faces in zip(known, images, program.analyze(images)):
            box = turn_box(photo.boxes[0], photo.open().size, angle)
            kinds.append(judge(face, faces, box, angle))
            if kinds[-1] not in ("right", "no face"):
                failures.append(Failure(f"{photo.name}-{angle}", image, faces, (box,)))
        results[angle] = {kind: kinds.count(kind) for kind in KINDS}
        rows.append([f"{angle}°", str(len(known)), *(str(results[angle][kind]) for kind in KINDS), ""])
    return Report(rows, goals(results, len(known)), failures)


def turn_box(box, size, angle):
    """Where a box lies after its image of this size was turned clockwise."""
    x, y, width, height = box
    return {90: (size[1] - y - height, x, height, width), -90: (y, size[0] - x - width, height, width),
            180: (size[0] - x - width, size[1] - y - height, width, height)}[angle]


def judge(upright, faces, box, angle):
    """Which of `KINDS` the faces reported for a turned portrait are, compared with its upright face."""
    if not faces:
        return "no face"
    if len(faces) > 1 or not match([box_of(faces[0])], [box]):
        return "wrong place"
    if angle_between(faces[0]["pose"]["roll"], upright["pose"]["roll"] + angle) > MAX_ROLL_ERROR:
        return "wrong roll"
    return "right" if faces[0]["dominant_emotion"] == upright["dominant_emotion"] else "wrong label"


def goals(results, total):
    """`results`: {angle: {kind: portraits}}."""
    half = results[180]["right"] + results[180]["no face"]
    quarter = results[90]["right"] + results[-90]["right"]
    return [("turned by 180°: right or no face in at least 90 %", percent(half, total), half >= 0.9 * total),
            ("turned by 90°: right in at least 95 %", percent(quarter, 2 * total), quarter >= 0.95 * 2 * total)]
