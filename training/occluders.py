"""Draws what may hide a part of a face, such as masks, hands and glasses, and what only seems to, such as beards.

Faces are float32 [N, 1, 48, 48] in 0..255. Each function that draws returns the changed faces and the opacity of what
it drew, [N, 1, 48, 48] in 0..1, from which `hidden_parts` computes how much of the mouth and of the eyes is hidden.
"""

import functools
import math

import torch
from torch.nn import functional as F

import head_geometry
from augment import _per_face as per_face

MOUTH = (0.0, 0.58, 0.34, 0.2)  # an ellipse in coordinates of head_geometry: centre and half axes
EYES = tuple((sign * head_geometry.HALF_EYE_DISTANCE, head_geometry.EYE_LEVEL, 0.22, 0.13) for sign in (-1, 1))


def _ellipse(region, device="cpu"):
    """bool [48, 48]: the pixels of an ellipse."""
    x, y = head_geometry.pixel_centres(device)
    centre_x, centre_y, half_width, half_height = region
    return ((x - centre_x) / half_width) ** 2 + ((y - centre_y) / half_height) ** 2 < 1


def hidden_parts(opacity):
    """The hidden fractions of the mouth and of the eyes, float32 [N, 2]."""
    mouth = _ellipse(MOUTH, opacity.device)
    eyes = _ellipse(EYES[0], opacity.device) | _ellipse(EYES[1], opacity.device)
    return torch.stack([opacity[:, 0, mouth].mean(dim=1), opacity[:, 0, eyes].mean(dim=1)], dim=1)


def _chance(pixels, generator, probability):
    """bool [N, 1, 1, 1], true with the probability."""
    return per_face(pixels, generator, 0, 1) < probability


def _clouds(pixels, generator, cells):
    """Smooth noise of about -1..1 with `cells` independent values along each side, like pixels."""
    values = torch.randn(len(pixels), 1, cells, cells, generator=generator).to(pixels.device)
    return F.interpolate(values, pixels.shape[2:], mode="bilinear", align_corners=False)


def _skin_level(pixels):
    """The mean level of the middle of each face, [N, 1, 1, 1]."""
    return pixels[:, :, 12:36, 8:40].mean(dim=(2, 3), keepdim=True)


def _print(pixels, generator):
    """A pattern of cloth, about -1..1, like pixels: stripes, checks or blotches."""
    uniform = functools.partial(per_face, pixels, generator)
    x, y = head_geometry.pixel_centres(pixels.device)
    angle, kind = uniform(0, math.pi), uniform(0, 1)
    along, across = torch.cos(angle) * x + torch.sin(angle) * y, torch.cos(angle) * y - torch.sin(angle) * x
    stripes = torch.cos(uniform(8, 40) * along)
    checks = stripes * torch.cos(uniform(8, 40) * across)
    blotches = (8 * torch.maximum(_clouds(pixels, generator, 9), _clouds(pixels, generator, 16)) - 6).clamp(-1, 1)
    return torch.where(kind < 0.25, stripes, torch.where(kind < 0.45, checks, blotches))


def cloth(pixels, generator):
    """Levels of a surface with shading, folds and sometimes a pattern, like pixels."""
    uniform = functools.partial(per_face, pixels, generator)
    x, y = head_geometry.pixel_centres(pixels.device)
    shading = 1 + uniform(-0.3, 0.3) * x + uniform(-0.3, 0.3) * y + uniform(-0.35, 0.1) * x**2
    folds = 1 + uniform(0, 0.1) * torch.cos(uniform(8, 25) * y + uniform(-3, 3) * x + uniform(0, 2 * math.pi))
    contrast = torch.where(_chance(pixels, generator, 0.3), uniform(10, 110), torch.zeros(()))
    like_face = _skin_level(pixels) * uniform(0.8, 1.25)
    level = torch.where(_chance(pixels, generator, 0.3), like_face, uniform(10, 250))
    levels = level * shading * folds + contrast * _print(pixels, generator)
    levels = levels + uniform(0, 14) * _clouds(pixels, generator, 5) + uniform(0, 16) * _clouds(pixels, generator, 12)
    return levels.clamp(0, 255)


