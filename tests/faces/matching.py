"""Compares reported boxes with reference boxes. A box is (x, y, width, height) in pixels."""

from dataclasses import dataclass

from munkres import Munkres

MIN_IOU = 0.35  # intersection over union from which a reported box is right


def box_of(face):
    """The box of a face in a result of the server."""
    return tuple(face["box"][side] for side in ("x", "y", "width", "height"))


def intersection(a, b):
    """The area that two boxes have in common."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    return max(width, 0) * max(height, 0)


def iou(a, b):
    """The intersection over the union of two boxes, 0..1."""
    common = intersection(a, b)
    return common / (a[2] * a[3] + b[2] * b[3] - common) if common else 0.0


def best_pairs(weights):
    """Index pairs (row, column) of the one-to-one assignment with the largest sum of the weights, without those of
    weight 0."""
    if not weights or not weights[0]:
        return []
    chosen = Munkres().compute([[-weight for weight in row] for row in weights])
    return [(row, column) for row, column in chosen if weights[row][column] > 0]


def match(reported, reference):
    """One-to-one pairs of indices (reported box, reference box) whose overlap is right: as many as possible, and of
    these the ones that overlap most."""
    def weight(overlap):
        return len(reference) + overlap if overlap >= MIN_IOU else 0

    return best_pairs([[weight(iou(a, b)) for b in reference] for a in reported])


@dataclass(frozen=True)
class Counts:
    """Right and wrong reported boxes, and reference boxes that were missed. A second box on the same face is wrong."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def __add__(self, other):
        return Counts(self.right + other.right, self.wrong + other.wrong, self.missed + other.missed)


def count(reported, reference):
    """The counts for the boxes of one image."""
    right = len(match(reported, reference))
    return Counts(right, len(reported) - right, len(reference) - right)
