"""Faces reported in images without faces, and faces that are lost, at several confidence thresholds."""

import io

from PIL import Image

import textures
from matching import Counts, box_of, count
from report import Failure, Report, percent

THRESHOLDS = (0.5, 0.65, 0.75)  # failures are those at the first
TITLES = "no_face.mp4"  # a cartoon's title, the only video without faces
MIN_HEIGHT = 48  # minimum height of the part of a portrait below its face, in pixels
WINDOWS = 3  # an image of a folder is searched whole and in 3×3 windows


def run(media, program, options):
    empty, photos = sources(media, options.empty), [*media.portraits(), *media.groups(), media.crowd()]
    answers = {name: at_thresholds(program, images) for name, images in empty.items()}
    answers["all"] = [sum(together, []) for together in zip(*answers.values())]
    rows = [["", "number", *(f"from {threshold}" for threshold in THRESHOLDS), ""]]
    rows += [row(f"phantoms in {name}", len(found[0]), [sum(map(bool, faces)) for faces in found])
             for name, found in answers.items()]
    rows += faces_lost(photos, at_thresholds(program, [photo.file for photo in photos]))
    if options.faces:
        rows += without_boxes(at_thresholds(program, options.faces))
    failures = [Failure(f"{name}-{index:03d}", images[index], faces) for name, images in empty.items()
                for index, faces in enumerate(answers[name][0]) if faces]
    return Report(rows, failures=failures)


def at_thresholds(program, images):
    """For each threshold the faces in each image."""
    return [program.analyze(images, {"vision.min_confidence": threshold}) for threshold in THRESHOLDS]


def row(name, total, counts):
    """A row with a count for each threshold and its share of `total`."""
    return [name, str(total), *(f"{n} ({percent(n, total)})" for n in counts), ""]


def faces_lost(photos, found):
    """The rows for photographs with reference boxes. `found`: for each threshold the faces in each of them."""
    total = sum(len(photo.boxes) for photo in photos)
    counts = [sum((count([box_of(face) for face in faces], photo.boxes) for photo, faces in zip(photos, these)),
                  Counts()) for these in found]
    return [row("faces lost in the photographs", total, [each.missed for each in counts]),
            row("wrong boxes in these", total, [each.wrong for each in counts])]


def without_boxes(found):
    """The rows for images with one face each whose box is not known."""
    total = len(found[0])
    return [row("faces lost in the folder", total, [sum(not faces for faces in these) for these in found]),
            row("images with several faces in it", total, [sum(len(faces) > 1 for faces in these) for these in found])]


def sources(media, empty):
    """Images without faces: {source: images}. `empty`: further ones."""
    titles = [Image.open(io.BytesIO(frame)) for frame in media.frames(TITLES, 2)[::4]]
    found = {"textures": textures.generate(), "clothes": clothes(media.portraits()), "titles": titles}
    return found | ({"folder": [window for image in empty for window in windows(image)]} if empty else {})


def clothes(portraits):
    """The portraits' parts well below the face, if they are high enough."""
    parts = []
    for photo in portraits:
        image, (_, y, _, height) = photo.open(), photo.boxes[0]
        top = round(y + 1.5 * height)
        if image.height - top >= MIN_HEIGHT:
            parts.append(image.crop((0, top, *image.size)))
    return parts


def windows(image):
    """The image and its windows."""
    width, height = image.width // WINDOWS, image.height // WINDOWS
    return [image, *(image.crop((x * width, y * height, (x + 1) * width, (y + 1) * height))
                     for y in range(WINDOWS) for x in range(WINDOWS))]