def skin(pixels, generator):
    """Levels of skin that is about as bright as the face, like pixels."""
    uniform = functools.partial(per_face, pixels, generator)
    x, y = head_geometry.pixel_centres(pixels.device)
    level = _skin_level(pixels) * uniform(0.7, 1.35)
    shading = 1 + uniform(-0.25, 0.25) * x + uniform(-0.25, 0.25) * y
    return (level * shading + uniform(2, 12) * _clouds(pixels, generator, 8)).clamp(0, 255)


def _blend(pixels, levels, opacity):
    return pixels + (levels - pixels) * opacity


def _soft(distance, width=0.05):
    """1 where the distance to an edge is positive, 0 where it is negative, with a soft edge."""
    return (distance / width + 0.5).clamp(0, 1)


def draw_mask(pixels, generator):
    """A mask over nose or mouth down to the chin, sometimes worn too low."""
    uniform = functools.partial(per_face, pixels, generator)
    x, y = head_geometry.pixel_centres(pixels.device)
    x = x - uniform(-0.06, 0.06)
    top = uniform(-0.12, 0.4) + torch.where(_chance(pixels, generator, 0.08), uniform(0.3, 0.6), torch.zeros(()))
    bottom, width = uniform(0.85, 1.5), uniform(0.6, 1.0)
    rise = uniform(0, 0.16) * torch.exp(-((x / uniform(0.15, 0.35)) ** 2))  # over the bridge of the nose
    upper = y - (top - rise + uniform(-0.15, 0.3) * x.abs())
    down = ((y - top) / (bottom - top)).clamp(0, 1)
    side = width * (1 - uniform(0.1, 0.6) * down ** uniform(1, 3)) - x.abs()
    opacity = _soft(torch.minimum(torch.minimum(upper, side), bottom - y))
    levels = cloth(pixels, generator)
    rim = uniform(-60, 30) * torch.exp(-((upper / 0.07) ** 2))
    ridge = uniform(-10, 35) * torch.exp(-((x / uniform(0.1, 0.3)) ** 2))
    pleats = torch.where(_chance(pixels, generator, 0.3), uniform(0, 0.35), torch.zeros(()))
    levels = levels * (1 - pleats * torch.cos(uniform(8, 16) * upper).clamp(min=0) ** 6)
    valve = torch.hypot(x - uniform(-0.4, 0.4), y - uniform(0.35, 0.75)) < uniform(0.06, 0.16)
    ridge = ridge + uniform(-60, 60) * (valve & _chance(pixels, generator, 0.15))
    has_straps = _chance(pixels, generator, 0.5)
    strap = ((upper - uniform(-0.1, 0.1) - uniform(-0.4, 0.4) * (x.abs() - width)).abs() < 0.04) & (x.abs() > width)
    drawn = _blend(pixels, (levels + rim + ridge).clamp(0, 255), opacity)
    return torch.where(strap & has_straps, levels, drawn), opacity


def draw_scarf(pixels, generator):
    """Cloth from the nose or the mouth down, as wide as the crop."""
    uniform = functools.partial(per_face, pixels, generator)
    x, y = head_geometry.pixel_centres(pixels.device)
    edge = uniform(-0.05, 0.7) + uniform(-0.3, 0.3) * x + uniform(-0.2, 0.2) * x**2
    opacity = _soft(y - edge - 0.05 * _clouds(pixels, generator, 6))
    folds = uniform(0, 40) * torch.cos(uniform(6, 16) * (y + uniform(-0.5, 0.5) * x))
    return _blend(pixels, (cloth(pixels, generator) + folds).clamp(0, 255), opacity), opacity


