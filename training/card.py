"""Score an exported training run on the valid split and write the model card with its plots.

Makes README.md, metrics.json, training.png, confusion.png and reliability.png in the model's folder.
Every figure of the card comes from this evaluation; nothing is typed in.
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
import evaluate
import memory
import recognition
from export import FOLDER, LEFT_EYE, NAME, RIGHT_EYE, VERSION
from graph import Served
from leaks import is_near
from model import count_multiply_adds
from recipes import RECIPES, reach_of
from robustness import model_sha256
from score import fingerprint, load_network, score

TEMPLATE = Path(__file__).resolve().parent / "card.md"


def measure(served, valid, train):
    """Everything that the card says about the quality of a graph.Served, as a dict that JSON can hold."""
    device = torch.device("cpu")
    labels = valid.labels
    logits = score(served, valid.images, device, what="valid").numpy()
    mirrored = score(served, valid.images, device, mirrored=True, what="mirrored").numpy()
    both = np.log((evaluate.softmax(logits) + evaluate.softmax(mirrored)) / 2)
    only = {
        "untied": ~data.is_tie(valid.votes),
        "majority": data.has_majority(valid.votes),
        "new": ~is_near(valid.images, train.images),
    }
    found = evaluate.summary(logits, labels, served.temperature)
    right = found["accuracy"]
    count, confidence, correct = evaluate.reliability(logits / found["temperature"], labels)
    return {
        **found,
        "faces_left_out": valid.total - len(valid),
        "accuracy_halfwidth_95": 1.96 * math.sqrt(right * (1 - right) / len(valid)),
        "accuracy_flip_averaged": evaluate.accuracy(both, labels),
        "only": {name: {"faces": int(chosen.sum()),
                        "accuracy": evaluate.accuracy(logits[chosen], labels[chosen])}
                 for name, chosen in only.items()},
        "reliability": {"faces": count.tolist(), "confidence": confidence.tolist(),
                        "right": correct.tolist()},
    }


def plot_training(log, to):
    """Loss and accuracy by epoch."""
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
    """Share of each true class (row) that got each answer (column)."""
    counts = np.asarray(counts, dtype=float)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure, axes = plt.subplots(figsize=(5.2, 4.6), dpi=90)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row in range(len(shares)):
        for column in range(len(shares)):
            axes.text(column, row, f"{100 * shares[row, column]:.0f}", ha="center", va="center",
                      fontsize=8, color="white" if shares[row, column] > 0.5 else "black")
    axes.set_xticks(range(len(data.LABELS)), data.LABELS, rotation=40, ha="right", fontsize=8)
    axes.set_yticks(range(len(data.LABELS)), data.LABELS, fontsize=8)
    axes.set_xlabel("answer")
    axes.set_ylabel("majority of the taggers")
    axes.set_title("% of each true class", fontsize=9)
    figure.tight_layout()
    figure.savefig(to)
    plt.close(figure)


def plot_reliability(bins, to):
    """The share that is right against the confidence, and how many faces have it."""
    faces = np.asarray(bins["faces"])
    edges = np.linspace(0, 1, len(faces) + 1)
    figure, axes = plt.subplots(figsize=(5.2, 4.0), dpi=90)
    axes.bar(edges[:-1], bins["right"], np.diff(edges), align="edge", color="tab:blue", alpha=0.6,
             edgecolor="white", label="right")
    axes.plot([0, 1], [0, 1], color="black", linewidth=1, label="as confident as right")
    axes.plot(edges[:-1] + np.diff(edges) / 2, faces / faces.max(), color="tab:red", marker=".",
              label=f"faces (1 = {faces.max()})")
    axes.set_xlabel("confidence after temperature scaling")
    axes.set_ylabel("share of the faces")
    axes.legend(loc="upper left", fontsize=8)
    figure.tight_layout()
    figure.savefig(to)
    plt.close(figure)


def table(header, rows):
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def percent(value):
    return f"{100 * value:.2f} %"


def means(settings):
    """What the training did beyond the recipe `first`, in sentences."""
    settings = {**RECIPES["first"], **settings}
    of_votes = 1 - settings["share"] if "teachers" in settings else 1
    told = []
    if settings["degrade"]:
        told.append(f"Each of small faces, dim or glaring light with grain, and JPEG losses (quality 30 to 95) on "
                    f"{percent(settings['degrade'])} of the faces.")
    if settings["cover"]:
        told.append(f"Glasses on, and a hand in front of, {percent(settings['cover'])} of the faces each.")
    if settings["majority"]:
        told.append(f"{percent(settings['majority'] * of_votes)} of each target on the majority label.")
    if settings["sam"]:
        late = f" in the last {percent(1 - settings['sam_from'])} of the steps" if settings["sam_from"] else ""
        told.append(f"Sharpness-aware steps (SAM) of {settings['sam']}{late}.")
    if "teachers" in settings:
        count = len(settings["teachers"])
        told.append(f"{percent(settings['share'])} of each target is the mean answer of {count} "
                    f"network{'s' * (count > 1)} to the same augmented face, of {settings['views']} "
                    f"augmentations in turns: {', '.join(settings['teachers'])}.")
        if any(recognition.NAME in teacher for teacher in settings["teachers"]):
            told.append(f"Fine-tuned: from {recognition.ORIGIN}; of that nothing is in the weights but "
                        "what these answers taught.")
    if "begin" in settings:
        earlier = settings["begin"]
        told.append(f"It began with the weights of an earlier run, `{earlier['run']}`, of {earlier['epochs']} "
                    "epochs." + means(earlier["settings"]))
    return "".join(" " + sentence for sentence in told)


def teachers(settings):
    """The names of all networks whose answers this run or one that it began with has learned."""
    earlier = teachers(settings["begin"]["settings"]) if "begin" in settings else []
    return earlier + settings.get("teachers", [])


def licence(settings):
    """What the card's licence says of teachers."""
    if not any(recognition.NAME in teacher for teacher in teachers(settings)):
        return ""
    return (f" A part of what it learned are answers of a network fine-tuned from {recognition.NAME}, whose weights are "
            "published under the Apache License 2.0 and were made from VGGFace2: its authors gave the list "
            "of pictures out under CC BY-SA 4.0, later copies are labelled CC BY-NC, and no licence covers the "
            "pictures. `student` trained without `--answers` owes nothing to it.")


