"""Augmentation of whole batches: pixels [N, 1, 48, 48] float32 in 0..255 in and out.

Each function draws the parameters of all faces from the given generator, so that a run is reproducible, and processes
the batch without a loop over faces.
"""

import functools
import math
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

import head_geometry


@dataclass(frozen=True)
class AugmentationRange:
    """How strong the augmentation is.

    `roll`, `yaw`: maximum angles in degrees, small angles being more frequent. `wrinkles`: probability of wrinkles.
    `occlusion`: probability of glasses, and of a hand. `degradation`: probability of each camera degradation.
    `strength`: all other augmentation except mirroring, as a fraction of its full range.
    """

    strength: float
    roll: float
    yaw: float
    wrinkles: float
    occlusion: float
    degradation: float


def _uniform(count, low, high, generator):
    """float32 [count], uniform in low..high, on the CPU like the generator."""
    return torch.rand(count, generator=generator) * (high - low) + low


def _triangular(count, limit, generator):
    """float32 [count] from the triangular distribution over ±limit, which has its mode at 0."""
    return _uniform(count, -limit / 2, limit / 2, generator) + _uniform(
        count, -limit / 2, limit / 2, generator)


def _per_face(pixels, generator, low, high):
    """One uniform number in low..high per face, float32 [N, 1, 1, 1] on the device of `pixels`."""
    return _uniform(len(pixels), low, high, generator).to(pixels.device).view(-1, 1, 1, 1)


def _apply_to_some(change, pixels, generator, probability):
    """Applies `change(pixels, generator)` to each face with the given probability."""
    selected = (torch.rand(len(pixels), generator=generator) < probability).nonzero().squeeze(1).to(pixels.device)
    return pixels.index_copy(0, selected, change(pixels[selected], generator)) if len(selected) else pixels


def add_glasses(pixels, generator):
    """Draws glasses of random size, shape and tint on each face, from bare rims to black lenses."""
    uniform = functools.partial(_per_face, pixels, generator)
    x, y = head_geometry.pixel_centres(pixels.device)
    dx, dy = x.abs() - head_geometry.HALF_EYE_DISTANCE, y - head_geometry.EYE_LEVEL - uniform(-0.03, 0.08)
    width, height, power = uniform(0.24, 0.36), uniform(0.15, 0.32), uniform(2, 6)
    # The distance from the centre of a lens, 1 at its edge: the lenses are superellipses.
    distance = ((dx.abs() / width) ** power + (dy.abs() / height) ** power) ** (1 / power)
    temples = (dy.abs() < 0.05) & (distance > 1) & (x.abs() < 0.85)
    rim = ((distance - 1).abs() < uniform(0.04, 0.16)) | temples
    tint, lens_level, rim_level = uniform(-1, 1).clamp(min=0), uniform(0, 90), uniform(0, 160)
    tinted = pixels + (lens_level - pixels) * torch.where(distance < 1, tint, torch.zeros_like(distance))
    return torch.where(rim, rim_level.expand_as(pixels), tinted)


def add_hand(pixels, generator):
    """Draws an ellipse about as bright as the face, with dark lines between fingers, centred in its lower half."""
    uniform = functools.partial(_per_face, pixels, generator)
    x, y = head_geometry.pixel_centres(pixels.device)
    angle = uniform(0, math.pi)
    cos, sin = torch.cos(angle), torch.sin(angle)
    x, y = x - uniform(-0.9, 0.9), y - uniform(0.1, 1.0)
    along, across = cos * x + sin * y, cos * y - sin * x
    covered = (along / uniform(0.4, 0.9)) ** 2 + (across / uniform(0.3, 0.6)) ** 2 < 1
    fingers = 1 - uniform(0, 0.3) * (torch.cos(across * uniform(20, 32)) > 0.8)
    level = pixels.mean(dim=(1, 2, 3), keepdim=True) * uniform(0.75, 1.25)
    return torch.where(covered, (level * fingers).clamp(0, 255), pixels)


