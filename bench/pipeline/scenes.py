"""Synthetic camera frames made from the portrait in tests/media: one face or four, which move smoothly."""

import math
import pathlib

from PIL import Image, ImageOps

ROOT = pathlib.Path(__file__).resolve().parents[2]
PORTRAIT = ROOT / "tests/media/portrait.jpg"
QUALITY = 85
FRAMES = 32    # length of a sequence, which forms a loop
RADIUS = 0.02  # radius of the circle on which the camera moves, in frame widths


def name(size, faces):
    return f"{size[0]}×{size[1]}, {faces} face{'s' if faces > 1 else ''}"


def scene(size, faces):
    """An image that is larger than the frame, and the margin on each side within which the camera moves."""
    margin = math.ceil(RADIUS * size[0])
    full_size = (size[0] + 2 * margin, size[1] + 2 * margin)
    portrait = Image.open(PORTRAIT).convert("RGB")
    if faces == 1:
        return ImageOps.fit(portrait, full_size, Image.Resampling.LANCZOS, centering=(0.5, 0)), margin
    tile = ImageOps.fit(portrait, (math.ceil(full_size[0] / 2), math.ceil(full_size[1] / 2)), Image.Resampling.LANCZOS,
                        centering=(0.5, 0))
    canvas = Image.new("RGB", full_size)
    for i in range(4):
        canvas.paste(ImageOps.mirror(tile) if i % 2 else tile, (i % 2 * tile.width, i // 2 * tile.height))
    return canvas, margin


def write(size, faces, folder, frames=FRAMES):
    """Writes the frames as JPEG files; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    picture, margin = scene(size, faces)
    paths = []
    for i in range(frames):
        angle = 2 * math.pi * i / frames
        left, top = round(margin * (1 + math.cos(angle))), round(margin * (1 + math.sin(angle)))
        paths.append(folder / f"{i:02}.jpg")
        picture.crop((left, top, left + size[0], top + size[1])).save(paths[-1], quality=QUALITY)
    return paths
