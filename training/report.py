"""Score one training run on valid, or several as an ensemble (the mean of their answers).

    /usr/bin/python3 training/report.py training/runs/student-5 training/runs/student-6
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

import data
import evaluate
import memory
from score import load_network, score


def answer(networks, images, flip):
    """Log of the networks' mean probabilities, [N, 8], of one view or with `flip` of two."""
    views = (False, True) if flip else (False,)
    answers = [
        evaluate.softmax(score(network, images, torch.device("cpu"), mirrored=mirrored,
                               what=f"network {number}").numpy())
        for number, network in enumerate(networks, 1) for mirrored in views
    ]
    return np.log(np.maximum(np.mean(answers, axis=0), 1e-12))


def render(found):
    """The scores of `evaluate.summary` as text."""
    counts = np.asarray(found["confusion"])
    lines = [
        f"{found['faces']} faces: accuracy {100 * found['accuracy']:.2f} %, macro F1 "
        f"{found['macro_f1']:.3f}, macro recall {100 * found['macro_recall']:.2f} %",
        f"calibration error {found['ece_before']:.4f}, with temperature "
        f"{found['temperature']:.3f} {found['ece_after']:.4f}, cross-fitted "
        f"{found['ece_crossfitted']:.4f}; log loss {found['log_loss_before']:.4f}, "
        f"{found['log_loss_after']:.4f}",
        "",
        f"{'':>10} {'recall':>7} {'prec.':>7} {'F1':>6}   answers",
    ]
    for index, label in enumerate(data.LABELS):
        lines.append(
            f"{label:>10} {100 * found['recall'][index]:7.2f} "
            f"{100 * found['precision'][index]:7.2f} {found['f1'][index]:6.3f}   "
            + " ".join(f"{count:5d}" for count in counts[index]))
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("runs", type=Path, nargs="+", help="run folders")
    parser.add_argument("--data", type=Path, default=data.default_folder())
    parser.add_argument("--flip", action="store_true", help="average with the mirrored face")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    memory.keep_freed()
    torch.set_num_threads(1)
    valid = data.load(options.data, "valid")
    networks = [load_network(run)[0] for run in options.runs]
    found = evaluate.summary(answer(networks, valid.images, options.flip), valid.labels)
    print(json.dumps(found) if options.json else render(found))


if __name__ == "__main__":
    main()
