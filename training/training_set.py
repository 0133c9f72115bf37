"""What a run trains on: FER+ faces and photographs, their targets, and how often each face is drawn.

Rare labels, and photographs, which are few, are drawn more often. Drawing a label with n faces n^(1 - balance) times
instead of n times has the effect of subtracting balance * log(prior) from the logits (Menon et al. 2021,
arXiv:2007.07314): the network says rare labels more often.
"""

import numpy as np
import torch

import data
import photograph_crops
import teacher_labels


def draw_weights(labels, is_photograph, balance, share):
    """Relative frequencies float64 [N] with which faces are drawn; photographs have `share` of the draws.

    Labels are balanced within the photographs and within the other faces.
    """
    weights = np.zeros(len(labels))
    for members, part in ((~is_photograph, 1 - share), (is_photograph, share)):
        counts = np.bincount(labels[members], minlength=len(data.LABELS))
        frequencies = np.maximum(counts, 1.0)[labels[members]] ** -balance
        weights[members] = part * frequencies / frequencies.sum() if len(frequencies) else 0
    return weights


class TrainingSet:
    """images uint8 [N, 48, 48] and targets float32 [N, 8]; the photographs, if any, come last.

    `sources` describes, for the settings of a run, what there is besides FER+.
    """

    def __init__(self, faces, options):
        splits, self.sources = [faces.first(options.limit) if options.limit else faces], {}
        if options.photograph_crops:
            splits.append(photograph_crops.read(options.photograph_crops)[0])
            self.sources["photograph_crops"] = len(splits[1])
        self.ferplus_faces = len(splits[0])
        self.images = np.concatenate([split.images for split in splits])
        self.targets = np.concatenate([split.sharpened(options.hard_label_weight) for split in splits])
        if options.teacher_labels:
            labels = teacher_labels.read(options.teacher_labels, self.images)
            self.targets = teacher_labels.mix(self.targets, labels, options.teacher_weight)
            self.sources["teacher_weight"] = options.teacher_weight
        self.weights = None  # an epoch has each face once
        if options.photograph_crops or options.balance:
            labels = np.concatenate([split.labels for split in splits])
            is_photograph = np.arange(len(labels)) >= self.ferplus_faces
            share = options.photographs if options.photograph_crops else 0.0
            self.weights = torch.from_numpy(draw_weights(labels, is_photograph, options.balance, share))

    def order(self, generator):
        """The indices of an epoch's faces in random order."""
        if self.weights is None:
            return torch.randperm(len(self.images), generator=generator)
        return torch.multinomial(self.weights, len(self.images), replacement=True, generator=generator)
