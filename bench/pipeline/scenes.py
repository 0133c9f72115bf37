"""Frames as cameras would send them, of the portrait in tests/media: one face or four, which move smoothly."""

import math
import pathlib

from PIL import Image, ImageOps

ROOT = pathlib.Path(__file__).resolve().parents[2]
PORTRAIT = ROOT / "tests/media/portrait.jpg"
QUALITY = 85
FRAMES = 32    # of a sequence, which begins again where it ends
RADIUS = 0.02  # of the circle that the camera moves on, in frame widths


def name(size, faces):
    return f"{size[0]}×{size[1]}, {faces} face{'s' if faces > 1 else ''}"


def scene(size, faces):
    """A picture that is larger than the frame by what the camera moves, and by how much on each side."""
    margin = math.ceil(RADIUS * size[0])
    whole = (size[0] + 2 * margin, size[1] + 2 * margin)
    portrait = Image.open(PORTRAIT).convert("RGB")
    if faces == 1:
        return ImageOps.fit(portrait, whole, Image.Resampling.LANCZOS, centering=(0.5, 0)), margin
    tile = ImageOps.fit(portrait, (math.ceil(whole[0] / 2), math.ceil(whole[1] / 2)), Image.Resampling.LANCZOS,
                        centering=(0.5, 0))
    canvas = Image.new("RGB", whole)
    for i in range(4):
        canvas.paste(ImageOps.mirror(tile) if i % 2 else tile, (i % 2 * tile.width, i // 2 * tile.height))
    return canvas, margin


def write(size, faces, folder, frames=FRAMES):
    """Writes the sequence as JPEGs; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    picture, margin = scene(size, faces)
    paths = []
    for i in range(frames):
        turn = 2 * math.pi * i / frames
        left, top = round(margin * (1 + math.cos(turn))), round(margin * (1 + math.sin(turn)))
        paths.append(folder / f"{i:02}.jpg")
        picture.crop((left, top, left + size[0], top + size[1])).save(paths[-1], quality=QUALITY)
    return paths
