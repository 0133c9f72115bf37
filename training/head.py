"""The frame of a face as coordinates over -1..1, and a head that turns aside in it: for augment.py, which trains
on such heads, and scenes.py, which measures on them."""

import math

import torch

from data import SIDE
from framing import LEFT_EYE, RIGHT_EYE

RADIUS = 1.2  # in halves of the frame
EYES = RIGHT_EYE[0] - LEFT_EYE[0]  # half the way between the eyes
EYE_LEVEL = 2 * LEFT_EYE[1] - 1


def axes(device="cpu"):
    """Columns [1, 48] and rows [48, 1]: where the middles of the frame's pixels are."""
    places = (torch.arange(SIDE, device=device) + 0.5) * 2 / SIDE - 1
    return places[None, :], places[:, None]


def straight(columns, angles):
    """Where columns of a head turned aside by the angles (radians, broadcast) are in the frame of the same head
    as it looks ahead.

    The face is wrapped around an upright cylinder; the nose stays flat, so this is kinder than a real head.
    The middle of the eyes keeps its place, as it does where faces are aligned by them.
    """
    middle = math.sqrt(RADIUS**2 - EYES**2) * torch.sin(angles)
    around = torch.asin(((columns + middle) / RADIUS).clamp(-1, 1)) - angles
    return RADIUS * torch.sin(around.clamp(-math.pi / 2, math.pi / 2))
