#!/usr/bin/env python3
"""Writes a test image to standard output.

usage: make_image.py portrait JPEG|PNG|WEBP|GIF SIDE   the portrait, scaled to a square
       make_image.py cmyk SIDE                       the same as a CMYK JPEG
       make_image.py deep SIDE                       the same in gray, as a PNG with 16 bits per pixel
       make_image.py animated WEBP|GIF SIDE          the same, followed by a second frame
       make_image.py photo JPEG|PROGRESSIVE|PNG|WEBP WIDTH HEIGHT
                                                     the portrait, scaled to the height, on a wider picture
       make_image.py turned JPEG|PNG|WEBP VALUE      the portrait on a wider picture, stored with that EXIF orientation
       make_image.py rotated JPEG|PNG|WEBP DEGREES   the portrait, rotated clockwise
       make_image.py close JPEG|PNG|WEBP SIDE        the middle of the face, scaled to a square
       make_image.py faceless JPEG|PNG|WEBP SIDE     the portrait below the face, scaled to a square
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


ORIENTATION = 0x0112  # the EXIF tag
# EXIF orientation -> how the upright picture is turned to store it
STORED = {2: Image.FLIP_LEFT_RIGHT, 3: Image.ROTATE_180, 4: Image.FLIP_TOP_BOTTOM, 5: Image.TRANSPOSE,
          6: Image.ROTATE_90, 7: Image.TRANSVERSE, 8: Image.ROTATE_270}


def encoded(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **({} if kind == "PNG" else {"quality": 85}), **options)
    return out.getvalue()


def turned(kind, value):
    upright = Image.new("RGB", (640, 512), (90, 120, 150))
    upright.paste(Image.open(PORTRAIT))
    exif = Image.Exif()
    exif[ORIENTATION] = value
    return encoded(upright.transpose(STORED[value]) if value > 1 else upright, kind, exif=exif.tobytes())


def photo(kind, width, height):
    image = Image.new("RGB", (width, height), (90, 120, 150))
    image.paste(Image.open(PORTRAIT).resize((height, height), Image.BILINEAR))
    if kind == "PNG":
        return encoded(image, kind, compress_level=1)
    return encoded(image, "JPEG", progressive=True) if kind == "PROGRESSIVE" else encoded(image, kind)


def picture(what, *args):
    if what in ("portrait", "cmyk", "deep", "animated"):
        *kind, side = args
        image = Image.open(PORTRAIT).resize((int(side), int(side)), Image.LANCZOS)
        if what == "portrait":
            return encoded(image, *kind)
        if what == "cmyk":
            return encoded(image.convert("CMYK"), "JPEG")
        if what == "deep":
            return encoded(image.convert("L").convert("I").point(lambda value: value * 257), "PNG")
        blank = Image.new("RGB", image.size, (128, 128, 128))
        return encoded(image, *kind, save_all=True, append_images=[blank], duration=100)
    if what == "photo":
        kind, width, height = args
        return photo(kind, int(width), int(height))
    if what == "turned":
        kind, value = args
        return turned(kind, int(value))
    if what == "rotated":
        kind, degrees = args
        return encoded(Image.open(PORTRAIT).rotate(-float(degrees), Image.BICUBIC, expand=True), kind)
    if what == "close":
        kind, side = args
        return encoded(Image.open(PORTRAIT).crop((180, 82, 270, 172)).resize((int(side), int(side))), kind)
    if what == "faceless":
        kind, side = args
        return encoded(Image.open(PORTRAIT).crop((0, 192, 320, 512)).resize((int(side), int(side))), kind)
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