def draw_hand(pixels, generator):
    """A hand or two, mostly over the lower half of the face, sometimes over the eyes: fingers, or a fist's knuckles."""
    uniform = functools.partial(per_face, pixels, generator)
    x, y = head_geometry.pixel_centres(pixels.device)
    over_eyes = _chance(pixels, generator, 0.2)
    centre_y = torch.where(over_eyes, uniform(-0.4, 0.0), uniform(0.35, 0.95))
    angle = uniform(-math.pi, math.pi)
    x = torch.where(_chance(pixels, generator, 0.3), x.abs() - uniform(0.1, 0.45), x - uniform(-0.6, 0.6))
    y = y - centre_y
    along, across = torch.cos(angle) * x + torch.sin(angle) * y, torch.cos(angle) * y - torch.sin(angle) * x
    width = uniform(0.28, 0.5)
    fist = _chance(pixels, generator, 0.25)
    length = torch.where(fist, uniform(0.15, 0.35), uniform(0.4, 1.0))
    column = across / (width / 2)  # two fingers on each side of the middle
    finger = (column - torch.floor(column) - 0.5).abs() * 2  # 0 at the middle of a finger, 1 at its side
    tip = length * (1 - uniform(0, 0.35) * (across / width) ** 2) - uniform(0.05, 0.2) * finger**2 - along
    gap = torch.where(_chance(pixels, generator, 0.25), uniform(0, 0.25), torch.zeros(()))
    inside = torch.minimum(torch.minimum(tip, width - across.abs()), along + uniform(0.2, 1.2))
    opacity = _soft(inside) * (finger < 1 - gap)
    lines = 1 - uniform(0.1, 0.6) * finger ** uniform(2, 8) * (along > uniform(-0.4, 0))
    knuckles = 1 + uniform(0, 0.2) * torch.cos(uniform(6, 14) * along)
    outline = 1 - uniform(0, 0.45) * torch.exp(-((inside / uniform(0.05, 0.12)) ** 2))  # a shadow around the hand
    levels = (skin(pixels, generator) * lines * knuckles * outline).clamp(0, 255)
    return _blend(pixels * outline, levels, opacity), opacity


def draw_object(pixels, generator):
    """A box or a disc of any size and place: a cup, a phone, a microphone, somebody's shoulder."""
    uniform = functools.partial(per_face, pixels, generator)
    x, y = head_geometry.pixel_centres(pixels.device)
    angle, power = uniform(0, math.pi), uniform(1.6, 8)
    x, y = x - uniform(-0.8, 0.8), y - uniform(-0.9, 1.1)
    along, across = torch.cos(angle) * x + torch.sin(angle) * y, torch.cos(angle) * y - torch.sin(angle) * x
    half_length, half_width = uniform(0.2, 0.9), uniform(0.15, 0.6)
    distance = ((along / half_length).abs() ** power + (across / half_width).abs() ** power) ** (1 / power)
    opacity = _soft(1 - distance, 0.15)
    return _blend(pixels, cloth(pixels, generator), opacity), opacity


def _lenses(pixels, generator):
    """The distance from the centre of the nearest lens, 1 at its edge, and a mask of the frame, like pixels."""
    uniform = functools.partial(per_face, pixels, generator)
    x, y = head_geometry.pixel_centres(pixels.device)
    offset_x = x.abs() - head_geometry.HALF_EYE_DISTANCE - uniform(-0.04, 0.05)
    offset_y = y - head_geometry.EYE_LEVEL - uniform(-0.1, 0.12) - uniform(-0.15, 0.15) * offset_x
    power = uniform(2, 5)
    distance = ((offset_x.abs() / uniform(0.25, 0.38)) ** power
                + (offset_y.abs() / uniform(0.15, 0.34)) ** power) ** (1 / power)
    rim = (distance - 1).abs() < uniform(0.02, 0.16)
    temple = (offset_y + uniform(0, 0.1)).abs() < uniform(0.02, 0.06)
    return distance, rim | (temple & (distance > 1) & (x.abs() < uniform(0.75, 1)))


def draw_dark_glasses(pixels, generator):
    """Glasses through which the eyes cannot be seen, some with reflections or lighter below."""
    uniform = functools.partial(per_face, pixels, generator)
    x, y = head_geometry.pixel_centres(pixels.device)
    distance, frame = _lenses(pixels, generator)
    fade = 1 - torch.where(_chance(pixels, generator, 0.3), uniform(0, 0.5), torch.zeros(())) * (
        (y - head_geometry.EYE_LEVEL) / 0.3).clamp(0, 1)
    opacity = _soft(1 - distance, 0.15) * uniform(0.8, 1) * fade
    shine = torch.where(_chance(pixels, generator, 0.4), uniform(10, 120), torch.zeros(()))
    levels = uniform(0, 1) ** 2 * 110 + shine * (_clouds(pixels, generator, 7) - uniform(-0.3, 1.2)).clamp(0, 1)
    drawn = _blend(pixels, levels.clamp(0, 255), opacity)
    return torch.where(frame, uniform(0, 1) ** 2 * 200, drawn), opacity


