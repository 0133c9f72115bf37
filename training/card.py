"""Evaluate an exported training run on the validation split and write the model card with its plots.

Writes README.md, metrics.json, training.png, confusion.png and reliability.png to the model's folder. The figures
in the card are computed here or read from the run's checkpoint, robustness.json and yardstick.json.
"""

import argparse
import json
import math
import textwrap
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt
import numpy as np
import onnx
import torch

import data
import malloc
import metrics
import yardstick_tables
from card_training import augmentation, percent, prior_correction, teacher_licence, training_details
from export import FOLDER, LEFT_EYE, NAME, RIGHT_EYE, VERSION
from model import count_multiply_adds
from near_duplicates import has_near_duplicate
from onnx_graph import OnnxModule
from predict import fingerprint, load_network, predict
from server import sha256
from tables import markdown as table

TEMPLATE = Path(__file__).resolve().parent / "card.md"


def measure(exported, valid, train):
    """The metrics of an onnx_graph.OnnxModule that the card shows: the content of metrics.json without the hash."""
    device = torch.device("cpu")
    labels = valid.labels
    logits = predict(exported, valid.images, device, label="valid").numpy()
    mirrored = predict(exported, valid.images, device, mirrored=True, label="mirrored").numpy()
    flip_averaged = np.log((metrics.softmax(logits) + metrics.softmax(mirrored)) / 2)
    subsets = {
        "untied": ~data.is_tie(valid.votes),
        "majority": data.has_majority(valid.votes),
        "new": ~has_near_duplicate(valid.images, train.images),
    }
    summary = metrics.summary(logits, labels, exported.temperature)
    accuracy = summary["accuracy"]
    count, confidence, accuracies = metrics.reliability(logits / summary["temperature"], labels)
    return {
        **summary,
        "faces_left_out": valid.total - len(valid),
        "accuracy_halfwidth_95": 1.96 * math.sqrt(accuracy * (1 - accuracy) / len(valid)),
        "accuracy_flip_averaged": metrics.accuracy(flip_averaged, labels),
        "only": {name: {"faces": int(subset.sum()),
                        "accuracy": metrics.accuracy(logits[subset], labels[subset])}
                 for name, subset in subsets.items()},
        "reliability": {"faces": count.tolist(), "confidence": confidence.tolist(),
                        "right": accuracies.tolist()},
    }


def plot_training(log, to):
    """Plots loss and accuracy by epoch."""
    epochs = [entry["epoch"] for entry in log]
    figure, left = plt.subplots(figsize=(6, 3.2), dpi=90)
    left.plot(epochs, [e["train_loss"] for e in log], color="tab:blue", label="train loss, against its targets")
    left.plot(epochs, [e["valid_loss"] for e in log], color="tab:cyan", label="valid loss (EMA), against the votes")
    left.set_xlabel("epoch")
    left.set_ylabel("cross entropy")
    right = left.twinx()
    right.plot(epochs, [100 * e["valid_accuracy"] for e in log], color="tab:red",
               label="valid accuracy (EMA)")
    right.set_ylabel("accuracy, %")
    lines = left.get_lines() + right.get_lines()
    left.legend(lines, [line.get_label() for line in lines], loc="center right", fontsize=8)
    figure.tight_layout()
    figure.savefig(to)
    plt.close(figure)


def plot_confusion(counts, to):
    """Plots the confusion matrix, normalised over each true class (row)."""
    counts = np.asarray(counts, dtype=float)
    fractions = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure, axes = plt.subplots(figsize=(5.2, 4.6), dpi=90)
    axes.imshow(fractions, cmap="Blues", vmin=0, vmax=1)
    for row in range(len(fractions)):
        for column in range(len(fractions)):
            axes.text(column, row, f"{100 * fractions[row, column]:.0f}", ha="center", va="center",
                      fontsize=8, color="white" if fractions[row, column] > 0.5 else "black")
    axes.set_xticks(range(len(data.LABELS)), data.LABELS, rotation=40, ha="right", fontsize=8)
    axes.set_yticks(range(len(data.LABELS)), data.LABELS, fontsize=8)
    axes.set_xlabel("prediction")
    axes.set_ylabel("majority label")
    axes.set_title("% of each true class", fontsize=9)
    figure.tight_layout()
    figure.savefig(to)
    plt.close(figure)


def plot_reliability(bins, to):
    """Plots the accuracy against the confidence, and the number of faces per bin."""
    faces = np.asarray(bins["faces"])
    edges = np.linspace(0, 1, len(faces) + 1)
    figure, axes = plt.subplots(figsize=(5.2, 4.0), dpi=90)
    axes.bar(edges[:-1], bins["right"], np.diff(edges), align="edge", color="tab:blue", alpha=0.6,
             edgecolor="white", label="accuracy")
    axes.plot([0, 1], [0, 1], color="black", linewidth=1, label="perfect calibration")
    axes.plot(edges[:-1] + np.diff(edges) / 2, faces / faces.max(), color="tab:red", marker=".",
              label=f"faces (1 = {faces.max()})")
    axes.set_xlabel("confidence after temperature scaling")
    axes.set_ylabel("accuracy; faces, relative to the fullest bin")
    axes.legend(loc="upper left", fontsize=8)
    figure.tight_layout()
    figure.savefig(to)
    plt.close(figure)


