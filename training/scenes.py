"""Simulated capture conditions: each `Scene` can be applied to crops, and rendered as images for the server.

Crops stay at 48x48 pixels and everything is applied at that size. A rendered image shows one crop, at some size, on a
gray canvas; roll, blur, light, noise, tint and compression apply to the whole image, as in a camera. All randomness
comes from a seed or generator of the caller, so results are reproducible.
"""

import io
import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from PIL import Image, ImageFilter
from torch.nn import functional as F

import head_geometry
from data import SIDE

GRAY = 128  # level of the canvas


@dataclass(frozen=True)
class Scene:
    """A capture condition; the defaults change nothing.

    `crop_side`: side of the crop in an image, in pixels. `canvas`: (width, height) of the image; None for twice the
    crop's side. `resolution`: side in pixels to which a crop is downsampled before it is enlarged again. `roll`,
    `yaw`: degrees. `occlusion`: a key of `OCCLUSIONS`. `blur`: standard deviation of a Gaussian in pixels of 48x48
    crops. `light`: the gray levels are multiplied by it. `noise`: standard deviation of the noise in levels. `tint`:
    factors of red, green and blue. `quality`: JPEG quality; 0 for no JPEG.

    A misaligned crop is enlarged by the factor `scale` around its centre and moved right and down by the fraction
    `shift` of its side. Images ignore both, since the server aligns the face, and `resolution`, since `crop_side`
    determines it. Crops ignore `crop_side` and `canvas`.
    """

    crop_side: int = 128
    canvas: tuple = None
    resolution: int = SIDE
    roll: float = 0.0
    yaw: float = 0.0
    occlusion: str = ""
    blur: float = 0.0
    light: float = 1.0
    noise: float = 0.0
    tint: tuple = (1.0, 1.0, 1.0)
    quality: int = 0
    scale: float = 1.0
    shift: float = 0.0


def _rectangle(top, bottom, left, right, level):
    def occlude(crops):
        rows = slice(round(top * SIDE), round(bottom * SIDE))
        crops[:, rows, round(left * SIDE) : round(right * SIDE)] = level
        return crops
    return occlude


def _hand(crops):
    """Covers a cheek and half of the mouth with an ellipse that is as bright as the face."""
    y, x = (np.mgrid[:SIDE, :SIDE] + 0.5) / SIDE
    covered = ((x - 0.2) / 0.32) ** 2 + ((y - 0.78) / 0.34) ** 2 < 1
    mean = crops.mean(axis=(1, 2)).round().astype(np.uint8)
    return np.where(covered, mean[:, None, None], crops)


OCCLUSIONS = {
    "dark glasses": _rectangle(0.30, 0.48, 0.12, 0.88, 25),
    "mask": _rectangle(0.58, 1.0, 0.08, 0.92, 190),
    "hand": _hand,
    "left half": _rectangle(0.0, 1.0, 0.0, 0.5, GRAY),
}


def resample(crops, x, y):
    """uint8 [N, 48, 48] sampled at x, y (broadcast to [N, 48, 48], in -1..1 over the crop)."""
    grid = torch.stack(torch.broadcast_tensors(x, y), dim=-1).float()
    pixels = torch.from_numpy(crops).float().unsqueeze(1)
    sampled = F.grid_sample(pixels, grid.expand(len(crops), SIDE, SIDE, 2), padding_mode="border",
                            align_corners=False)
    return sampled.round().clamp(0, 255).byte().squeeze(1).numpy()


def turn_heads(crops, degrees):
    """The crops with the heads turned aside by degrees [N] (head_geometry.py)."""
    x, y = head_geometry.pixel_centres()
    angles = torch.deg2rad(torch.as_tensor(degrees, dtype=torch.float32)).view(-1, 1, 1)
    return resample(crops, head_geometry.frontal_columns(x, angles), y)


def alternating_signs(count):
    """1 and -1 alternately, float [count]: half of the faces are turned to each side."""
    return np.where(np.arange(count) % 2 == 0, 1.0, -1.0)


def pose(crops, scene):
    """Applies what happens in front of the camera: yaw and occlusion."""
    if scene.yaw:
        crops = turn_heads(crops, scene.yaw * alternating_signs(len(crops)))
    return OCCLUSIONS[scene.occlusion](crops.copy()) if scene.occlusion else crops


def _misalign(crops, scene):
    """Rolls, scales and shifts (right and down)."""
    x, y = head_geometry.pixel_centres()
    angle = torch.deg2rad(torch.from_numpy(scene.roll * alternating_signs(len(crops)))).view(-1, 1, 1)
    x, y = x - 2 * scene.shift, y - 2 * scene.shift
    cos, sin = torch.cos(angle) / scene.scale, torch.sin(angle) / scene.scale
    return resample(crops, cos * x + sin * y, cos * y - sin * x)


def _compress(image, quality):
    """The image after JPEG compression."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer)


def _expose(pixels, scene, rng):
    """Applies the scene's light and noise to pixels; returns uint8."""
    lit = pixels * np.float32(scene.light)
    if scene.noise:
        lit = lit + rng.standard_normal(lit.shape, np.float32) * np.float32(scene.noise)
    return lit.round().clip(0, 255).astype(np.uint8)


def _tint(pixels, tint):
    """A colour image of gray pixels under coloured light."""
    return Image.fromarray(np.stack([_expose(pixels, replace(NEUTRAL, light=t), None) for t in tint], axis=2))


