#!/usr/bin/env python3
"""Writes a test image to standard output.

usage: make_image.py portrait JPEG|PNG|WEBP SIDE    the portrait, scaled to a square
       make_image.py face JPEG|PNG|WEBP SIDE        the face only, gray, cropped as in FER+
       make_image.py gray SIDE                       a uniform gray JPEG
       make_image.py plain COLOUR SIDE               a PNG of one colour
       make_image.py webcam                          the portrait as 640×480 MJPEG, for Chromium's fake camera
"""

import io
import pathlib
import sys

from PIL import Image

PORTRAIT = pathlib.Path(__file__).resolve().parents[1] / "media" / "portrait.jpg"


def encoded(image, kind):
    out = io.BytesIO()
    image.save(out, kind, **({} if kind == "PNG" else {"quality": 85}))
    return out.getvalue()


def picture(what, *args):
    if what == "portrait":
        kind, side = args
        return encoded(Image.open(PORTRAIT).resize((int(side), int(side)), Image.LANCZOS), kind)
    if what == "face":
        kind, side = args
        return encoded(Image.open(PORTRAIT).convert("L").crop((165, 56, 286, 177)).resize((int(side), int(side))), kind)
    if what == "gray":
        return encoded(Image.new("RGB", (int(args[0]), int(args[0])), (128, 128, 128)), "JPEG")
    if what == "plain":
        colour, side = args
        return encoded(Image.new("RGB", (int(side), int(side)), colour), "PNG")
    if what == "webcam":
        scene = Image.open(PORTRAIT).crop((0, 0, 512, 384)).resize((640, 480), Image.LANCZOS)
        return encoded(scene, "JPEG") * 10
    raise SystemExit(__doc__)


if __name__ == "__main__":
    sys.stdout.buffer.write(picture(*sys.argv[1:]))