def occlude(pixels, generator, probability):
    """Adds glasses and a hand, each with the given probability."""
    with_glasses = _apply_to_some(add_glasses, pixels, generator, probability)
    return _apply_to_some(add_hand, with_glasses, generator, probability)


def _line(along, across, start, end, bend, width):
    """How dark a pixel is on a line that fades towards its ends, 0..1. `along` and `across` are its coordinates along
    and across the line; the middle of the line is displaced by `bend`."""
    part = (along - start) / (end - start)
    arc = (4 * part * (1 - part)).clamp(min=0)
    return arc.sqrt() * torch.exp(-((across - bend * arc) / width) ** 2)


def add_wrinkles(pixels, generator):
    """Draws wrinkles of random depth as dark lines. The expression stays the same, as that of an older person."""
    uniform = functools.partial(_per_face, pixels, generator)
    x, y = head_geometry.pixel_centres(pixels.device)
    side, below_eyes = x.abs(), y - head_geometry.EYE_LEVEL
    folds = [  # from the nose to the corners of the mouth, from there down, and below the eyes
        _line(y, side - uniform(0.12, 0.24) - (y - 0.1) * uniform(0.2, 0.55), uniform(0.05, 0.15), uniform(0.4, 0.75),
              uniform(-0.02, 0.08), uniform(0.025, 0.05)),
        _line(y, side - uniform(0.25, 0.36) - (y - 0.5) * uniform(-0.1, 0.3), uniform(0.48, 0.55), uniform(0.65, 0.9),
              uniform(-0.02, 0.02), uniform(0.02, 0.04)),
        _line(side, below_eyes - uniform(0.12, 0.25), uniform(0.12, 0.2), uniform(0.45, 0.6), uniform(0, 0.08),
              uniform(0.025, 0.05))]
    beside_eyes = [
        _line(side, below_eyes - (side - 0.5) * (slope + uniform(-0.1, 0.1)), uniform(0.5, 0.56), uniform(0.65, 0.85),
              uniform(-0.02, 0.02), uniform(0.02, 0.03)) for slope in (-0.5, 0, 0.5)]
    forehead = [
        _line(x, y - level - uniform(-0.06, 0.06), uniform(-0.6, -0.3), uniform(0.3, 0.6), uniform(-0.08, 0.02),
              uniform(0.02, 0.04)) for level in (-0.85, -0.7, -0.55)]
    lines = torch.stack([line * uniform(0, 1) for line in folds + beside_eyes + forehead])
    return pixels * (1 - uniform(0.1, 0.45) * lines.amax(dim=0))


def warp(pixels, generator, roll=30.0, scale=0.15, shift=0.10, yaw=45.0):
    """Mirrors each face with a probability of 1/2 and applies a random roll, scale, shift and yaw.

    `roll` and `yaw` are maximum angles in degrees, small angles being more frequent (head_geometry.py turns the
    heads). The scale is in 1 ± `scale`, the shift in ± `shift` of the crop's side. The border is repeated outwards,
    as for a crop at the edge of an image.
    """
    count = len(pixels)
    angle = _triangular(count, math.radians(roll), generator)
    size = torch.exp(_uniform(count, math.log(1 - scale), math.log(1 + scale), generator))
    mirror = (torch.rand(count, generator=generator) < 0.5).float() * -2 + 1
    cos, sin = torch.cos(angle) / size, torch.sin(angle) / size
    # Coordinates span -1..1, so a shift by a fraction of the side is twice that fraction.
    right = _uniform(count, -2 * shift, 2 * shift, generator)
    down = _uniform(count, -2 * shift, 2 * shift, generator)
    theta = torch.stack(
        [
            torch.stack([cos * mirror, -sin, right], dim=1),
            torch.stack([sin * mirror, cos, down], dim=1),
        ],
        dim=1,
    ).to(pixels.device)
    turn = _triangular(count, math.radians(yaw), generator).to(pixels.device).view(-1, 1, 1)
    x, y = F.affine_grid(theta, list(pixels.shape), align_corners=False).unbind(3)
    grid = torch.stack([head_geometry.frontal_columns(x, turn), y], dim=3)
    return F.grid_sample(pixels, grid, padding_mode="border", align_corners=False)


