"""The face in tests/media/portrait.jpg as input of the networks."""

import numpy as np
import torch
from PIL import Image

from tests import files

SIZE = 192
LEFT, TOP, SIDE = 143, 37, 165  # a square in the portrait, 1.5 times as wide as the face


def crops(change):
    """The face, and the same after `change`, a function of images: float32 [2, 3, SIZE, SIZE] from 0 to 1."""
    box = (LEFT, TOP, LEFT + SIDE, TOP + SIDE)
    with Image.open(files.PORTRAIT) as image:
        crop = image.convert("RGB").resize((SIZE, SIZE), Image.Resampling.BILINEAR, box)
    pixels = np.stack([np.asarray(image, np.float32) for image in (crop, change(crop))])
    return torch.from_numpy(pixels.transpose(0, 3, 1, 2) / 255)
