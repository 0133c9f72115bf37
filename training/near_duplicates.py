"""Finds near-duplicates, so that no face of the validation split is trained on.

FER2013 contains many images more than once, also across its splits: identical copies, re-encoded copies and copies
with another watermark. Two faces count as near-duplicates when their pixels, averaged down to 24x24 and normalised
to mean 0 and length 1, have an inner product (a correlation) of at least `THRESHOLD`.

The threshold was chosen by inspecting 12 pairs of each band between train and valid. Above 0.93 all pairs showed the
same image, between 0.91 and 0.93 nine of twelve, between 0.89 and 0.91 about half. A threshold of 0.90 misses few
duplicates and removes only a few training faces that merely look similar.
"""

import torch
from torch.nn import functional as F

import data

THRESHOLD = 0.90
COARSE, FINE = 12, 24
COARSE_MARGIN = 0.02  # by which a candidate's correlation at 12x12 may be below the threshold


def _signature(images, side):
    """uint8 [N, 48, 48] -> float32 [N, side * side], each with mean 0 and length 1 (all 0 for a flat image)."""
    pixels = torch.from_numpy(images).float().unsqueeze(1)
    small = F.interpolate(pixels, (side, side), mode="area").flatten(1)
    return F.normalize(small - small.mean(dim=1, keepdim=True), dim=1)


def has_near_duplicate(images, known, threshold=THRESHOLD, block=1024):
    """uint8 [N, 48, 48] and [M, 48, 48] -> bool [N]: whether an image has a near-duplicate among `known`.

    Candidate pairs are selected at 12x12 and checked at 24x24. Mirrored copies are not searched for: at this
    threshold FER2013 has almost none.
    """
    near = torch.zeros(len(images), dtype=torch.bool)
    if len(images) == 0 or len(known) == 0:
        return near.numpy()
    coarse, fine = _signature(images, COARSE), _signature(images, FINE)
    known_coarse, known_fine = _signature(known, COARSE), _signature(known, FINE)
    for start in range(0, len(images), block):
        correlation = coarse[start : start + block] @ known_coarse.T
        rows, columns = (correlation >= threshold - COARSE_MARGIN).nonzero(as_tuple=True)
        exact = (fine[start + rows] * known_fine[columns]).sum(dim=1)
        near[start + rows[exact >= threshold]] = True
    return near.numpy()


def load_deduplicated(folder):
    """The train split without near-duplicates of validation faces, and the validation split."""
    train, valid = data.load(folder, "train"), data.load(folder, "valid")
    return train.without(has_near_duplicate(train.images, valid.images)), valid
