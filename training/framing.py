"""The frame that training assumes, cut out of a picture by where the eyes are: in numpy, and apart from
the server's C++ (src/vision/image/alignment.cpp), which has to cut the same.

Pixels of a picture are little squares, the centre of the first is (0.5, 0.5). A pixel of the frame is the
mean of what it covers; where the picture has fewer pixels than the frame, it is interpolated between
their centres.

    /usr/bin/python3 training/framing.py     # makes tests/unit/vision/expression/eye_layout anew

makes pictures with one face of different size, roll and place, and the frames that this file cuts out of
them. tests/unit/vision/expression/eye_layout_test.cpp compares the server's crops with both.
"""

import argparse
import json
import math
from pathlib import Path

import numpy as np
from PIL import Image

import data

# Where the eyes are in the training frame, as fractions of it; eyes.py measures them.
LEFT_EYE, RIGHT_EYE = (0.3135, 0.39), (0.6865, 0.39)
FIXTURE = data.ROOT / "tests" / "unit" / "vision" / "expression" / "eye_layout"
PORTRAIT = data.ROOT / "tests" / "media" / "portrait.jpg"
# The eyes of the portrait, in its pixels; marked by hand.
PORTRAIT_EYES = ((203.0, 102.5), (248.0, 103.5))
FINE = 16  # samples along each side of a frame's pixel

# Side of the drawn frame in pixels, roll in degrees (clockwise), and where its middle is beside that of
# the picture.
CASES = (
    (16, 0.0, (0.0, 0.0)), (20, 0.0, (0.3, -0.6)), (32, -30.0, (1.25, 0.5)), (48, 0.0, (0.0, 0.0)),
    (64, 15.0, (-3.4, 2.2)), (96, -20.0, (0.5, 5.75)), (160, 30.0, (-7.1, -4.9)),
    (250, -8.0, (3.0, 0.25)),
)


def placement(side, roll, middle, size=data.SIDE):
    """Complex scale and shift from a frame's pixels to those of a picture where the frame is `side`
    pixels wide, turned by `roll` degrees and has its middle at `middle`."""
    scale = side / size * complex(math.cos(math.radians(roll)), math.sin(math.radians(roll)))
    return scale, complex(*middle) - scale * complex(size / 2, size / 2)


def eyes_at(scale, shift, size=data.SIDE):
    """Both eyes in the picture, ((x, y), (x, y)), of a frame placed so."""
    found = [scale * complex(*eye) * size + shift for eye in (LEFT_EYE, RIGHT_EYE)]
    return tuple((eye.real, eye.imag) for eye in found)


def alignment(left, right, size=data.SIDE):
    """Complex scale and shift from a frame's pixels to those of a picture with its eyes there."""
    framed = [complex(*eye) * size for eye in (LEFT_EYE, RIGHT_EYE)]
    scale = (complex(*right) - complex(*left)) / (framed[1] - framed[0])
    return scale, complex(*left) - scale * framed[0]


def _interpolated(gray, x, y):
    """The picture at points between the centres of its pixels; its border goes on."""
    height, width = gray.shape
    x, y = np.clip(x - 0.5, 0, width - 1), np.clip(y - 0.5, 0, height - 1)
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    right, bottom = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    x, y = x - left, y - top
    above = gray[top, left] * (1 - x) + gray[top, right] * x
    below = gray[bottom, left] * (1 - x) + gray[bottom, right] * x
    return above * (1 - y) + below * y


def cut(gray, left, right, size=data.SIDE):
    """A picture [H, W] -> its frame float64 [size, size], eyes at `left` and `right` (x, y)."""
    gray = np.asarray(gray, dtype=np.float64)
    scale, shift = alignment(left, right, size)
    fine = FINE if abs(scale) > 1 else 1
    steps = (np.arange(size * fine) + 0.5) / fine
    points = scale * (steps[None, :] + 1j * steps[:, None]) + shift
    if fine == 1:
        return _interpolated(gray, points.real, points.imag)
    column = np.clip(np.floor(points.real), 0, gray.shape[1] - 1).astype(int)
    row = np.clip(np.floor(points.imag), 0, gray.shape[0] - 1).astype(int)
    return gray[row, column].reshape(size, fine, size, fine).mean(axis=(1, 3))


def draw(frame, side, roll, middle, canvas):
    """A frame uint8 [S, S] drawn into a gray picture uint8 [H, W] of `canvas` (width, height); its
    border goes on to the picture's."""
    size = len(frame)
    scale, shift = placement(side, roll, middle, size)
    # A pixel of a small face is the mean of what it covers.
    fine = FINE if abs(scale) < 1 else 1
    x = (np.arange(canvas[0] * fine) + 0.5) / fine
    y = (np.arange(canvas[1] * fine) + 0.5) / fine
    points = (x[None, :] + 1j * y[:, None] - shift) / scale
    seen = _interpolated(frame.astype(np.float64), points.real, points.imag)
    seen = seen.reshape(canvas[1], fine, canvas[0], fine).mean(axis=(1, 3))
    return np.rint(seen).astype(np.uint8)


def portrait():
    """The frame of NASA's portrait, uint8 [48, 48]."""
    return np.rint(cut(Image.open(PORTRAIT).convert("L"), *PORTRAIT_EYES)).astype(np.uint8)


def cases():
    """Name, picture and eyes of each of `CASES`."""
    frame = portrait()
    for side, roll, (right, down) in CASES:
        canvas = max(32, math.ceil(side * 1.2))
        middle = (canvas / 2 + right, canvas / 2 + down)
        picture = draw(frame, side, roll, middle, (canvas, canvas))
        yield f"face-{side}.png", picture, eyes_at(*placement(side, roll, middle))


def write(to):
    """The fixture: pictures, all frames above each other in one picture, and where the eyes are."""
    to.mkdir(parents=True, exist_ok=True)
    listed, frames = [], [portrait()]
    for name, picture, (left, right) in cases():
        Image.fromarray(picture).save(to / name, optimize=True)
        frames.append(np.rint(cut(picture, left, right)).astype(np.uint8))
        listed.append({"file": name, "left_eye": np.round(left, 4).tolist(),
                       "right_eye": np.round(right, 4).tolist()})
    Image.fromarray(np.concatenate(frames)).save(to / "frames.png", optimize=True)
    rows = ",\n".join("    " + json.dumps(entry) for entry in listed)
    head = json.dumps({"left_eye": LEFT_EYE, "right_eye": RIGHT_EYE, "size": data.SIDE})
    (to / "cases.json").write_text(f'{head[:-1]}, "cases": [\n{rows}\n]}}\n')


def main():
    parser = argparse.ArgumentParser(description="Make the fixture of the test of the server's crop.")
    parser.add_argument("--to", type=Path, default=FIXTURE)
    write(parser.parse_args().to)


if __name__ == "__main__":
    main()
