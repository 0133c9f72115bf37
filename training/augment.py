"""Augmentation of whole batches: pixels [N, 1, 48, 48] float32 in 0..255 in and out.

Each function draws one set of parameters a face from the given generator, so that a run is
repeatable, and never loops over faces.
"""

import math

import numpy as np
import torch
from torch.nn import functional as F


def _uniform(count, low, high, generator):
    """float32 [count] drawn from low..high on the CPU, where the generator lives."""
    return torch.rand(count, generator=generator) * (high - low) + low


def _peaked(count, widest, generator):
    """float32 [count] drawn from ±widest, small values most often (a triangle)."""
    return _uniform(count, -widest / 2, widest / 2, generator) + _uniform(
        count, -widest / 2, widest / 2, generator)


EYES = 0.373  # half the way between the eyes of a framed face, in coordinates over -1..1


def warp(pixels, generator, degrees=30.0, scale=0.15, shift=0.10, yaw=0.3):
    """Mirror half of the faces; roll (± degrees, mostly less), scale (1 ± scale), shift (± shift of the
    frame) and turn all to the side.

    A head turned to the side and then framed by its eyes keeps these where they are, while one cheek
    grows and the other shrinks: a column x is read from x + k (x² - EYES²), |k| up to `yaw`. What comes
    in from outside repeats the border, as a crop at the edge of a photograph does.
    """
    count = len(pixels)
    angle = _peaked(count, math.radians(degrees), generator)
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
    turn = _peaked(count, yaw, generator).to(pixels.device).view(-1, 1, 1)
    x, y = F.affine_grid(theta, list(pixels.shape), align_corners=False).unbind(3)
    grid = torch.stack([x + turn * (x * x - EYES * EYES), y], dim=3)
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
    gain = torch.exp(_uniform(count, -contrast, contrast, generator)).to(pixels.device)
    level = _uniform(count, -brightness, brightness, generator).to(pixels.device)
    mean = lit.mean(dim=(1, 2, 3), keepdim=True)
    changed = (lit - mean) * gain.view(-1, 1, 1, 1) + mean + level.view(-1, 1, 1, 1)
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


def small(pixels, generator, smallest=16, largest=44):
    """Faces as a camera far away sees them: averaged down to one size, enlarged again."""
    side = int(torch.randint(smallest, largest + 1, (1,), generator=generator))
    fewer = F.interpolate(pixels, (side, side), mode="area")
    return F.interpolate(fewer, pixels.shape[2:], mode="bilinear", align_corners=False)


def noise(pixels, generator, strongest=12.0):
    """Grain of a dim camera, another amount for each face; clip to 0..255."""
    amount = _uniform(len(pixels), 0, strongest, generator).view(-1, 1, 1, 1)
    grain = torch.randn(pixels.shape, generator=generator) * amount
    return (pixels + grain.to(pixels.device)).clamp(0, 255)


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
    """Each of `small`, `noise` and `jpeg`, in a camera's order, for `chance` of the faces."""
    for change in (small, noise, jpeg):
        struck = torch.rand(len(pixels), generator=generator) < chance
        if struck.any():
            pixels = pixels.clone()
            pixels[struck] = change(pixels[struck], generator)
    return pixels


def augment(pixels, generator, degraded=0.0, strength=1.0):
    """All of the above, in the order in which a camera and a detector would do them; `degraded` is
    the chance of each of the losses of `degrade`, `strength` the share of all other ranges."""
    s = strength
    moved = warp(pixels, generator, 30 * s, 0.15 * s, 0.10 * s, 0.3 * s)
    changed = light(moved, generator, 30 * s, 0.3 * s, 0.4 * s, 0.5 * s)
    return cutout(degrade(changed, generator, degraded), generator, chance=0.5 * s)


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