def relight(pixels, generator, brightness=30.0, contrast=0.3, gamma=0.4, shade=0.5):
    """Changes the illumination: a brightness gradient across the face, gamma, contrast and brightness.

    The gradient is up to ± `shade` at opposite borders; gamma is the exponential of up to ± `gamma`, the contrast,
    around each face's mean, that of up to ± `contrast`; the brightness changes by up to ± `brightness` levels. The
    result is clipped to 0..255.
    """
    count, _, height, width = pixels.shape
    amount = _triangular(count, shade, generator)
    angle = _uniform(count, 0, math.pi, generator)
    columns = torch.linspace(-1, 1, width) * (amount * torch.cos(angle)).view(-1, 1, 1, 1)
    rows = torch.linspace(-1, 1, height)[:, None] * (amount * torch.sin(angle)).view(-1, 1, 1, 1)
    power = torch.exp(_triangular(count, gamma, generator)).view(-1, 1, 1, 1).to(pixels.device)
    lit = (pixels * (1 + columns + rows).to(pixels.device) / 255).clamp(0, 1) ** power * 255
    gain = torch.exp(_per_face(pixels, generator, -contrast, contrast))
    offset = _per_face(pixels, generator, -brightness, brightness)
    mean = lit.mean(dim=(1, 2, 3), keepdim=True)
    return ((lit - mean) * gain + mean + offset).clamp(0, 255)


def cutout(pixels, generator, probability=0.5, smallest=8, largest=18):
    """Fills a random square of each face with the face's mean, with the given probability."""
    count, _, height, width = pixels.shape
    side = _uniform(count, smallest, largest, generator)
    side = torch.where(torch.rand(count, generator=generator) < probability, side, torch.zeros(()))
    centre_x = _uniform(count, 0, width, generator)
    centre_y = _uniform(count, 0, height, generator)
    columns = (torch.arange(width) + 0.5 - centre_x[:, None]).abs() < side[:, None] / 2
    rows = (torch.arange(height) + 0.5 - centre_y[:, None]).abs() < side[:, None] / 2
    covered = (rows[:, :, None] & columns[:, None, :])[:, None].to(pixels.device)
    return torch.where(covered, pixels.mean(dim=(1, 2, 3), keepdim=True), pixels)


@functools.cache
def _downscale_matrices(smallest, largest, size):
    """For each resolution from smallest to largest the matrix that averages a row of `size` pixels down to that many
    pixels and enlarges it again: float32 [resolutions, size, size]."""
    identity = torch.eye(size).unsqueeze(0)
    return torch.stack([
        F.interpolate(F.interpolate(identity, side, mode="area"), size, mode="linear", align_corners=False)[0].T
        for side in range(smallest, largest + 1)])


def downscale(pixels, generator, smallest=16, largest=44):
    """Averages each face down to a random resolution and enlarges it again, like a face far from the camera."""
    sides = torch.randint(smallest, largest + 1, (len(pixels),), generator=generator)
    matrices = _downscale_matrices(smallest, largest, pixels.shape[2])[sides - smallest]
    matrices = matrices.unsqueeze(1).to(pixels.device)
    return matrices @ pixels @ matrices.transpose(2, 3)


def expose(pixels, generator, dimmest=1 / 12, brightest=2.0, noise=15.0):
    """Simulates a camera with a fixed exposure in dim or bright light: noise, quantisation and clipping.

    The standard deviation of the noise is up to `noise` levels at a light of 1 and proportional to the square root of
    the light, like photon noise.
    """
    light = torch.exp(_per_face(pixels, generator, math.log(dimmest), math.log(brightest)))
    deviation = _per_face(pixels, generator, 0, noise) * light.sqrt()
    sample = torch.randn(pixels.shape, generator=generator).to(pixels.device) * deviation
    return (pixels * light + sample).round().clamp(0, 255)


