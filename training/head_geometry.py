"""Pixel coordinates of a crop over -1..1, and the projection of a head that is turned aside.

augment.py draws such heads for training, scenes.py for measuring the accuracy.
"""

import math

import torch

from alignment import LEFT_EYE, RIGHT_EYE
from data import SIDE

RADIUS = 1.2  # of the cylinder, in half widths of the crop
HALF_EYE_DISTANCE = RIGHT_EYE[0] - LEFT_EYE[0]  # in half widths of the crop
EYE_LEVEL = 2 * LEFT_EYE[1] - 1


def pixel_centres(device="cpu"):
    """The coordinates of the pixels' centres: columns [1, 48] and rows [48, 1]."""
    centres = (torch.arange(SIDE, device=device) + 0.5) * 2 / SIDE - 1
    return centres[None, :], centres[:, None]


def frontal_columns(columns, angles):
    """Maps the columns of a head turned by the angles (radians, broadcast) to the columns of its frontal view.

    The face is modelled as a vertical cylinder. The nose stays flat, so this is easier than a real head. The
    midpoint of the eyes does not move, because faces are aligned by their eyes.
    """
    shift = math.sqrt(RADIUS**2 - HALF_EYE_DISTANCE**2) * torch.sin(angles)
    frontal_angles = torch.asin(((columns + shift) / RADIUS).clamp(-1, 1)) - angles
    return RADIUS * torch.sin(frontal_angles.clamp(-math.pi / 2, math.pi / 2))
