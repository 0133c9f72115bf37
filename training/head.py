"""A head that turns aside, for augment.py and scenes.py."""

import math

import torch

from framing import LEFT_EYE, RIGHT_EYE

RADIUS = 1.2  # in halves of the frame
EYES = RIGHT_EYE[0] - LEFT_EYE[0]  # half the way between the eyes, in coordinates over -1..1


def straight(columns, angles):
    """Where columns (-1..1 over the frame) of a head turned aside by the angles (radians, broadcast) are in
    the frame of the same head as it looks ahead.

    The face is wrapped around an upright cylinder; the nose stays flat, so this is kinder than a real head.
    The middle of the eyes keeps its place, as it does where faces are aligned by them.
    """
    middle = math.sqrt(RADIUS**2 - EYES**2) * torch.sin(angles)
    around = torch.asin(((columns + middle) / RADIUS).clamp(-1, 1)) - angles
    return RADIUS * torch.sin(around.clamp(-math.pi / 2, math.pi / 2))
