"""Boxes of the group photographs against their reference boxes, at several confidence thresholds."""

from matching import Counts, box_of, count
from report import Failure, Report

THRESHOLDS = (0.3, 0.5, 0.65, 0.75)
DEFAULT = 0.5
MIN_CROWD = 27  # of the 29 faces


def run(media, program, _):
    crowd, photos = media.crowd(), [media.crowd(), *media.groups()]
    files = [photo.file for photo in photos]
    answers = {threshold: program.analyze(files, {"vision.min_confidence": threshold}) for threshold in THRESHOLDS}
    rows = [["photograph", "faces", "confidence", "right", "wrong", "missed", ""]]
    at_default, failures = {}, []
    for index, photo in enumerate(photos):
        for threshold in THRESHOLDS:
            faces = answers[threshold][index]
            counts = count([box_of(face) for face in faces], photo.boxes)
            cells = (len(photo.boxes), threshold, counts.right, counts.wrong, counts.missed)
            rows.append([photo.name, *map(str, cells), ""])
            if threshold == DEFAULT:
                at_default[photo.name] = counts
                if counts.wrong or counts.missed:
                    failures.append(Failure(photo.name, photo.open(), faces, photo.boxes))
    return Report(rows, goals(at_default, crowd.name), failures)


def goals(at_default, crowd):
    """`at_default`: the counts of each photograph at the default threshold."""
    small = at_default[crowd]
    large = sum((counts for name, counts in at_default.items() if name != crowd), Counts())
    return [
        (f"{crowd}: at least {MIN_CROWD} right, 0 wrong", f"{small.right} right, {small.wrong} wrong",
         small.right >= MIN_CROWD and not small.wrong),
        ("other photographs: all right", f"{large.missed} missed, {large.wrong} wrong",
         not large.missed and not large.wrong),
    ]