def optional_percent(value):
    return "–" if value is None else percent(value)


SUBSETS = {
    "untied": "without a tie",
    "majority": "with a majority by the paper's reference implementation: more than half of the votes, single "
                "votes dropped. The paper's accuracies refer to these faces",
    "new": "without near-duplicates in the train split",
}


def arithmetic(exported):
    """Sentences on the number formats of the exported network."""
    if any(node.op_type == "QuantizeLinear" for node in exported.graph.nodes):
        return ("Computes in 8 bits: int8 weights and uint8 activations. The normalisation, the first convolution and "
                "the last layer compute in float32. All figures are those of this quantised network.")
    return "Computes in float32."


def paragraph(text):
    return textwrap.fill(text, 104)


# The condition under which each flag is raised.
FLAG_CONDITIONS = {
    "too_small": "the shorter side of the box is under {limit:g} pixels",
    "blurred": "the variance of the Laplacian of the 48×48 crop is under {limit:g}",
    "dark": "the mean of the crop is under {limit:g} of white",
    "side_view": "the absolute yaw is over {limit:g}°",
}


# Terms that replace older ones in the names of conditions (see scenes.CONDITIONS).
CONDITION_TERMS = {"as it is": "unchanged", "a picture": "an image", "frame": "crop", "grain": "noise"}


def condition_name(name):
    """The name of a condition of robustness.json as the card shows it."""
    for old, new in CONDITION_TERMS.items():
        name = name.replace(old, new)
    return name


def robustness(measured):
    """The card's section on robustness. `measured` is the content of robustness.json, or None if there is none."""
    if measured is None:
        return "Not measured for this model; `training/robustness.py` measures it."
    alignment = measured["alignment"]
    flags = table(
        ["flag", "raised where", "plateau", "accuracy, flagged", "accuracy, not flagged", "unchanged faces flagged"],
        [[f"`{name}`", FLAG_CONDITIONS[name].format(**flag)
          + ("" if flag["falls"] else " (the accuracy did not drop by five points within the measured range)"),
          percent(flag["plateau"]), optional_percent(flag["accuracy_flagged"]),
          percent(flag["accuracy_unflagged"]), percent(flag["flagged_as_they_are"])]
         for name, flag in measured["flags"].items()])
    rows = table(
        ["condition", "accuracy, crop given", "faces found", "accuracy of found faces, served"],
        [[condition_name(row["name"]), *(optional_percent(row[key]) for key in ("given", "found", "served"))]
         for row in measured["rows"]])
    not_found = alignment["given_not_found"]
    return "\n\n".join([
        paragraph(
            f"Each row applies one condition to the same {measured['faces']} validation faces (`training/scenes.py`). "
            "Crop given: the condition is applied to the 48×48 crop, which is classified directly. Served: the crop is "
            "drawn 128 pixels wide on a gray canvas of twice that side, unless the row says otherwise, and the "
            "server's program decodes this image and detects, aligns and classifies the face. The detector's box of a "
            "face is about 0.9 of the crop's side. FER+ has only 48×48 pixels per face; larger faces are enlarged."),
        rows, "![robustness](robustness.png)",
        paragraph(
            f"Effect of detection and alignment on accuracy: of all {measured['faces_as_they_are']} unchanged "
            f"validation faces {alignment['faces']} are found. On these the accuracy is {percent(alignment['given'])} "
            f"with the crop given and {percent(alignment['served'])} as served"
            + (f"; on the faces that are not found it is {percent(not_found)} with the crop given."
               if not_found is not None else ".")),
        paragraph(
            "The server raises a quality flag where the accuracy as served is at least five points below the plateau. "
            "The plateau is the accuracy as served on the same faces unchanged, and the threshold comes from an "
            "isotonic regression over the unchanged faces and the rows of size, blur or dim light. For the yaw the "
            "regression is over all unchanged faces, and the plateau is the accuracy on the half with the smallest yaw. "
            "Error bars: 95 % confidence intervals."),
        flags, "![accuracy by measure, with the threshold of each flag](quality.png)"])


def measured_figures(folder, name):
    """The JSON file of that name beside the model in the folder; None if it is missing or of another model."""
    file = folder / name
    measured = json.loads(file.read_text()) if file.is_file() else None
    return measured if measured and measured["model_sha256"] == sha256(folder / "model.onnx") else None


