"""What a camera may do to a face: each `Scene` as a change of given frames, and as pictures for the server.

Given frames stay frames of 48x48 pixels, and all is done at that size. Pictures show one frame at some
size on gray; size, roll, blur, light, grain and coding are the picture's, as they would be a camera's.
Everything is drawn from the scene and a seed: a run is repeatable.
"""

import io
import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from PIL import Image, ImageFilter
from torch.nn import functional as F

import head
from data import SIDE

GRAY = 128  # around the face


@dataclass(frozen=True)
class Scene:
    """Neutral as it stands. `side`: of the frame in a picture; `canvas`: (width, height) of the picture, or
    None for twice the side; `fewer`: pixels that a given frame has a side; degrees of `roll` and `yaw`;
    `cover`: a name of `COVERS`; `blur`: deviation of a Gaussian in pixels of the frame; `light`: factor of
    the gray levels; `grain`: deviation of the noise in levels; `tint`: factors of red, green and blue;
    `quality`: of JPEG, 0 for none; `size` and `shift`: of a given frame, the detector's to undo."""

    side: int = 128
    canvas: tuple = None
    fewer: int = SIDE
    roll: float = 0.0
    yaw: float = 0.0
    cover: str = ""
    blur: float = 0.0
    light: float = 1.0
    grain: float = 0.0
    tint: tuple = (1.0, 1.0, 1.0)
    quality: int = 0
    size: float = 1.0
    shift: float = 0.0


def _rectangle(top, bottom, left, right, level):
    def cover(frames):
        rows = slice(round(top * SIDE), round(bottom * SIDE))
        frames[:, rows, round(left * SIDE) : round(right * SIDE)] = level
        return frames
    return cover


def _hand(frames):
    """A cheek and half of the mouth behind something as bright as the face."""
    y, x = (np.mgrid[:SIDE, :SIDE] + 0.5) / SIDE
    behind = ((x - 0.2) / 0.32) ** 2 + ((y - 0.78) / 0.34) ** 2 < 1
    mean = frames.mean(axis=(1, 2)).round().astype(np.uint8)
    return np.where(behind, mean[:, None, None], frames)


COVERS = {
    "dark glasses": _rectangle(0.30, 0.48, 0.12, 0.88, 25),
    "mask": _rectangle(0.58, 1.0, 0.08, 0.92, 190),
    "hand": _hand,
    "left half": _rectangle(0.0, 1.0, 0.0, 0.5, GRAY),
}


def sample(frames, x, y):
    """uint8 [N, 48, 48] read at x, y (broadcast to [N, 48, 48], -1..1 over the frame)."""
    grid = torch.stack(torch.broadcast_tensors(x, y), dim=-1).float()
    pixels = torch.from_numpy(frames).float().unsqueeze(1)
    seen = F.grid_sample(pixels, grid.expand(len(frames), SIDE, SIDE, 2), padding_mode="border",
                         align_corners=False)
    return seen.round().clamp(0, 255).byte().squeeze(1).numpy()


def turned(frames, degrees):
    """The frames as a head turned aside by degrees [N] shows them (head.py)."""
    x, y = head.axes()
    angles = torch.deg2rad(torch.as_tensor(degrees, dtype=torch.float32)).view(-1, 1, 1)
    return sample(frames, head.straight(x, angles), y)


def signs(count):
    """1 and -1 in turns, float [count]: half of the faces are turned to each side."""
    return np.where(np.arange(count) % 2 == 0, 1.0, -1.0)


def posed(frames, scene):
    """What happens before the camera: the head turns, something covers it."""
    if scene.yaw:
        frames = turned(frames, scene.yaw * signs(len(frames)))
    return COVERS[scene.cover](frames.copy()) if scene.cover else frames


def _moved(frames, scene):
    """Rolled, scaled and shifted right and down."""
    x, y = head.axes()
    angle = torch.deg2rad(torch.from_numpy(scene.roll * signs(len(frames)))).view(-1, 1, 1)
    x, y = x - 2 * scene.shift, y - 2 * scene.shift
    cos, sin = torch.cos(angle) / scene.size, torch.sin(angle) / scene.size
    return sample(frames, cos * x + sin * y, cos * y - sin * x)


def _coded(image, quality):
    """A picture after JPEG."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer)


def _lit(pixels, scene, chance):
    """Float or integer levels under the scene's light and with its grain, uint8."""
    lit = pixels * np.float32(scene.light)
    if scene.grain:
        lit = lit + chance.standard_normal(lit.shape, np.float32) * np.float32(scene.grain)
    return lit.round().clip(0, 255).astype(np.uint8)


