"""FER+ faces and their labels.

A split is a file `train.npz` or `valid.npz` with `images` uint8 [N, 48, 48], `votes` uint8 [N, 10]
(of ten annotators; the columns are `LABELS`, "unknown" and "not a face") and `ids` int32 [N].

Source of the labels: Barsoum et al. 2016 (arXiv:1608.01041), https://github.com/microsoft/FERPlus
(MIT). The images are those of FER2013.
"""

import copy
import os
from pathlib import Path

import numpy as np

LABELS = (
    "neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt",
)
SIDE = 48
ROOT = Path(__file__).resolve().parent.parent

TIE_RULE = (
    "The label of a face is the class with the most votes among all ten columns. Ties go to the class that comes "
    "first in FER+'s order, so an expression wins over \"unknown\" and \"not a face\". Faces whose label is "
    "\"unknown\" or \"not a face\" are left out."
)


def default_folder():
    """$EMOSTREAM_FERPLUS, or `../shared/data/ferplus` beside the repository."""
    configured = os.environ.get("EMOSTREAM_FERPLUS")
    return Path(configured) if configured else ROOT.parent / "shared" / "data" / "ferplus"


def majority(votes):
    """votes [N, 10] -> int64 [N] in 0..9: the label by `TIE_RULE`."""
    return np.asarray(votes).argmax(axis=1)


def is_kept(votes):
    """votes [N, 10] -> bool [N]: whether the majority is one of the eight expressions."""
    return majority(votes) < len(LABELS)


def _without_single(votes):
    """The votes with single votes set to 0."""
    votes = np.asarray(votes)
    return votes * (votes > 1)


def is_tie(votes):
    """votes [N, 10] -> bool [N]: whether several columns share the highest number of votes."""
    votes = np.asarray(votes)
    return (votes == votes.max(axis=1, keepdims=True)).sum(axis=1) > 1


def has_majority(votes):
    """votes [N, 10] -> bool [N]: whether one expression has more than half of the votes.

    Single votes are dropped as outliers. The paper's reference implementation (mode "majority") labels only these
    faces, and the paper's accuracies refer to them.
    """
    votes = _without_single(votes)
    return is_kept(votes) & (2 * votes.max(axis=1).astype(int) > votes.sum(axis=1))


def distribution(votes):
    """votes [N, 10] of kept faces -> float32 [N, 8] that sum to 1.

    Single votes are dropped as outliers, as in the paper's reference implementation, unless all votes are single.
    """
    votes = np.asarray(votes)[:, : len(LABELS)].astype(np.float32)
    several = _without_single(votes)
    votes = np.where(several.sum(axis=1, keepdims=True) > 0, several, votes)
    return votes / votes.sum(axis=1, keepdims=True)


class Split:
    """The kept faces of one split: images uint8 [M, 48, 48], votes, targets [M, 8], labels [M]."""

    def __init__(self, images, votes):
        kept = is_kept(votes)
        self.total = len(images)
        self.images = np.ascontiguousarray(images[kept])
        self.votes = votes[kept]
        self.targets = distribution(self.votes)
        self.labels = majority(self.votes)

    def __len__(self):
        return len(self.images)

    def without(self, dropped):
        """A copy of the split without the faces for which bool [M] `dropped` is true."""
        return self._selected(~dropped)

    def first(self, count):
        """A copy of the split with its first faces."""
        return self._selected(slice(count))

    def _selected(self, index):
        part = copy.copy(self)
        for name in ("images", "votes", "targets", "labels"):
            setattr(part, name, getattr(self, name)[index])
        return part

    def sharpened(self, weight):
        """Targets float32 [M, 8] mixed with the one-hot labels, which have the given weight."""
        one_hot = np.eye(len(LABELS), dtype=np.float32)[self.labels]
        return (1 - weight) * self.targets + weight * one_hot


def load(folder, name):
    """Reads `folder/name.npz` and keeps the faces that show one of the eight expressions."""
    path = Path(folder) / f"{name}.npz"
    if not path.is_file():
        raise SystemExit(f"{path} does not exist: pass --data or set EMOSTREAM_FERPLUS to the FER+ folder")
    with np.load(path) as arrays:
        return Split(arrays["images"], arrays["votes"])
