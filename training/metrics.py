"""Metrics of a classifier: accuracy, recall, F1, confusion matrix, calibration.

Arrays are numpy arrays: logits float [N, C], labels int [N], probabilities float [N, C] whose rows sum to 1. Scalars
are returned as float.
"""

import numpy as np


def softmax(logits):
    """logits [N, C] -> probabilities [N, C]."""
    logits = np.asarray(logits, dtype=np.float64)
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def accuracy(logits, labels):
    """The fraction of faces whose predicted class is their label."""
    return float((np.asarray(logits).argmax(axis=1) == labels).mean())


def confusion(logits, labels):
    """Counts int [C, C]: row = true label, column = predicted class."""
    classes = np.asarray(logits).shape[1]
    counts = np.zeros((classes, classes), dtype=int)
    np.add.at(counts, (np.asarray(labels), np.asarray(logits).argmax(axis=1)), 1)
    return counts


def per_class(counts):
    """Confusion counts [C, C] -> recall, precision and F1, each [C]; 0 where undefined."""
    hits = np.diag(counts).astype(float)
    recall = hits / np.maximum(counts.sum(axis=1), 1)
    precision = hits / np.maximum(counts.sum(axis=0), 1)
    f1 = 2 * hits / np.maximum(counts.sum(axis=0) + counts.sum(axis=1), 1)
    return recall, precision, f1


def reliability(logits, labels, bins=15):
    """The reliability diagram: the number of faces, their mean confidence and their accuracy in each of `bins`
    equal-width bins of confidence, each [bins]; 0 where a bin is empty."""
    probabilities = softmax(logits)
    confidence = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == labels
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    count = np.bincount(bin_of, minlength=bins)
    divisor = np.maximum(count, 1)
    return (count, np.bincount(bin_of, confidence, bins) / divisor,
            np.bincount(bin_of, correct, bins) / divisor)


def calibration_error(logits, labels, bins=15):
    """Expected calibration error (ECE) over equal-width bins of confidence (Guo et al. 2017)."""
    count, confidence, accuracies = reliability(logits, labels, bins)
    return float((count * abs(accuracies - confidence)).sum() / count.sum())


def summary(logits, labels, temperature=None):
    """All metrics as a dict that can be written as JSON; `temperature` is fitted if it is not given."""
    counts = confusion(logits, labels)
    recall, precision, f1 = per_class(counts)
    temperature = temperature or fit_temperature(logits, labels)
    return {
        "faces": len(labels), "accuracy": accuracy(logits, labels),
        "macro_f1": float(f1.mean()), "macro_recall": float(recall.mean()),
        "recall": recall.tolist(), "precision": precision.tolist(), "f1": f1.tolist(),
        "confusion": counts.tolist(), "temperature": temperature,
        "ece_before": calibration_error(logits, labels),
        "ece_after": calibration_error(logits / temperature, labels),
        "ece_crossfitted": crossfitted_calibration_error(logits, labels),
        "log_loss_before": log_loss(logits, labels),
        "log_loss_after": log_loss(logits / temperature, labels),
    }


def log_loss(logits, labels):
    """The mean negative log probability of the labels."""
    probabilities = softmax(logits)[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(probabilities, 1e-12)).mean())


def fit_temperature(logits, labels, low=0.2, high=5.0, rounds=60):
    """The temperature T that minimises the log loss of logits / T, by golden-section search over log T."""
    logits = np.asarray(logits, dtype=np.float64)
    ratio = (5**0.5 - 1) / 2
    left, right = np.log(low), np.log(high)

    def loss(log_t):
        return log_loss(logits / np.exp(log_t), labels)

    for _ in range(rounds):
        one, two = right - ratio * (right - left), left + ratio * (right - left)
        if loss(one) < loss(two):
            right = two
        else:
            left = one
    return float(np.exp((left + right) / 2))


def crossfitted_calibration_error(logits, labels, seed=0):
    """ECE where the logits of each half of the faces are scaled by the temperature fitted on the other half.

    This avoids the optimistic bias of fitting and measuring on the same faces.
    """
    order = np.random.default_rng(seed).permutation(len(labels))
    halves = np.array_split(order, 2)
    logits = np.asarray(logits, dtype=np.float64)
    scaled = logits.copy()
    for half, other in (halves, halves[::-1]):
        scaled[half] /= fit_temperature(logits[other], labels[other])
    return calibration_error(scaled, labels)