def apply_to_crops(crops, scene, seed=1):
    """uint8 [N, 48, 48] -> the same shape, under the scene's conditions. A tinted crop is converted to gray again."""
    crops = pose(crops, scene)
    if scene.roll or scene.shift or scene.scale != 1:
        crops = _misalign(crops, scene)
    if scene.resolution != SIDE:
        pixels = torch.from_numpy(crops).float().unsqueeze(1)
        small = F.interpolate(pixels, (scene.resolution, scene.resolution), mode="area").round()
        pixels = F.interpolate(small, (SIDE, SIDE), mode="bilinear", align_corners=False)
        crops = pixels.round().byte().squeeze(1).numpy()
    if scene.blur:
        gaussian = ImageFilter.GaussianBlur(scene.blur)
        crops = np.stack([np.asarray(Image.fromarray(c).filter(gaussian)) for c in crops])
    if scene.light != 1 or scene.noise:
        crops = _expose(crops, scene, np.random.default_rng(seed))
    if scene.tint != (1, 1, 1):
        crops = np.stack([np.asarray(_tint(c, scene.tint).convert("L")) for c in crops])
    if scene.quality:
        crops = np.stack([np.asarray(_compress(Image.fromarray(c), scene.quality)) for c in crops])
    return crops


def draw_on_canvas(crop, scene, sign=1.0):
    """Draws a posed crop on the canvas: a gray PIL image. `sign` is the roll's direction.

    Does not apply blur, light, noise, tint or compression; render_image() does.
    """
    width, height = scene.canvas or (2 * scene.crop_side, 2 * scene.crop_side)
    if scene.roll:
        angle = math.radians(scene.roll * sign)
        cos, sin = (f(angle) * SIDE / scene.crop_side for f in (math.cos, math.sin))
        x0 = SIDE / 2 - cos * width / 2 - sin * height / 2
        y0 = SIDE / 2 + sin * width / 2 - cos * height / 2
        return Image.fromarray(crop).transform(
            (width, height), Image.Transform.AFFINE, (cos, sin, x0, -sin, cos, y0),
            Image.Resampling.BICUBIC, fillcolor=GRAY)
    resampling = Image.Resampling.BOX if scene.crop_side <= SIDE else Image.Resampling.BICUBIC
    canvas = Image.new("L", (width, height), GRAY)
    canvas.paste(Image.fromarray(crop).resize((scene.crop_side, scene.crop_side), resampling),
                 ((width - scene.crop_side) // 2, (height - scene.crop_side) // 2))
    return canvas


def render_image(crop, scene, sign, rng):
    """Renders a posed crop as an encoded camera image, PNG or JPEG."""
    image = draw_on_canvas(crop, scene, sign)
    if scene.blur:
        image = image.filter(ImageFilter.GaussianBlur(scene.blur * scene.crop_side / SIDE))
    if scene.light != 1 or scene.noise:
        image = Image.fromarray(_expose(np.asarray(image), scene, rng))
    if scene.tint != (1, 1, 1):
        image = _tint(np.asarray(image), scene.tint)
    buffer = io.BytesIO()
    if scene.quality:
        image.save(buffer, "JPEG", quality=scene.quality)
    else:
        image.save(buffer, "PNG", compress_level=0)
    return buffer.getvalue()


NEUTRAL = Scene()

# The rows of the robustness table: group, name, scene; rows of a group are adjacent. A scene may combine fields for
# crops (`resolution`, `scale`, `shift`) with fields for images (`crop_side`, `canvas`) that describe one condition.
# Names identify rows in robustness.json and seed their noise, so do not change them, although they use older terms:
# "frame" is the crop, "picture" the image, "grain" the noise.
SIZES = (16, 20, 24, 32, 40, 48, 64, 96, 192, 400)
CONDITIONS = (
    ("", "as it is", NEUTRAL),
    *(("size", f"a frame of {s}×{s} pixels", Scene(crop_side=s, resolution=min(s, SIDE))) for s in SIZES),
    *(("blur", f"blurred, σ = {s} % of the frame", Scene(blur=s * SIDE / 100)) for s in (1, 2, 3, 4, 6, 8)),
    *(("JPEG", f"JPEG of quality {q}", Scene(quality=q)) for q in (95, 75, 50, 30)),
    *(("light", f"1/{d} of the light, grain of {g} levels", Scene(light=1 / d, noise=g))
      for d, g in ((2, 3), (4, 4), (8, 5), (16, 5), (32, 5))),
    ("light", "twice the light, clipped", Scene(light=2.0)),
    ("light", "grain of 15 levels", Scene(noise=15.0)),
    ("colour", "red light", Scene(tint=(1.0, 0.35, 0.25))),
    ("colour", "green light", Scene(tint=(0.35, 1.0, 0.4))),
    ("colour", "blue light", Scene(tint=(0.25, 0.4, 1.0))),
    *(("roll", f"rolled by ±{d}°", Scene(roll=d)) for d in (10, 20, 30, 45)),
    *(("yaw", f"turned aside by ±{d}° (a cylinder)", Scene(yaw=d)) for d in (15, 30, 45)),
    ("cover", "dark glasses", Scene(occlusion="dark glasses")),
    ("cover", "a hand on a cheek", Scene(occlusion="hand")),
    ("cover", "a mask from the nose down", Scene(occlusion="mask")),
    ("cover", "left half gray", Scene(occlusion="left half")),
    *(("frame", f"scaled by {s}", Scene(scale=s)) for s in (0.85, 1.15)),
    *(("frame", f"shifted by {s} % right and down", Scene(shift=s / 100)) for s in (5, 10)),
    *(("640×480", f"a frame of {s}×{s} pixels in a picture of 640×480",
       Scene(crop_side=s, resolution=min(s, SIDE), canvas=(640, 480))) for s in (24, 32, 48, 64, 96)),
)