def draw_clear_glasses(pixels, generator):
    """Glasses through which the eyes can be seen, some with small reflections."""
    uniform = functools.partial(per_face, pixels, generator)
    distance, frame = _lenses(pixels, generator)
    tint = torch.where(_chance(pixels, generator, 0.3), uniform(0, 0.35), torch.zeros(()))
    drawn = _blend(pixels, uniform(0, 120), (distance < 1) * tint)
    shine = torch.where(_chance(pixels, generator, 0.3), uniform(40, 200), torch.zeros(()))
    drawn = drawn + shine * (distance < 1) * (_clouds(pixels, generator, 14) - 1.2).clamp(0, 1)
    drawn = torch.where(frame, uniform(0, 230), drawn)
    return drawn.clamp(0, 255), torch.zeros_like(pixels)


def draw_beard(pixels, generator):
    """A beard, a moustache or both, around lips that stay visible."""
    uniform = functools.partial(per_face, pixels, generator)
    x, y = head_geometry.pixel_centres(pixels.device)
    centre, half_width, half_height = uniform(0.52, 0.64), uniform(0.25, 0.4), uniform(0.06, 0.16)
    lips = (x / half_width) ** 2 + ((y - centre) / half_height) ** 2 - 1
    jaw = y - uniform(0.2, 0.75) + uniform(0, 0.9) * x**2 * torch.where(_chance(pixels, generator, 0.5), -1.0, 1.0)
    moustache = torch.minimum(0.14 - (y - centre + half_height + 0.1).abs(), half_width + 0.12 - x.abs())
    style = uniform(0, 1)
    area = torch.where(style < 0.4, torch.maximum(jaw, moustache), torch.where(style < 0.8, jaw, moustache))
    amount = _soft(torch.minimum(area, 0.3 * lips), 0.12) * uniform(0.2, 0.95)
    hair = (uniform(5, 120) + uniform(3, 20) * torch.randn(pixels.shape, generator=generator)).clamp(0, 255)
    return _blend(pixels, hair, amount), torch.zeros_like(pixels)


def draw_shadow(pixels, generator):
    """Darkens one side of a line through the face."""
    uniform = functools.partial(per_face, pixels, generator)
    x, y = head_geometry.pixel_centres(pixels.device)
    angle = uniform(-math.pi, math.pi)
    side = torch.cos(angle) * x + torch.sin(angle) * y - uniform(-0.5, 0.5)
    return pixels * (1 - _soft(side, 0.4) * uniform(0.1, 0.75)), torch.zeros_like(pixels)


def draw_hollows(pixels, generator):
    """Darkens deep-set eyes, as light from above does."""
    uniform = functools.partial(per_face, pixels, generator)
    x, y = head_geometry.pixel_centres(pixels.device)
    distance = ((x.abs() - head_geometry.HALF_EYE_DISTANCE) / uniform(0.2, 0.4)) ** 2 + (
        (y - head_geometry.EYE_LEVEL + 0.03) / uniform(0.12, 0.25)) ** 2
    return pixels * (1 - uniform(0.1, 0.6) * torch.exp(-distance)), torch.zeros_like(pixels)


def crop_at_border(pixels, generator):
    """Repeats a row near the chin down to the bottom, as in the crop of a face at the bottom of an image."""
    last = per_face(pixels, generator, 0.82, 1) * pixels.shape[2]
    rows = torch.minimum(torch.arange(pixels.shape[2], device=pixels.device).view(1, 1, -1, 1), last.long() - 1)
    return pixels.gather(2, rows.expand_as(pixels)), torch.zeros_like(pixels)


# What is drawn, and on which fraction of the faces. Later ones are in front of earlier ones.
DRAWN = (
    (draw_beard, 0.12), (draw_hollows, 0.12), (draw_shadow, 0.15), (draw_clear_glasses, 0.15),
    (draw_dark_glasses, 0.17), (draw_mask, 0.24), (draw_scarf, 0.06), (draw_hand, 0.24), (draw_object, 0.1),
    (crop_at_border, 0.25),
)


def draw_all(pixels, generator):
    """Draws each kind of thing on some of the faces; returns the faces and their hidden parts [N, 2]."""
    pixels, opacity = pixels.clone(), torch.zeros_like(pixels)
    for draw, probability in DRAWN:
        some = (torch.rand(len(pixels), generator=generator) < probability).nonzero().squeeze(1)
        if len(some) == 0:
            continue
        pixels[some], drawn = draw(pixels[some], generator)
        opacity[some] = torch.maximum(opacity[some], drawn)
    return pixels, hidden_parts(opacity)
