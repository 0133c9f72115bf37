"""Augmentation of whole batches: pixels [N, 1, 48, 48] float32 in 0..255 in and out.

Each function draws one set of parameters a face from the given generator, so that a run is
repeatable, and never loops over faces.
"""

import functools
import math
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

import head


@dataclass(frozen=True)
class Reach:
    """How far augmentation goes: degrees of `roll` and `yaw` (±, mostly less); `cover`: chance of glasses,
    and of a hand; `degrade`: chance of each of the losses of a camera; `strength`: the share of the full
    range of all else."""

    strength: float
    roll: float
    yaw: float
    cover: float
    degrade: float


def _uniform(count, low, high, generator):
    """float32 [count] drawn from low..high on the CPU, where the generator lives."""
    return torch.rand(count, generator=generator) * (high - low) + low


def _peaked(count, widest, generator):
    """float32 [count] drawn from ±widest, small values most often (a triangle)."""
    return _uniform(count, -widest / 2, widest / 2, generator) + _uniform(
        count, -widest / 2, widest / 2, generator)


def _each(pixels, generator, low, high):
    """A number from low..high for each face, to compute with its pixels: float32 [N, 1, 1, 1]."""
    return _uniform(len(pixels), low, high, generator).to(pixels.device).view(-1, 1, 1, 1)


def _struck(change, pixels, generator, chance):
    """The change for `chance` of the faces, the others as they are."""
    struck = (torch.rand(len(pixels), generator=generator) < chance).nonzero().squeeze(1).to(pixels.device)
    return pixels.index_copy(0, struck, change(pixels[struck], generator)) if len(struck) else pixels


def glasses(pixels, generator):
    """Glasses of another size, shape and tint on each face, from bare rims to black lenses."""
    drawn = functools.partial(_each, pixels, generator)
    x, y = head.axes(pixels.device)
    aside, down = x.abs() - head.EYES, y - head.EYE_LEVEL - drawn(-0.03, 0.08)
    wide, high, power = drawn(0.24, 0.36), drawn(0.15, 0.32), drawn(2, 6)
    outwards = ((aside.abs() / wide) ** power + (down.abs() / high) ** power) ** (1 / power)  # 1: the edge
    arms = (down.abs() < 0.05) & (outwards > 1) & (x.abs() < 0.85)
    rim = ((outwards - 1).abs() < drawn(0.04, 0.16)) | arms
    tint, lens, frame = drawn(-1, 1).clamp(min=0), drawn(0, 90), drawn(0, 160)
    tinted = pixels + (lens - pixels) * torch.where(outwards < 1, tint, torch.zeros_like(outwards))
    return torch.where(rim, frame.expand_as(pixels), tinted)


def hand(pixels, generator):
    """Something about as bright as the face, with fingers' lines, over a part of its lower half."""
    drawn = functools.partial(_each, pixels, generator)
    x, y = head.axes(pixels.device)
    angle = drawn(0, math.pi)
    cos, sin = torch.cos(angle), torch.sin(angle)
    x, y = x - drawn(-0.9, 0.9), y - drawn(0.1, 1.0)
    along, across = cos * x + sin * y, cos * y - sin * x
    behind = (along / drawn(0.4, 0.9)) ** 2 + (across / drawn(0.3, 0.6)) ** 2 < 1
    fingers = 1 - drawn(0, 0.3) * (torch.cos(across * drawn(20, 32)) > 0.8)
    bright = pixels.mean(dim=(1, 2, 3), keepdim=True) * drawn(0.75, 1.25)
    return torch.where(behind, (bright * fingers).clamp(0, 255), pixels)


def cover(pixels, generator, chance):
    """Glasses on, and a hand in front of, `chance` of the faces each."""
    return _struck(hand, _struck(glasses, pixels, generator, chance), generator, chance)


