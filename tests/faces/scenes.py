"""Rendered scenes: the heads of portraits move over a background, so that it is known who is where.

A place is (x, y, side): the centre of a face and the height of its box, in pixels. Larger faces are nearer.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

import textures
from matching import intersection
from media import FPS, encode
from tracks import Seen

SIZE = textures.SIZE
MIN_VISIBLE = 0.5  # share of a face's box below which it counts as hidden
NOISE, QUALITY = 2.0, 85  # of the camera: standard deviation in levels, JPEG quality


@dataclass(frozen=True)
class Motion:
    """How `people` move for some seconds: `place(person, t)` is where one is, None if it is not there."""

    people: int
    seconds: float
    place: Callable


def ramp(t, start, end, before, after):
    """A value that changes steadily from `before` to `after` between two times."""
    part = min(max((t - start) / (end - start), 0), 1)
    return before + (after - before) * part


def crossing(person, t):
    """Two people swap sides; the first passes in front."""
    x = ramp(t, 1.5, 3.5, 150, 490)
    return ((x, 235, 110), (SIZE[0] - x, 245, 92))[person]


def side_step(person, t):
    """The first makes a step to the side, by 1.6 faces in 0.3 s, and back; the second stands."""
    x = ramp(t, 1.5, 1.8, 180, 340) - ramp(t, 3.2, 3.5, 0, 160)
    return ((x, 250, 100), (530, 230, 95))[person]


def re_entry(person, t):
    """The first leaves, is away for about a second and returns; the second stands; meanwhile a third person enters."""
    x = ramp(t, 1.5, 2.0, 200, -80) if t < 2.3 else ramp(t, 2.6, 3.1, -80, 220)
    return ((x, 250, 100), (400, 235, 95), (ramp(t, 2.2, 2.7, 720, 560), 260, 98))[person]


def steady(person, t):
    """Four people in front of a camera that shakes."""
    shake = 1.5 * math.sin(9 * t), 1.5 * math.cos(7 * t)
    return 170 + 300 * (person % 2) + shake[0], 130 + 230 * (person // 2) + shake[1], 100


MOTIONS = {"crossing": Motion(2, 5, crossing), "step to the side": Motion(2, 5, side_step),
           "re-entry": Motion(3, 5, re_entry), "steady": Motion(4, 8, steady)}


@dataclass(frozen=True)
class Head:
    """A head that is cut out of a portrait: an image with transparency, and the box of the face in it."""

    image: Image.Image
    box: tuple


def is_whole(photo):
    """Whether the portrait shows the whole head."""
    (x, y, width, height), image = photo.boxes[0], photo.open()
    return (x >= 0.2 * width and y >= 0.5 * height and x + 1.2 * width <= image.width
            and y + 1.35 * height <= image.height)


def cut_head(photo):
    """The head of a portrait: an ellipse with a soft border around the face's box."""
    x, y, width, height = photo.boxes[0]
    left, top = round(x - width / 2), round(y - 0.7 * height)
    image = photo.open().crop((left, top, left + 2 * width, top + round(2.2 * height)))
    mask = Image.new("L", image.size, 0)
    ImageDraw.Draw(mask).ellipse([0.31 * width, 0.22 * height, 1.69 * width, 2.02 * height], fill=255)
    image.putalpha(mask.filter(ImageFilter.GaussianBlur(width / 20)))
    return Head(image, (x - left, y - top, width, height))


def render(motion, heads, rng):
    """The frames of a scene as JPEG files, and the truth of each."""
    background = textures.noise(rng).filter(ImageFilter.GaussianBlur(6))
    frames, truth = [], []
    for number in range(round(motion.seconds * FPS)):
        places = {person: motion.place(person, number / FPS) for person in range(motion.people)}
        frames.append(photograph(background, places, heads, rng))
        truth.append(seen(places))
    return frames, truth


def seen(places):
    """The truth of a frame: everybody who is at least partly in it."""
    boxes = {person: face_box(place) for person, place in places.items()}
    people = {}
    for person, box in boxes.items():
        inside = intersection(box, (0, 0, *SIZE))
        nearer = [boxes[other] for other in boxes if places[other][2] > places[person][2]]
        visible = inside - max((intersection(box, other) for other in nearer), default=0)
        if inside:
            people[person] = Seen(box, visible < MIN_VISIBLE * box[2] * box[3])
    return people


def face_box(place):
    x, y, side = place
    return x - side / 2, y - side / 2, side, side


def photograph(background, places, heads, rng):
    """A frame: the heads at their places, the nearest last, as a noisy JPEG file."""
    frame = background.convert("RGBA")
    for person, (x, y, side) in sorted(places.items(), key=lambda item: item[1][2]):
        head = heads[person]
        left, top, width, height = head.box
        scale = height / side  # pixels of the head per pixel of the frame
        x0, y0 = left + width / 2 - x * scale, top + height / 2 - y * scale
        frame.alpha_composite(head.image.transform(SIZE, Image.Transform.AFFINE, (scale, 0, x0, 0, scale, y0),
                                                   Image.Resampling.BICUBIC))
    pixels = np.asarray(frame.convert("RGB")) + rng.normal(0, NOISE, (*SIZE[::-1], 3))
    return encode(Image.fromarray(pixels.clip(0, 255).astype(np.uint8)), "JPEG", quality=QUALITY)