def _dct_matrix():
    """The orthonormal 8x8 matrix of the discrete cosine transform; a row per frequency."""
    index = torch.arange(8.0)
    matrix = torch.cos((2 * index[None, :] + 1) * index[:, None] * math.pi / 16) / 2
    matrix[0] /= math.sqrt(2)
    return matrix


# The luminance quantisation table of Annex K of the JPEG standard (ITU-T T.81), for quality 50.
_JPEG_TABLE = torch.tensor([
    [16, 11, 10, 16, 24, 40, 51, 61], [12, 12, 14, 19, 26, 58, 60, 55],
    [14, 13, 16, 24, 40, 57, 69, 56], [14, 17, 22, 29, 51, 87, 80, 62],
    [18, 22, 37, 56, 68, 109, 103, 77], [24, 35, 55, 64, 81, 104, 113, 92],
    [49, 64, 78, 87, 103, 121, 120, 101], [72, 92, 95, 98, 112, 100, 103, 99],
], dtype=torch.float32)


def compress_jpeg(pixels, generator, worst=30, best=95):
    """Applies the losses of JPEG at a random quality per face: quantised DCT coefficients of 8x8 blocks."""
    count, _, height, width = pixels.shape
    quality = _uniform(count, worst, best, generator).to(pixels.device)
    scale = torch.where(quality < 50, 50 / quality, 2 - quality / 50)
    steps = (_JPEG_TABLE.to(pixels.device) * scale.view(-1, 1, 1, 1, 1)).round().clamp(1, 255)
    dct = _dct_matrix().to(pixels.device)
    blocks = pixels.view(count, height // 8, 8, width // 8, 8).transpose(2, 3) - 128
    coefficients = dct @ blocks @ dct.T
    restored = dct.T @ ((coefficients / steps).round() * steps) @ dct + 128
    return restored.transpose(2, 3).reshape(pixels.shape).round().clamp(0, 255)


def degrade(pixels, generator, probability):
    """Applies `downscale`, `expose` and `compress_jpeg`, in a camera's order, each with the given probability."""
    for change in (downscale, expose, compress_jpeg):
        pixels = _apply_to_some(change, pixels, generator, probability)
    return pixels


def augment(pixels, generator, augmentation_range):
    """Applies all of the above within the range, in physical order (head, light, camera), then the cutout."""
    s = augmentation_range.strength
    wrinkled = _apply_to_some(add_wrinkles, pixels, generator, augmentation_range.wrinkles)
    occluded = occlude(wrinkled, generator, augmentation_range.occlusion)
    warped = warp(occluded, generator, augmentation_range.roll, 0.15 * s, 0.10 * s, augmentation_range.yaw)
    lit = relight(warped, generator, 30 * s, 0.3 * s, 0.4 * s, 0.5 * s)
    return cutout(degrade(lit, generator, augmentation_range.degradation), generator, probability=0.5 * s)


def mixup(pixels, targets, generator, alpha=0.2):
    """Blends the batch with its reverse (Zhang et al. 2018): pixels [N, 1, H, W] and targets [N, 8].

    One weight w is drawn from Beta(alpha, alpha) for all faces; the batch has the larger of w and 1 - w. An alpha of 0
    disables mixup.
    """
    if alpha <= 0:
        return pixels, targets
    # PyTorch cannot sample a Beta distribution with a generator, so NumPy does, seeded from the generator.
    seed = int(torch.randint(0, 2**31 - 1, (1,), generator=generator))
    weight = float(np.random.default_rng(seed).beta(alpha, alpha))
    weight = max(weight, 1 - weight)
    return (
        weight * pixels + (1 - weight) * pixels.flip(0),
        weight * targets + (1 - weight) * targets.flip(0),
    )