def warp(pixels, generator, roll=30.0, scale=0.15, shift=0.10, yaw=45.0):
    """Mirror half of the faces; roll (± degrees, mostly less), scale (1 ± scale), shift (± shift of the
    frame) and turn all to the side (± degrees of yaw, mostly less; head.py).

    What comes in from outside repeats the border, as a crop at the edge of a photograph does.
    """
    count = len(pixels)
    angle = _peaked(count, math.radians(roll), generator)
    size = torch.exp(_uniform(count, math.log(1 - scale), math.log(1 + scale), generator))
    mirror = (torch.rand(count, generator=generator) < 0.5).float() * -2 + 1
    cos, sin = torch.cos(angle) / size, torch.sin(angle) / size
    # Coordinates run over -1..1, so a shift by a fraction of the frame counts twice.
    right = _uniform(count, -2 * shift, 2 * shift, generator)
    down = _uniform(count, -2 * shift, 2 * shift, generator)
    theta = torch.stack(
        [
            torch.stack([cos * mirror, -sin, right], dim=1),
            torch.stack([sin * mirror, cos, down], dim=1),
        ],
        dim=1,
    ).to(pixels.device)
    turn = _peaked(count, math.radians(yaw), generator).to(pixels.device).view(-1, 1, 1)
    x, y = F.affine_grid(theta, list(pixels.shape), align_corners=False).unbind(3)
    grid = torch.stack([head.straight(x, turn), y], dim=3)
    return F.grid_sample(pixels, grid, padding_mode="border", align_corners=False)


def light(pixels, generator, brightness=30.0, contrast=0.3, gamma=0.4, shade=0.5):
    """Light from a side (up to ± shade from border to border), another gamma (exp of ± gamma), contrast
    around each face's mean and level; clip to 0..255."""
    count, _, height, width = pixels.shape
    amount = _peaked(count, shade, generator)
    angle = _uniform(count, 0, math.pi, generator)
    columns = torch.linspace(-1, 1, width) * (amount * torch.cos(angle)).view(-1, 1, 1, 1)
    rows = torch.linspace(-1, 1, height)[:, None] * (amount * torch.sin(angle)).view(-1, 1, 1, 1)
    power = torch.exp(_peaked(count, gamma, generator)).view(-1, 1, 1, 1).to(pixels.device)
    lit = (pixels * (1 + columns + rows).to(pixels.device) / 255).clamp(0, 1) ** power * 255
    gain = torch.exp(_each(pixels, generator, -contrast, contrast))
    level = _each(pixels, generator, -brightness, brightness)
    mean = lit.mean(dim=(1, 2, 3), keepdim=True)
    changed = (lit - mean) * gain + mean + level
    return changed.clamp(0, 255)


def cutout(pixels, generator, chance=0.5, smallest=8, largest=18):
    """Cover a square of the face with its mean, for `chance` of the faces."""
    count, _, height, width = pixels.shape
    side = _uniform(count, smallest, largest, generator)
    side = torch.where(torch.rand(count, generator=generator) < chance, side, torch.zeros(()))
    middle_x = _uniform(count, 0, width, generator)
    middle_y = _uniform(count, 0, height, generator)
    columns = (torch.arange(width) + 0.5 - middle_x[:, None]).abs() < side[:, None] / 2
    rows = (torch.arange(height) + 0.5 - middle_y[:, None]).abs() < side[:, None] / 2
    covered = (rows[:, :, None] & columns[:, None, :])[:, None].to(pixels.device)
    return torch.where(covered, pixels.mean(dim=(1, 2, 3), keepdim=True), pixels)


@functools.cache
def _fewer(smallest, largest, size):
    """For each number of pixels from smallest to largest what becomes of a row of `size` that is averaged down to so
    many, then enlarged again: float32 [numbers, size, size]."""
    pixels = torch.eye(size).unsqueeze(0)
    return torch.stack([
        F.interpolate(F.interpolate(pixels, side, mode="area"), size, mode="linear", align_corners=False)[0].T
        for side in range(smallest, largest + 1)])


def small(pixels, generator, smallest=16, largest=44):
    """Faces as a camera far away sees them: averaged down to another size each, enlarged again."""
    sides = torch.randint(smallest, largest + 1, (len(pixels),), generator=generator)
    change = _fewer(smallest, largest, pixels.shape[2])[sides - smallest].unsqueeze(1).to(pixels.device)
    return change @ pixels @ change.transpose(2, 3)


