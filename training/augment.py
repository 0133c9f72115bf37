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


def warp(pixels, generator, degrees=15.0, scale=0.15, shift=0.10):
    """Mirror half of the faces, turn, scale (1 ± scale) and shift (± shift of the frame) all.

    What comes in from outside repeats the border, as a crop at the edge of a photograph does.
    """
    count = len(pixels)
    angle = _uniform(count, -math.radians(degrees), math.radians(degrees), generator)
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
    grid = F.affine_grid(theta, list(pixels.shape), align_corners=False)
    return F.grid_sample(pixels, grid, padding_mode="border", align_corners=False)


def light(pixels, generator, brightness=30.0, contrast=0.3):
    """Change contrast around each face's mean and add a level; clip to 0..255."""
    count = len(pixels)
    gain = torch.exp(_uniform(count, -contrast, contrast, generator)).to(pixels.device)
    level = _uniform(count, -brightness, brightness, generator).to(pixels.device)
    mean = pixels.mean(dim=(1, 2, 3), keepdim=True)
    changed = (pixels - mean) * gain.view(-1, 1, 1, 1) + mean + level.view(-1, 1, 1, 1)
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


def augment(pixels, generator):
    """All of the above, in the order in which a camera and a detector would do them."""
    return cutout(light(warp(pixels, generator), generator), generator)


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
