"""Evaluate one training run on the valid split, or several as an ensemble (the mean of their probabilities).

    /usr/bin/python3 training/report.py training/runs/student-5 training/runs/student-6
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

import data
import malloc
import metrics
from predict import load_network, predict


def ensemble_log_probabilities(networks, images, flip):
    """The logarithm of the networks' mean probabilities, [N, 8]; with `flip` averaged over the mirrored images too."""
    views = (False, True) if flip else (False,)
    probabilities = [
        metrics.softmax(predict(network, images, torch.device("cpu"), mirrored=mirrored,
                                label=f"network {number}").numpy())
        for number, network in enumerate(networks, 1) for mirrored in views
    ]
    return np.log(np.maximum(np.mean(probabilities, axis=0), 1e-12))


def render(summary):
    """The result of `metrics.summary` as text."""
    counts = np.asarray(summary["confusion"])
    lines = [
        f"{summary['faces']} faces: accuracy {100 * summary['accuracy']:.2f} %, macro F1 "
        f"{summary['macro_f1']:.3f}, macro recall {100 * summary['macro_recall']:.2f} %",
        f"calibration error {summary['ece_before']:.4f}, with temperature "
        f"{summary['temperature']:.3f} {summary['ece_after']:.4f}, cross-fitted "
        f"{summary['ece_crossfitted']:.4f}; log loss {summary['log_loss_before']:.4f}, "
        f"{summary['log_loss_after']:.4f}",
        "",
        f"{'':>10} {'recall':>7} {'prec.':>7} {'F1':>6}   predictions",
    ]
    for index, label in enumerate(data.LABELS):
        lines.append(
            f"{label:>10} {100 * summary['recall'][index]:7.2f} "
            f"{100 * summary['precision'][index]:7.2f} {summary['f1'][index]:6.3f}   "
            + " ".join(f"{count:5d}" for count in counts[index]))
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("runs", type=Path, nargs="+", help="run folders")
    parser.add_argument("--data", type=Path, default=data.default_folder(), help="FER+ folder")
    parser.add_argument("--flip", action="store_true", help="average with the predictions for the mirrored faces")
    parser.add_argument("--json", action="store_true", help="print the metrics as JSON")
    options = parser.parse_args()
    malloc.retain_freed_memory()
    torch.set_num_threads(1)
    valid = data.load(options.data, "valid")
    networks = [load_network(run)[0] for run in options.runs]
    log_probabilities = ensemble_log_probabilities(networks, valid.images, options.flip)
    summary = metrics.summary(log_probabilities, valid.labels)
    print(json.dumps(summary) if options.json else render(summary))


if __name__ == "__main__":
    main()