def given(frames, scene, seed=1):
    """uint8 [N, 48, 48] -> the same of the scene. The tint is seen through luma only."""
    frames = posed(frames, scene)
    if scene.roll or scene.shift or scene.size != 1:
        frames = _moved(frames, scene)
    if scene.fewer != SIDE:
        pixels = torch.from_numpy(frames).float().unsqueeze(1)
        small = F.interpolate(pixels, (scene.fewer, scene.fewer), mode="area").round()
        pixels = F.interpolate(small, (SIDE, SIDE), mode="bilinear", align_corners=False)
        frames = pixels.round().byte().squeeze(1).numpy()
    if scene.blur:
        filtered = ImageFilter.GaussianBlur(scene.blur)
        frames = np.stack([np.asarray(Image.fromarray(f).filter(filtered)) for f in frames])
    if scene.light != 1 or scene.grain:
        frames = _lit(frames, scene, np.random.default_rng(seed))
    if scene.tint != (1, 1, 1):
        frames = np.stack([np.asarray(_tinted(f, scene.tint).convert("L")) for f in frames])
    if scene.quality:
        frames = np.stack([np.asarray(_coded(Image.fromarray(f), scene.quality)) for f in frames])
    return frames


def _tinted(pixels, tint):
    return Image.fromarray(np.stack([_lit(pixels, replace(NEUTRAL, light=t), None) for t in tint], axis=2))


def drawn(frame, scene, sign=1.0):
    """One posed frame on its canvas, before light and camera: a gray PIL picture."""
    width, height = scene.canvas or (2 * scene.side, 2 * scene.side)
    if scene.roll:
        angle = math.radians(scene.roll * sign)
        cos, sin = (f(angle) * SIDE / scene.side for f in (math.cos, math.sin))
        x0 = SIDE / 2 - cos * width / 2 - sin * height / 2
        y0 = SIDE / 2 + sin * width / 2 - cos * height / 2
        return Image.fromarray(frame).transform(
            (width, height), Image.Transform.AFFINE, (cos, sin, x0, -sin, cos, y0),
            Image.Resampling.BICUBIC, fillcolor=GRAY)
    how = Image.Resampling.BOX if scene.side <= SIDE else Image.Resampling.BICUBIC
    canvas = Image.new("L", (width, height), GRAY)
    canvas.paste(Image.fromarray(frame).resize((scene.side, scene.side), how),
                 ((width - scene.side) // 2, (height - scene.side) // 2))
    return canvas


def picture(frame, scene, sign, chance):
    """One posed frame as the bytes of a camera's picture, PNG or JPEG."""
    image = drawn(frame, scene, sign)
    if scene.blur:
        image = image.filter(ImageFilter.GaussianBlur(scene.blur * scene.side / SIDE))
    if scene.light != 1 or scene.grain:
        image = Image.fromarray(_lit(np.asarray(image), scene, chance))
    if scene.tint != (1, 1, 1):
        image = _tinted(np.asarray(image), scene.tint)
    buffer = io.BytesIO()
    if scene.quality:
        image.save(buffer, "JPEG", quality=scene.quality)
    else:
        image.save(buffer, "PNG", compress_level=0)
    return buffer.getvalue()


NEUTRAL = Scene()

# What the card tells: group, name, scene. A group's rows stand together. Where a scene of the given frame
# is another than the picture's, both are in one: `fewer`, `size` and `shift` do not concern pictures, `side`
# and `canvas` do not concern given frames.
SIZES = (16, 20, 24, 32, 40, 48, 64, 96, 192, 400)
CONDITIONS = (
    ("", "as it is", NEUTRAL),
    *(("size", f"a frame of {s}×{s} pixels", Scene(side=s, fewer=min(s, SIDE))) for s in SIZES),
    *(("blur", f"blurred, σ = {s} % of the frame", Scene(blur=s * SIDE / 100)) for s in (1, 2, 3, 4, 6, 8)),
    *(("JPEG", f"JPEG of quality {q}", Scene(quality=q)) for q in (95, 75, 50, 30)),
    *(("light", f"1/{d} of the light, grain of {g} levels", Scene(light=1 / d, grain=g))
      for d, g in ((2, 3), (4, 4), (8, 5), (16, 5), (32, 5))),
    ("light", "twice the light, clipped", Scene(light=2.0)),
    ("light", "grain of 15 levels", Scene(grain=15.0)),
    ("colour", "red light", Scene(tint=(1.0, 0.35, 0.25))),
    ("colour", "green light", Scene(tint=(0.35, 1.0, 0.4))),
    ("colour", "blue light", Scene(tint=(0.25, 0.4, 1.0))),
    *(("roll", f"rolled by ±{d}°", Scene(roll=d)) for d in (10, 20, 30, 45)),
    *(("yaw", f"turned aside by ±{d}° (a cylinder)", Scene(yaw=d)) for d in (15, 30, 45)),
    ("cover", "dark glasses", Scene(cover="dark glasses")),
    ("cover", "a hand on a cheek", Scene(cover="hand")),
    ("cover", "a mask from the nose down", Scene(cover="mask")),
    ("cover", "left half gray", Scene(cover="left half")),
    *(("frame", f"scaled by {s}", Scene(size=s)) for s in (0.85, 1.15)),
    *(("frame", f"shifted by {s} % right and down", Scene(shift=s / 100)) for s in (5, 10)),
    *(("640×480", f"a frame of {s}×{s} pixels in a picture of 640×480",
       Scene(side=s, fewer=min(s, SIDE), canvas=(640, 480))) for s in (24, 32, 48, 64, 96)),
)
