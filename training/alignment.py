"""Extracts the crop for the classifier from an image, by the positions of the eyes.

This numpy code is independent of the server's C++ (alignment.cpp, crop.cpp), which has to produce the same crops.

The centre of an image's first pixel is (0.5, 0.5). A crop pixel is the mean of the image area that it covers;
where the image has fewer pixels than the crop, it is interpolated between pixel centres.

    /usr/bin/python3 training/alignment.py

writes the fixture of the server's crop test: images with one face of different size, roll and position, and the
crops that this code extracts from them.
"""

import argparse
import json
import math
from pathlib import Path

import numpy as np
from PIL import Image

import data

# The eye layout: positions of the eyes as fractions of the crop, measured by measure_eyes.py and made symmetric.
LEFT_EYE, RIGHT_EYE = (0.3135, 0.39), (0.6865, 0.39)
FIXTURE = data.ROOT / "tests" / "unit" / "vision" / "expression" / "eye_layout"
PORTRAIT = data.ROOT / "tests" / "media" / "portrait.jpg"
# Pixel positions of the portrait's eyes, marked by hand.
PORTRAIT_EYES = ((203.0, 102.5), (248.0, 103.5))
SUBSAMPLES = 16  # along each side of a pixel

# Side of the drawn crop in pixels, its roll in degrees (clockwise), and the offset of its centre from the centre of
# the image.
CASES = (
    (16, 0.0, (0.0, 0.0)), (20, 0.0, (0.3, -0.6)), (32, -30.0, (1.25, 0.5)), (48, 0.0, (0.0, 0.0)),
    (64, 15.0, (-3.4, 2.2)), (96, -20.0, (0.5, 5.75)), (160, 30.0, (-7.1, -4.9)),
    (250, -8.0, (3.0, 0.25)),
)


def crop_transform(side, roll, centre, size=data.SIDE):
    """The transform from crop pixels to image pixels, as a complex scale and shift.

    The crop is `side` image pixels wide, rolled by `roll` degrees and centred at `centre`.
    """
    scale = side / size * complex(math.cos(math.radians(roll)), math.sin(math.radians(roll)))
    return scale, complex(*centre) - scale * complex(size / 2, size / 2)


def eye_positions(scale, shift, size=data.SIDE):
    """The positions of both eyes in the image, ((x, y), (x, y)), for a crop transform."""
    eyes = [scale * complex(*eye) * size + shift for eye in (LEFT_EYE, RIGHT_EYE)]
    return tuple((eye.real, eye.imag) for eye in eyes)


def transform_from_eyes(left, right, size=data.SIDE):
    """The crop transform that places the eyes of an image, at `left` and `right`, in the eye layout."""
    left_in_crop, right_in_crop = (complex(*eye) * size for eye in (LEFT_EYE, RIGHT_EYE))
    scale = (complex(*right) - complex(*left)) / (right_in_crop - left_in_crop)
    return scale, complex(*left) - scale * left_in_crop


def _interpolate(gray, x, y):
    """Bilinear interpolation between pixel centres; the border is repeated."""
    height, width = gray.shape
    x, y = np.clip(x - 0.5, 0, width - 1), np.clip(y - 0.5, 0, height - 1)
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    right, bottom = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    x, y = x - left, y - top
    above = gray[top, left] * (1 - x) + gray[top, right] * x
    below = gray[bottom, left] * (1 - x) + gray[bottom, right] * x
    return above * (1 - y) + below * y


def extract_crop(gray, left, right, size=data.SIDE):
    """An image [H, W] with eyes at `left` and `right` (x, y) -> its crop float64 [size, size]."""
    gray = np.asarray(gray, dtype=np.float64)
    scale, shift = transform_from_eyes(left, right, size)
    subsamples = SUBSAMPLES if abs(scale) > 1 else 1
    steps = (np.arange(size * subsamples) + 0.5) / subsamples
    points = scale * (steps[None, :] + 1j * steps[:, None]) + shift
    if subsamples == 1:
        return _interpolate(gray, points.real, points.imag)
    column = np.clip(np.floor(points.real), 0, gray.shape[1] - 1).astype(int)
    row = np.clip(np.floor(points.imag), 0, gray.shape[0] - 1).astype(int)
    return gray[row, column].reshape(size, subsamples, size, subsamples).mean(axis=(1, 3))


def draw_crop(crop, side, roll, centre, canvas):
    """Draws a crop uint8 [S, S] into an image uint8 [H, W] of `canvas` (width, height) pixels.

    The crop's border is repeated up to the image's border.
    """
    size = len(crop)
    scale, shift = crop_transform(side, roll, centre, size)
    # A pixel of a small face is the mean of the area that it covers.
    subsamples = SUBSAMPLES if abs(scale) < 1 else 1
    x = (np.arange(canvas[0] * subsamples) + 0.5) / subsamples
    y = (np.arange(canvas[1] * subsamples) + 0.5) / subsamples
    points = (x[None, :] + 1j * y[:, None] - shift) / scale
    drawn = _interpolate(crop.astype(np.float64), points.real, points.imag)
    drawn = drawn.reshape(canvas[1], subsamples, canvas[0], subsamples).mean(axis=(1, 3))
    return np.rint(drawn).astype(np.uint8)


def portrait_crop():
    """The crop of NASA's portrait, uint8 [48, 48]."""
    return np.rint(extract_crop(Image.open(PORTRAIT).convert("L"), *PORTRAIT_EYES)).astype(np.uint8)


def fixture_cases():
    """Yields file name, image and eye positions of each of `CASES`."""
    crop = portrait_crop()
    for side, roll, (right, down) in CASES:
        canvas = max(32, math.ceil(side * 1.2))
        centre = (canvas / 2 + right, canvas / 2 + down)
        image = draw_crop(crop, side, roll, centre, (canvas, canvas))
        yield f"face-{side}.png", image, eye_positions(*crop_transform(side, roll, centre))


def write_fixture(to):
    """Writes the images, all crops stacked in one image (frames.png), and the eye positions (cases.json)."""
    to.mkdir(parents=True, exist_ok=True)
    entries, crops = [], [portrait_crop()]
    for name, image, (left, right) in fixture_cases():
        Image.fromarray(image).save(to / name, optimize=True)
        crops.append(np.rint(extract_crop(image, left, right)).astype(np.uint8))
        entries.append({"file": name, "left_eye": np.round(left, 4).tolist(),
                        "right_eye": np.round(right, 4).tolist()})
    Image.fromarray(np.concatenate(crops)).save(to / "frames.png", optimize=True)
    rows = ",\n".join("    " + json.dumps(entry) for entry in entries)
    header = json.dumps({"left_eye": LEFT_EYE, "right_eye": RIGHT_EYE, "size": data.SIDE})
    (to / "cases.json").write_text(f'{header[:-1]}, "cases": [\n{rows}\n]}}\n')


def main():
    parser = argparse.ArgumentParser(description="Write the fixture of the server's crop test.")
    parser.add_argument("--to", type=Path, default=FIXTURE)
    write_fixture(parser.parse_args().to)


if __name__ == "__main__":
    main()
