"""Near-duplicates: the guard that keeps the faces we choose by out of the faces we train on.

FER2013 holds many pictures more than once, also across its splits: copied byte for byte, saved again,
or with another watermark. Two faces count as the same when their pixels, averaged down to 24x24 and
brought to mean 0 and length 1, have an inner product (a correlation) of at least `SAME`.

Looked at by eye on 12 pairs of each band between train and valid: above 0.93 all were one picture,
between 0.91 and 0.93 nine of twelve, between 0.89 and 0.91 about half. So 0.90 lets little through,
and costs a few training faces that only resemble.
"""

import torch
from torch.nn import functional as F

import data

SAME = 0.90
COARSE, FINE = 12, 24


def _signature(images, side):
    """uint8 [N, 48, 48] -> float32 [N, side * side], each with mean 0 and length 1 (or all 0)."""
    pixels = torch.from_numpy(images).float().unsqueeze(1)
    small = F.interpolate(pixels, (side, side), mode="area").flatten(1)
    return F.normalize(small - small.mean(dim=1, keepdim=True), dim=1)


def is_near(images, known, same=SAME, block=1024):
    """uint8 [N, 48, 48] and [M, 48, 48] -> bool [N]: whether a face looks like one among `known`.

    Pairs are sought at 12x12, where one picture is hardly less alike than at 24x24, and judged at
    24x24. Mirrored copies are not sought: at this bound FER2013 has next to none.
    """
    near = torch.zeros(len(images), dtype=torch.bool)
    if len(images) == 0 or len(known) == 0:
        return near.numpy()
    coarse, fine = _signature(images, COARSE), _signature(images, FINE)
    known_coarse, known_fine = _signature(known, COARSE), _signature(known, FINE)
    for start in range(0, len(images), block):
        likeness = coarse[start : start + block] @ known_coarse.T
        ours, theirs = (likeness >= same - 0.02).nonzero(as_tuple=True)
        exact = (fine[start + ours] * known_fine[theirs]).sum(dim=1)
        near[start + ours[exact >= same]] = True
    return near.numpy()


def load_apart(folder):
    """The train split without the faces that look like one of valid, and the valid split."""
    train, valid = data.load(folder, "train"), data.load(folder, "valid")
    return train.without(is_near(train.images, valid.images)), valid
