"""Scores of a classifier with 95 % bootstrap intervals.

Probabilities are float [N, 8]; the row of a picture without a found face is NaN. Such a picture counts as wrong in
accuracy and recall, and not at all in the calibration error. Labels are int [N]. `units` [N] names what is resampled,
because pictures of one unit, such as a person, are not independent.
"""

import numpy as np

import data

REPLICATES = 1000
BINS = 15


def _weights(units, replicates, seed):
    """How often each picture counts, float [1 + replicates, N]: once in the first row, resampled in the others."""
    _, unit = np.unique(units, return_inverse=True)
    count = unit.max() + 1
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), replicates)
    return np.concatenate([np.ones((1, len(unit))), drawn[:, unit]])


def _interval(values):
    """The estimate and the 95 % interval; `values` begins with the estimate."""
    low, high = np.nanpercentile(values[1:], [2.5, 97.5])
    return {"value": float(values[0]), "low": float(low), "high": float(high)}


def _recalls(weights, correct, labels):
    """Recall of each of `data.LABELS` for each row of weights, [B, 8]; NaN where no picture has the label."""
    of_label = labels[:, None] == np.arange(len(data.LABELS))
    with np.errstate(invalid="ignore"):
        return (weights @ (of_label & correct[:, None])) / (weights @ of_label)


def _calibration_errors(weights, confidence, correct):
    """The expected calibration error for each row of weights, as metrics.calibration_error computes it."""
    in_bin = np.minimum((confidence * BINS).astype(int), BINS - 1)[:, None] == np.arange(BINS)
    gaps = weights @ (in_bin * (correct - confidence)[:, None])
    return abs(gaps).sum(axis=1) / weights.sum(axis=1)


def _predictions(probabilities):
    """The indices of the most probable labels, -1 where no face was found."""
    found = ~np.isnan(probabilities).any(axis=1)
    return np.where(found, np.where(found[:, None], probabilities, 0).argmax(axis=1), -1)


def score(probabilities, labels, units, macros, replicates=REPLICATES, seed=1):
    """The scores as a dict that can be written as JSON.

    `macros` maps names to the labels over whose recall is averaged.
    """
    probabilities, labels = np.asarray(probabilities, dtype=np.float64), np.asarray(labels)
    predictions = _predictions(probabilities)
    found = predictions >= 0
    correct = predictions == labels
    weights = _weights(units, replicates, seed)
    recalls = _recalls(weights, correct, labels)
    return {
        "pictures": len(labels), "units": len(np.unique(units)), "found": int(found.sum()),
        "accuracy": _interval(weights @ correct / weights.sum(axis=1)),
        "macro_recall": {name: _interval(np.nanmean(recalls[:, [data.LABELS.index(label) for label in some]], axis=1))
                         for name, some in macros.items()},
        "calibration_error": _interval(_calibration_errors(
            weights[:, found], probabilities[found].max(axis=1), correct[found])) if found.any() else None,
        "recall": {label: _interval(recalls[:, index]) for index, label in enumerate(data.LABELS)
                   if (labels == index).any()},
        "confusion": confusion(predictions, labels),
    }


def lead(probabilities, others, labels, units, some, replicates=REPLICATES, seed=1):
    """By how much the macro recall over `some` labels exceeds that of other probabilities for the same pictures."""
    labels, weights = np.asarray(labels), _weights(units, replicates, seed)
    columns = [data.LABELS.index(label) for label in some]
    ours, theirs = (np.nanmean(_recalls(weights, _predictions(rows) == labels, labels)[:, columns], axis=1)
                    for rows in (probabilities, others))
    return _interval(ours - theirs)


def confusion(predictions, labels):
    """Counts by label: of each predicted label, and last of pictures without a found face."""
    counts = np.zeros((len(data.LABELS), len(data.LABELS) + 1), dtype=int)
    np.add.at(counts, (labels, predictions), 1)  # -1 is the last column
    return {label: row.tolist() for label, row in zip(data.LABELS, counts) if row.any()}


def probabilities(results):
    """Probabilities [N, 8] of dicts by label, None where no face was found. Missing labels have probability 0."""
    rows = np.array([[(result or {}).get(label, 0) for label in data.LABELS] for result in results], dtype=np.float64)
    totals = rows.sum(axis=1, keepdims=True)
    return np.divide(rows, totals, out=np.full_like(rows, np.nan), where=totals > 0)
