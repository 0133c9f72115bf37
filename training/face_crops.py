"""Crops of the faces in pictures, by the eyes that the server's program finds."""

import io
import math

import numpy as np
from PIL import Image

import data
import result_files
from alignment import transform_from_eyes
from scenes import GRAY
from server import analyze_images

# Eyes that are closer together than this part of the box's width are moved apart, as src/vision/engine.cpp does.
MIN_EYE_DISTANCE = 0.38


def with_border(encoded):
    """An encoded picture as PNG with a gray border of half its width and height on each side."""
    picture = Image.open(io.BytesIO(encoded)).convert("RGB")
    canvas = Image.new("RGB", (2 * picture.width, 2 * picture.height), (GRAY,) * 3)
    canvas.paste(picture, (picture.width // 2, picture.height // 2))
    png = io.BytesIO()
    canvas.save(png, "PNG", compress_level=1)
    return png.getvalue()


def find_faces(images, file, program, model):
    """The largest face in each encoded picture, as the server reports it; None if it finds none. Kept in `file`."""
    def compute(some):
        return [(result["faces"] or [None])[0] for result in analyze_images(some, program, model)]

    return result_files.complete(file, images, compute)


def eyes(face):
    """The positions of both eyes by which the server aligns the face, complex: x + yi."""
    left, right = (complex(*point) for point in face["landmarks"][:2])
    middle, half = (left + right) / 2, (right - left) / 2
    least = MIN_EYE_DISTANCE / 2 * face["box"]["width"]
    if abs(half) < least:
        half = half / abs(half) * least if half else complex(least, 0)
    return middle - half, middle + half


def crop(encoded, face, side=data.SIDE):
    """The crop uint8 [side, side] of a face in an encoded picture.

    Twenty times as fast as alignment.extract_crop and as close to the server's: it samples between pixels at least
    once per pixel and averages.
    """
    gray = np.asarray(Image.open(io.BytesIO(encoded)).convert("L"))
    margin = max(gray.shape)  # repeats the picture's border around it
    scale, shift = transform_from_eyes(*((eye.real, eye.imag) for eye in eyes(face)), side)
    samples = max(1, math.ceil(abs(scale)))
    scale, shift = scale / samples, shift + complex(margin, margin)
    sampled = Image.fromarray(np.pad(gray, margin, mode="edge")).transform(
        (side * samples, side * samples), Image.Transform.AFFINE,
        (scale.real, -scale.imag, shift.real, scale.imag, scale.real, shift.imag), Image.Resampling.BILINEAR)
    return np.asarray(sampled.reduce(samples))
