"""Generated images without faces: noise, stripes, tiles, blobs and bricks, the same in every call."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIZE = (640, 480)
COUNT = 12  # images of each kind


def noise(rng):
    """Coloured noise whose amplitude falls with the frequency, as in natural images."""
    width, height = SIZE
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    frequency[0, 0] = 1
    falloff = frequency ** -rng.uniform(0.5, 2)
    channels = []
    for _ in range(3):
        phase = np.exp(2j * np.pi * rng.random(frequency.shape))
        channel = np.fft.irfft2(falloff * phase, s=(height, width))
        channels.append((channel - channel.mean()) / channel.std())
    shared = rng.uniform(0.5, 0.95)  # natural colours are mostly light and dark
    mixed = [shared * channels[0] + (1 - shared) * channel for channel in channels]
    return Image.fromarray(np.stack([np.clip(128 + 55 * c, 0, 255) for c in mixed], axis=2).astype(np.uint8))


def stripes(rng):
    y, x = np.mgrid[:SIZE[1], :SIZE[0]]
    angle, period = rng.uniform(0, np.pi), rng.uniform(6, 80)
    wave = np.sin((x * np.cos(angle) + y * np.sin(angle)) * 2 * np.pi / period) > rng.uniform(-0.5, 0.5)
    return _two_colours(wave, rng)


def tiles(rng):
    y, x = np.mgrid[:SIZE[1], :SIZE[0]]
    side = rng.uniform(8, 90)
    return _two_colours((x // side + y // side) % 2 == 0, rng)


def blobs(rng):
    """Ellipses of random colours, slightly blurred: faces have such shapes."""
    image = Image.new("RGB", SIZE, _colour(rng))
    pen = ImageDraw.Draw(image)
    for _ in range(rng.integers(10, 80)):
        x, y, width, height = rng.uniform(0, (SIZE[0], SIZE[1], 160, 160))
        pen.ellipse([x - width / 2, y - height / 2, x + width / 2, y + height / 2], fill=_colour(rng))
    return image.filter(ImageFilter.GaussianBlur(rng.uniform(0, 3)))


def bricks(rng):
    image = Image.new("RGB", SIZE, _colour(rng))
    pen = ImageDraw.Draw(image)
    width, height, base = rng.uniform(30, 120), rng.uniform(12, 50), rng.integers(40, 200, 3)
    for row in range(int(SIZE[1] / height) + 1):
        for column in range(-1, int(SIZE[0] / width) + 1):
            left = (column + row % 2 / 2) * width
            colour = tuple(int(c) for c in np.clip(base + rng.integers(-30, 30), 0, 255))
            pen.rectangle([left + 2, row * height + 2, left + width - 2, (row + 1) * height - 2], fill=colour)
    return image


def generate():
    """All images."""
    rng = np.random.default_rng(1)
    return [kind(rng) for kind in (noise, stripes, tiles, blobs, bricks) for _ in range(COUNT)]


def _colour(rng):
    return tuple(int(level) for level in rng.integers(0, 256, 3))


def _two_colours(mask, rng):
    return Image.fromarray(np.where(mask[..., None], _colour(rng), _colour(rng)).astype(np.uint8))