def exposure(pixels, generator, dimmest=1 / 12, brightest=2.0, grain=15.0):
    """Dim or glaring light on a camera that does not follow: levels drown in grain, or are clipped.

    The grain's deviation is up to `grain` levels in full light and falls with the root of the light, as
    that of photons does.
    """
    factor = torch.exp(_each(pixels, generator, math.log(dimmest), math.log(brightest)))
    amount = _each(pixels, generator, 0, grain) * factor.sqrt()
    noise = torch.randn(pixels.shape, generator=generator).to(pixels.device) * amount
    return (pixels * factor + noise).round().clamp(0, 255)


def _cosines():
    """The orthonormal 8x8 matrix of the discrete cosine transform: row = frequency."""
    place = torch.arange(8.0)
    matrix = torch.cos((2 * place[None, :] + 1) * place[:, None] * math.pi / 16) / 2
    matrix[0] /= math.sqrt(2)
    return matrix


# The luminance table of Annex K of the JPEG standard (ITU-T T.81), for quality 50.
_JPEG_STEPS = torch.tensor([
    [16, 11, 10, 16, 24, 40, 51, 61], [12, 12, 14, 19, 26, 58, 60, 55],
    [14, 13, 16, 24, 40, 57, 69, 56], [14, 17, 22, 29, 51, 87, 80, 62],
    [18, 22, 37, 56, 68, 109, 103, 77], [24, 35, 55, 64, 81, 104, 113, 92],
    [49, 64, 78, 87, 103, 121, 120, 101], [72, 92, 95, 98, 112, 100, 103, 99],
], dtype=torch.float32)


def jpeg(pixels, generator, worst=30, best=95):
    """Save each face as a JPEG of some quality: its 8x8 blocks lose what the steps round away."""
    count, _, height, width = pixels.shape
    quality = _uniform(count, worst, best, generator).to(pixels.device)
    scale = torch.where(quality < 50, 50 / quality, 2 - quality / 50)
    steps = (_JPEG_STEPS.to(pixels.device) * scale.view(-1, 1, 1, 1, 1)).round().clamp(1, 255)
    cosines = _cosines().to(pixels.device)
    blocks = pixels.view(count, height // 8, 8, width // 8, 8).transpose(2, 3) - 128
    waves = cosines @ blocks @ cosines.T
    restored = cosines.T @ ((waves / steps).round() * steps) @ cosines + 128
    return restored.transpose(2, 3).reshape(pixels.shape).round().clamp(0, 255)


def degrade(pixels, generator, chance):
    """Each of `small`, `exposure` and `jpeg`, in a camera's order, for `chance` of the faces."""
    for change in (small, exposure, jpeg):
        pixels = _struck(change, pixels, generator, chance)
    return pixels


def augment(pixels, generator, reach):
    """All of the above as far as `reach` goes, in the order in which heads, light and cameras would do it."""
    s = reach.strength
    covered = cover(pixels, generator, reach.cover)
    moved = warp(covered, generator, reach.roll, 0.15 * s, 0.10 * s, reach.yaw)
    changed = light(moved, generator, 30 * s, 0.3 * s, 0.4 * s, 0.5 * s)
    return cutout(degrade(changed, generator, reach.degrade), generator, chance=0.5 * s)


def mixup(pixels, targets, generator, alpha=0.2):
    """Blend the batch with its reverse: pixels [N, 1, H, W] and targets [N, 8], one share for all.

    The share is drawn from Beta(alpha, alpha); 0 switches it off (Zhang et al. 2018).
    """
    if alpha <= 0:
        return pixels, targets
    # torch draws no Beta from a generator; numpy does, from a seed that the generator gives.
    seed = int(torch.randint(0, 2**31 - 1, (1,), generator=generator))
    share = float(np.random.default_rng(seed).beta(alpha, alpha))
    share = max(share, 1 - share)
    return (
        share * pixels + (1 - share) * pixels.flip(0),
        share * targets + (1 - share) * targets.flip(0),
    )
