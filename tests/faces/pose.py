"""Head pose of the same faces in mirrored images and in images turned by 15 degrees, which must agree."""

import math

from PIL import Image, ImageOps

from matching import box_of
from report import Report, percentile

ANGLES = (-15, 15)  # degrees clockwise
LIMITS = {"roll": 3.0, "yaw": 5.0, "pitch": 8.0}  # degrees, which 95 % of the faces must keep
MAX_SIDE = 1000  # larger photographs are reduced
SIGNS_MIRRORED = {"roll": -1, "yaw": -1, "pitch": 1}


def run(media, program, options):
    images = [reduced(photo.open()) for photo in (*media.portraits(), *media.groups())]
    images += [reduced(image) for image in options.faces]
    originals = program.analyze(images)
    errors = {("mirrored", name): [] for name in LIMITS} | {("turned", name): [] for name in LIMITS}
    mirrored = program.analyze([ImageOps.mirror(image) for image in images])
    for image, before, after in zip(images, originals, mirrored):
        for face, other in same_faces(before, after, lambda x, y, w=image.width: (w - x, y)):
            for name, sign in SIGNS_MIRRORED.items():
                errors["mirrored", name].append(angle_between(other["pose"][name], sign * face["pose"][name]))
    for angle in ANGLES:
        turned = [turn(image, angle) for image in images]
        for image, result, before, after in zip(images, turned, originals, program.analyze(turned)):
            for face, other in same_faces(before, after, mapping(image.size, result.size, angle)):
                for name in LIMITS:
                    expected = face["pose"][name] + (angle if name == "roll" else 0)
                    errors["turned", name].append(angle_between(other["pose"][name], expected))
    return report(errors, sum(map(len, originals)))


def report(errors, faces):
    """`errors`: {(test, angle): degrees}."""
    rows = [["images", "angle", "pairs", "median", "95 %", "worst", ""]]
    goals = []
    for (test, name), values in errors.items():
        if not values:
            continue
        high = percentile(values, 0.95)
        rows.append([test, name, str(len(values)), f"{percentile(values, 0.5):.1f}°", f"{high:.1f}°",
                     f"{max(values):.1f}°", ""])
        goals.append((f"{test}: {name} within {LIMITS[name]:.0f}° for 95 % of the faces", f"{high:.1f}°",
                      high <= LIMITS[name]))
    rows.append(["faces in the unchanged images", "", str(faces), "", "", "", ""])
    return Report(rows, goals)


def angle_between(a, b):
    """The absolute difference of two angles, 0..180 degrees."""
    return abs((a - b + 180) % 360 - 180)


def reduced(image):
    """The image, scaled down if a side is longer than `MAX_SIDE`."""
    return ImageOps.contain(image, (MAX_SIDE, MAX_SIDE)) if max(image.size) > MAX_SIDE else image


def turn(image, angle):
    """The image turned clockwise on a larger gray canvas."""
    return image.rotate(-angle, Image.Resampling.BICUBIC, expand=True, fillcolor=(128, 128, 128))


def mapping(size, turned_size, angle):
    """The function that maps a point of an image to the turned image."""
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))

    def to_turned(x, y):
        dx, dy = x - size[0] / 2, y - size[1] / 2
        return turned_size[0] / 2 + cos * dx - sin * dy, turned_size[1] / 2 + sin * dx + cos * dy

    return to_turned


def same_faces(before, after, to_after):
    """Pairs of faces of two results for one image; `to_after` maps points of the first to the second. Faces are the
    same if their centres are closer than a third of the box."""
    pairs = []
    for face in before:
        x, y, width, height = box_of(face)
        expected = to_after(x + width / 2, y + height / 2)
        near = [other for other in after if math.dist(expected, centre(other)) < width / 3]
        if len(near) == 1:
            pairs.append((face, near[0]))
    return pairs


def centre(face):
    x, y, width, height = box_of(face)
    return x + width / 2, y + height / 2