ONLY = {
    "untied": "without a tie",
    "majority": "with a majority by the paper's reference implementation: more than half of the votes, single "
                "ones dropped. The accuracies in the paper are of such faces",
    "new": "not in the train split",
}


def augmentation(settings):
    """How the faces were changed, in a sentence."""
    reach = reach_of(settings)
    s = reach.strength
    return (f"Augmentation: mirroring, rolls up to ±{reach.roll:.0f}° and heads turned aside up to "
            f"±{reach.yaw:.0f}° (both mostly less), ±{15 * s:.0f} % scale, ±{10 * s:.0f} % shifts, light from "
            f"a side, gamma, brightness and contrast, cutout on {50 * s:.0f} % of the faces"
            + (f", mixup with alpha {settings['mixup']}." if settings["mixup"] else "."))


def arithmetic(served):
    """In what the exported network computes, in a sentence."""
    if any(node.op_type == "QuantizeLinear" for node in served.graph.nodes):
        return ("Computes in 8 bits: int8 weights, uint8 between the convolutions; the normalisation, the "
                "first convolution and the last layer in float32. All figures are of this network.")
    return "Computes in float32."


def paragraph(text):
    return textwrap.fill(text, 104)


def optional(value):
    return "–" if value is None else percent(value)


FLAG_MEASURES = {
    "too_small": "the box's smaller side is under {limit:g} pixels",
    "blurred": "the variance of the Laplacian of the 48×48 crop is under {limit:g}",
    "dark": "the mean of the crop is under {limit:g} of white",
    "side_view": "the yaw is over {limit:g}°",
}


def robustness(found):
    """What robustness.py measured, as text; None where it has not measured this model."""
    if found is None:
        return "Not measured for this model: `training/robustness.py` does it."
    there = found["alignment"]
    flags = table(
        ["flag", "where", "right, good ones", "right, flagged", "right, others", "flagged as they are"],
        [[f"`{name}`", FLAG_MEASURES[name].format(**flag)
          + ("" if flag["falls"] else " (no such fall was seen)"),
          percent(flag["plateau"]), optional(flag["accuracy_flagged"]),
          percent(flag["accuracy_unflagged"]), percent(flag["flagged_as_they_are"])]
         for name, flag in found["flags"].items()])
    rows = table(
        ["the face", "right, frame given", "found", "right of the found, served"],
        [[row["name"], *(optional(row[key]) for key in ("given", "found", "served"))]
         for row in found["rows"]])
    lost = there["given_not_found"]
    return "\n\n".join([
        paragraph(
            f"{found['faces']} valid faces, the same in each row, were changed (`training/scenes.py`). Given: "
            "the 48×48 frame itself, changed at that size. Served: a picture with the frame, 128 pixels wide "
            "unless told otherwise, on a gray canvas of twice the side, through the server's program: decoded, "
            "found by its detector, aligned and classified. A frame's face has a box of about 0.9 of its "
            "side. FER+ has no more than 48×48 pixels of a face: larger ones are enlarged."),
        rows, "![robustness](robustness.png)",
        paragraph(
            "What finding and aligning does to accuracy: of all "
            f"{found['faces_as_they_are']} valid faces as they are {there['faces']} are found, and of these "
            f"{percent(there['given'])} are right with the frame given and {percent(there['served'])} as served"
            + (f"; of those not found {percent(lost)} would be right with the frame given."
               if lost is not None else ".")),
        paragraph(
            "The server's quality flags are raised where the accuracy of the served falls by five points from "
            "that of the same faces as they are: a monotone fit over the faces of the rows of size, blur and "
            "dim light; for the yaw over all faces as they are, from the half that looks straightest. Bars: "
            "95 %."),
        flags, "![accuracy by measure, and where the flag begins](quality.png)"])