def render(scores, state, network, exported, model_bytes, robust=None, yardstick=None):
    """The text of the card: the template with the figures inserted."""
    settings, log = state["settings"], state["log"]
    counts = scores["confusion"]
    return TEMPLATE.read_text().format(
        robustness=robustness(robust), yardstick=yardstick_tables.as_markdown(yardstick),
        name=NAME, version=VERSION, left_eye=LEFT_EYE, right_eye=RIGHT_EYE,
        tie_rule=paragraph(data.TIE_RULE), size=f"{model_bytes / 1e6:.1f} MB",
        parameters=f"{sum(p.numel() for p in network.parameters()) / 1e6:.2f} M",
        arithmetic=textwrap.fill(arithmetic(exported), 104, subsequent_indent="  "),
        multiply_adds=f"{count_multiply_adds(network) / 1e6:.0f} M",
        train_faces=state["faces"], epochs=state["epoch"],
        minutes=f"{sum(entry['seconds'] for entry in log) / 60:.0f}",
        machine=("one GPU" if state["device"] == "cuda"
                 else f"{state.get('threads', settings.get('threads'))} CPU threads"),
        training_details=paragraph(
            augmentation(settings) + training_details(settings) + prior_correction(exported.prior_weight)),
        licence=teacher_licence(settings),
        duplicates=("The training faces do not include these near-duplicates."
                    if state.get("deduplicated", state.get("guarded"))  # "guarded" in older checkpoints
                    else "The training faces include these near-duplicates."),
        precision="bfloat16 (autocast)" if state["bfloat16"] else "float32",
        last_train_loss=f"{log[-1]['train_loss']:.3f}",
        last_valid_loss=f"{log[-1]['valid_loss']:.3f}",
        **{key: settings[key] for key in
           ("batch", "lr", "warmup", "weight_decay", "dropout", "ema", "seed")},
        faces=scores["faces"], left_out=scores["faces_left_out"],
        accuracy=percent(scores["accuracy"]),
        halfwidth=f"{100 * scores['accuracy_halfwidth_95']:.1f}",
        flip=percent(scores["accuracy_flip_averaged"]),
        repeats=scores["faces"] - scores["only"]["new"]["faces"],
        only=table(["subset", "faces", "accuracy"],
                   [[text, scores["only"][name]["faces"], percent(scores["only"][name]["accuracy"])]
                    for name, text in SUBSETS.items()]),
        macro_f1=f"{scores['macro_f1']:.3f}", macro_recall=percent(scores["macro_recall"]),
        per_class=table(
            ["class", "faces", "recall", "precision", "F1"],
            [[label, sum(counts[i]), percent(scores["recall"][i]),
              percent(scores["precision"][i]), f"{scores['f1'][i]:.3f}"]
             for i, label in enumerate(data.LABELS)]),
        confusion=table(["majority label \\ prediction", *data.LABELS],
                        [[label, *counts[i]] for i, label in enumerate(data.LABELS)]),
        temperature=f"{scores['temperature']:.3f}",
        ece_before=f"{scores['ece_before']:.4f}", ece_after=f"{scores['ece_after']:.4f}",
        ece_crossfitted=f"{scores['ece_crossfitted']:.4f}",
        log_loss_before=f"{scores['log_loss_before']:.4f}",
        log_loss_after=f"{scores['log_loss_after']:.4f}",
    )


def rounded(value):
    """The same structure with its floats rounded to six decimals."""
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    return [rounded(item) for item in value] if isinstance(value, list) else value


def card(run, data_folder, to):
    """Evaluates the run's exported network and writes the card, the metrics and the plots to the folder `to`."""
    network, state = load_network(run)
    exported = OnnxModule(onnx.load_model(str(to / "model.onnx")))
    if exported.weights != fingerprint(network):
        raise SystemExit(f"{to / 'model.onnx'} was exported from another run than {run}: pass that run with --run")
    scores = rounded({
        "model_sha256": sha256(to / "model.onnx"),
        **measure(exported, data.load(data_folder, "valid"), data.load(data_folder, "train"))})
    (to / "metrics.json").write_text(json.dumps(scores) + "\n")
    plot_training(state["log"], to / "training.png")
    plot_confusion(scores["confusion"], to / "confusion.png")
    plot_reliability(scores["reliability"], to / "reliability.png")
    size = (to / "model.onnx").stat().st_size
    (to / "README.md").write_text(render(
        scores, state, network, exported, size, measured_figures(to, "robustness.json"),
        measured_figures(to, "yardstick.json")))
    print(f"accuracy {percent(scores['accuracy'])}, flip-averaged "
          f"{percent(scores['accuracy_flip_averaged'])}, macro F1 {scores['macro_f1']:.3f}, "
          f"ECE {scores['ece_before']:.4f} -> {scores['ece_after']:.4f} -> {to}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=Path, default=data.default_folder(), help="FER+ folder")
    parser.add_argument("--run", type=Path, default=data.ROOT / "training" / "runs" / "last", help="run folder")
    parser.add_argument("--to", type=Path, default=FOLDER, help="the model's folder")
    options = parser.parse_args()
    malloc.retain_freed_memory()
    torch.set_num_threads(1)
    card(options.run, options.data, options.to)


if __name__ == "__main__":
    main()