def measured_robustness(folder):
    """robustness.json of the model in the folder; None where it is missing or another model's."""
    file = folder / "robustness.json"
    found = json.loads(file.read_text()) if file.is_file() else None
    return found if found and found["model_sha256"] == model_sha256(folder) else None


def render(metrics, state, network, served, model_bytes, robust=None):
    """The text of the card: the template with the figures put in."""
    settings, log = state["settings"], state["log"]
    counts = metrics["confusion"]
    return TEMPLATE.read_text().format(
        robustness=robustness(robust), name=NAME, version=VERSION, left_eye=LEFT_EYE, right_eye=RIGHT_EYE,
        tie_rule=data.TIE_RULE, size=f"{model_bytes / 1e6:.1f} MB",
        parameters=f"{sum(p.numel() for p in network.parameters()) / 1e6:.2f} M",
        arithmetic=arithmetic(served),
        multiply_adds=f"{count_multiply_adds(network) / 1e6:.0f} M",
        train_faces=state["faces"], epochs=state["epoch"],
        minutes=f"{sum(entry['seconds'] for entry in log) / 60:.0f}",
        machine=("one GPU" if state["device"] == "cuda"
                 else f"CPU threads: {state.get('threads', settings.get('threads'))}"),
        means=means(settings), licence=licence(settings), augmentation=augmentation(settings),
        guard=("Training did without those near-duplicates." if state.get("guarded")
               else "They were in training."),
        precision="bfloat16 (autocast)" if state["bfloat16"] else "float32",
        last_train_loss=f"{log[-1]['train_loss']:.3f}",
        last_valid_loss=f"{log[-1]['valid_loss']:.3f}",
        **{key: settings[key] for key in
           ("batch", "lr", "warmup", "weight_decay", "dropout", "ema", "seed")},
        faces=metrics["faces"], left_out=metrics["faces_left_out"],
        accuracy=percent(metrics["accuracy"]),
        halfwidth=f"{100 * metrics['accuracy_halfwidth_95']:.1f}",
        flip=percent(metrics["accuracy_flip_averaged"]),
        repeats=metrics["faces"] - metrics["only"]["new"]["faces"],
        only=table(["only faces", "how many", "right"],
                   [[words, metrics["only"][name]["faces"], percent(metrics["only"][name]["accuracy"])]
                    for name, words in ONLY.items()]),
        macro_f1=f"{metrics['macro_f1']:.3f}", macro_recall=percent(metrics["macro_recall"]),
        per_class=table(
            ["class", "faces", "recall", "precision", "F1"],
            [[label, sum(counts[i]), percent(metrics["recall"][i]),
              percent(metrics["precision"][i]), f"{metrics['f1'][i]:.3f}"]
             for i, label in enumerate(data.LABELS)]),
        confusion=table(["majority \\ answer", *data.LABELS],
                        [[label, *counts[i]] for i, label in enumerate(data.LABELS)]),
        temperature=f"{metrics['temperature']:.3f}",
        ece_before=f"{metrics['ece_before']:.4f}", ece_after=f"{metrics['ece_after']:.4f}",
        ece_crossfitted=f"{metrics['ece_crossfitted']:.4f}",
        log_loss_before=f"{metrics['log_loss_before']:.4f}",
        log_loss_after=f"{metrics['log_loss_after']:.4f}",
    )


def rounded(value):
    """The same structure with its floats at six digits after the point."""
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    return [rounded(item) for item in value] if isinstance(value, list) else value


def card(run, folder, to):
    """Score the run's exported network and write the card, the metrics and the plots into `to`."""
    network, state = load_network(run)
    served = Served(onnx.load_model(str(to / "model.onnx")))
    if served.weights != fingerprint(network):
        raise SystemExit(f"{to / 'model.onnx'} was exported from another run than {run}: --run names it")
    metrics = rounded({
        "model_sha256": model_sha256(to),
        **measure(served, data.load(folder, "valid"), data.load(folder, "train"))})
    (to / "metrics.json").write_text(json.dumps(metrics) + "\n")
    plot_training(state["log"], to / "training.png")
    plot_confusion(metrics["confusion"], to / "confusion.png")
    plot_reliability(metrics["reliability"], to / "reliability.png")
    size = (to / "model.onnx").stat().st_size
    (to / "README.md").write_text(render(
        metrics, state, network, served, size, measured_robustness(to)))
    print(f"accuracy {percent(metrics['accuracy'])}, flip-averaged "
          f"{percent(metrics['accuracy_flip_averaged'])}, macro F1 {metrics['macro_f1']:.3f}, "
          f"ECE {metrics['ece_before']:.4f} -> {metrics['ece_after']:.4f} -> {to}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=Path, default=data.default_folder())
    parser.add_argument("--run", type=Path, default=data.ROOT / "training" / "runs" / "last")
    parser.add_argument("--to", type=Path, default=FOLDER)
    options = parser.parse_args()
    memory.keep_freed()
    torch.set_num_threads(1)
    card(options.run, options.data, options.to)


if __name__ == "__main__":
    main()
