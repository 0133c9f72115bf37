"""Measure the robustness of the classifier and of the server, and derive the thresholds of the quality flags.

    ninja -C build/release emostream
    /usr/bin/python3 training/robustness.py --jobs 2

Applies the capture conditions of scenes.py to validation faces. The "given" accuracy is that of the model on the
changed crops. The "served" accuracy is that of the server on the faces that its default detector finds in rendered
images. Writes robustness.json and its plots, which the model card shows, beside the model, and the thresholds of the
quality flags to the server's quality_limits.hpp.
"""

import argparse
import json
import zlib
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt
import numpy as np
import onnx
import torch

import data
import malloc
import scenes
from onnx_graph import OnnxModule
from predict import predict
from progress import Progress
from server import analyze_images, server_program, sha256

ACCURACY_DROP = 0.05  # below the plateau, at which a flag is raised
HEADER = data.ROOT / "src" / "vision" / "expression" / "quality_limits.hpp"

# Each flag: its measure, the group of scenes that its threshold is fitted on beside the unchanged faces (None: on
# these alone), whether higher values are better, and the number of decimals of the threshold.
FLAGS = {
    "too_small": ("size_px", "size", True, 0),
    "blurred": ("blur", "blur", True, 0),
    "dark": ("brightness", "light", True, 3),
    "side_view": ("yaw", None, False, 0),
}


def find_face(result, scene):
    """The prediction and the measures of the drawn face in the server's result for an image; None if it was not found.

    The largest face counts, if its centre lies within the crop.
    """
    if not result.get("faces"):
        return None
    face = result["faces"][0]
    box, (width, height) = face["box"], result["resolution"]
    half = scene.crop_side / 2
    if (abs(box["x"] + box["width"] / 2 - width / 2) > half
            or abs(box["y"] + box["height"] / 2 - height / 2) > half):
        return None
    return {"prediction": data.LABELS.index(face["dominant_emotion"]),
            "yaw": abs(face["pose"]["yaw"]),
            **{key: face["quality"][key] for key in ("size_px", "blur", "brightness")}}


def run_server(crops, scene, seed, program, model):
    """The server's results, one per crop uint8 [N, 48, 48], for images rendered from the crops."""
    rng = np.random.default_rng(seed)
    signs = scenes.alternating_signs(len(crops))
    return analyze_images((scenes.render_image(crop, scene, sign, rng)
                           for crop, sign in zip(scenes.pose(crops, scene), signs)), program, model)


def measure(index, model, folder, count, program):
    """Measures one of `scenes.CONDITIONS`: the crops classified correctly, and the faces that the server found."""
    malloc.retain_freed_memory()
    torch.set_num_threads(1)
    group, name, scene = scenes.CONDITIONS[index]
    valid = data.load(folder, "valid")
    seed = zlib.crc32(name.encode())
    indices = sample_indices(len(valid), None if scene == scenes.NEUTRAL else count)
    images, labels = valid.images[indices], valid.labels[indices]
    result = {"index": index, "faces_used": indices, "labels": labels}
    if group != "640×480":
        network = OnnxModule(onnx.load_model(str(model / "model.onnx")))
        logits = predict(network, scenes.apply_to_crops(images, scene, seed), torch.device("cpu")).numpy()
        result["correct"] = logits.argmax(axis=1) == labels
    if group != "frame":
        result["faces"] = [find_face(line, scene) for line in run_server(images, scene, seed, program, model)]
    return result


def sample_indices(total, count):
    """`count` random indices below `total`, the same in every call; all indices if count is None or 0."""
    order = np.random.default_rng(1).permutation(total)
    return np.sort(order[:count]) if count else np.arange(total)


def isotonic_fit(measures, correct):
    """Isotonic regression of the accuracy on a measure (pool adjacent violators).

    Measures [N] and whether each prediction is correct [N] -> the sorted measures and the non-decreasing fit.
    """
    order = np.argsort(measures, kind="stable")
    blocks = []  # mean, count
    for value in np.asarray(correct, dtype=float)[order]:
        mean, count = value, 1
        while blocks and blocks[-1][0] >= mean:
            previous_mean, previous_count = blocks.pop()
            total = count + previous_count
            mean, count = (mean * count + previous_mean * previous_count) / total, total
        blocks.append((mean, count))
    fit = np.concatenate([np.full(count, mean) for mean, count in blocks])
    return np.asarray(measures)[order], fit


def find_threshold(measures, correct, plateau, higher_is_better):
    """The worst value of the measure whose accuracy is at most `ACCURACY_DROP` below the plateau, and whether the
    accuracy drops further. If it does not, the value is the worst one measured."""
    sign = 1 if higher_is_better else -1
    ordered, fit = isotonic_fit(sign * np.asarray(measures, dtype=float), correct)
    good = fit >= plateau - ACCURACY_DROP
    return float(sign * ordered[good][0]), bool(fit[0] < plateau - ACCURACY_DROP)


def accuracy_bins(measures, correct, count=14):
    """The accuracy in bins of equally many faces, the lowest bin split in three: lists of median, accuracy, faces."""
    lowest, *others = np.array_split(np.argsort(measures, kind="stable"), count)
    return [[float(np.median(measures[part])), float(correct[part].mean()), len(part)]
            for part in (*np.array_split(lowest, 3), *others) if len(part)]


def restrict(result, indices):
    """The result of one scene for the given faces only."""
    kept = np.isin(result["faces_used"], indices)
    restricted = {**result, "faces_used": result["faces_used"][kept], "labels": result["labels"][kept]}
    if "correct" in result:
        restricted["correct"] = result["correct"][kept]
    if "faces" in result:
        restricted["faces"] = [face for face, keep in zip(result["faces"], kept) if keep]
    return restricted


def found_faces(results, key):
    """The measure, and whether the prediction is correct, of all faces that the server found."""
    pairs = [(face[key], face["prediction"] == label) for result in results
             for face, label in zip(result["faces"], result["labels"]) if face is not None]
    measures, correct = zip(*pairs)
    return np.array(measures), np.array(correct)


def belongs_to(index, group):
    """Whether a threshold fitted on the group uses this scene: a scene of the group (of "light" only a dim one), or
    the unchanged faces."""
    scene_group, _, scene = scenes.CONDITIONS[index]
    return scene_group == "" or (scene_group == group and (group != "light" or scene.light < 1))


def fit_flag(results, name):
    """The threshold of a flag and the server's accuracies on both sides of it.

    The plateau is the accuracy on the same faces unchanged. For a flag without scenes of its own it is the accuracy on
    the half of the faces with the better measures.
    """
    key, group, higher_is_better, digits = FLAGS[name]
    unchanged_measures, unchanged_correct = found_faces(results[:1], key)
    if group:
        faces_used = results[-1]["faces_used"]
        measures, correct = found_faces(
            [restrict(result, faces_used) for result in results if belongs_to(result["index"], group)], key)
        plateau = found_faces([restrict(results[0], faces_used)], key)[1].mean()
    else:
        measures, correct = unchanged_measures, unchanged_correct
        median = np.median(measures)
        plateau = correct[measures >= median if higher_is_better else measures <= median].mean()
    threshold, drops = find_threshold(measures, correct, plateau, higher_is_better)
    threshold, sign = round(threshold, digits), 1 if higher_is_better else -1

    def is_flagged(values):
        return values < threshold if higher_is_better else values > threshold

    flagged = is_flagged(measures)
    return {
        "measure": key, "plateau": float(plateau), "limit": threshold, "falls": drops,
        "faces": len(measures),
        "bins": [[sign * median, *others] for median, *others in accuracy_bins(sign * measures, correct)],
        "accuracy_flagged": float(correct[flagged].mean()) if flagged.any() else None,
        "accuracy_unflagged": float(correct[~flagged].mean()),
        "flagged_as_they_are": float(is_flagged(unchanged_measures).mean()),
    }


def summary(results):
    """The content of robustness.json except the model's hash; `results` in the order of the scenes."""
    rows = []
    for result in (restrict(result, results[-1]["faces_used"]) for result in results):
        group, name, _ = scenes.CONDITIONS[result["index"]]
        row = {"group": group, "name": name, "given": None, "found": None, "served": None}
        if "correct" in result:
            row["given"] = float(result["correct"].mean())
        if "faces" in result:
            correct = [face["prediction"] == label for face, label in zip(result["faces"], result["labels"])
                       if face is not None]
            row["found"] = len(correct) / len(result["faces"])
            row["served"] = float(np.mean(correct)) if correct else None
        rows.append(row)
    unchanged = results[0]
    found = np.array([face is not None for face in unchanged["faces"]])
    served = np.array([face["prediction"] for face in unchanged["faces"] if face is not None])
    return {
        "faces_as_they_are": len(unchanged["faces"]), "faces": len(results[-1]["faces"]), "rows": rows,
        "alignment": {"faces": int(found.sum()), "given": float(unchanged["correct"][found].mean()),
                      "served": float((served == unchanged["labels"][found]).mean()),
                      "given_not_found": float(unchanged["correct"][~found].mean()) if not found.all() else None},
        "flags": {name: fit_flag(results, name) for name in FLAGS},
    }


def header(flags):
    """The text of quality_limits.hpp."""
    lines = [
        "#pragma once", "",
        "// Generated by training/robustness.py; do not edit. At each threshold the server's accuracy on FER+'s",
        f"// validation faces drops {100 * ACCURACY_DROP:.0f} points below its accuracy on good faces (the plateau);",
        "// the model card shows the curves.",
        "namespace emostream::vision::quality_limits {", "",
    ]
    constants = {
        "too_small": ("small_px", "The shorter side of the box in pixels"),
        "blurred": ("blurred_below", "The variance of the Laplacian of the crop"),
        "dark": ("dark_below", "The mean of the crop, 0..1"),
        "side_view": ("side_view_over", "The absolute yaw in degrees"),
    }
    for name, (constant, measured) in constants.items():
        flag = flags[name]
        digits = FLAGS[name][3]
        value = f"{flag['limit']:.{digits}f}" + ("F" if digits else "")
        reason = (f"Accuracy: plateau {100 * flag['plateau']:.1f} %, flagged {100 * flag['accuracy_flagged']:.1f} %"
                  if flag["falls"] else "The accuracy did not drop by five points within the measured range")
        lines += [f"/// {measured}. {reason}.", f"constexpr float {constant} = {value};"]
    return "\n".join([*lines, "", "}  // namespace emostream::vision::quality_limits", ""])


# The axis label of each group's plot.
PLOTS = {
    "size": "side of the crop, pixels", "blur": "σ, % of the crop", "JPEG": "quality",
    "light": "light (noise increases as it decreases)", "roll": "degrees", "yaw": "degrees (cylinder model)",
}


def axis_position(group, scene):
    """The position of a scene on its group's axis."""
    return {"size": scene.crop_side, "blur": 100 * scene.blur / data.SIDE, "JPEG": scene.quality or 100,
            "light": scene.light, "roll": scene.roll, "yaw": scene.yaw}[group]


def plot_rows(rows, to):
    """Plots accuracy given and served, and the detection rate; one panel per group."""
    figure, panels = plt.subplots(2, 3, figsize=(10, 5.6), dpi=90, sharey=True)
    for axes, (group, label) in zip(panels.flat, PLOTS.items()):
        points = [(axis_position(group, scene), row) for (scene_group, _, scene), row in zip(scenes.CONDITIONS, rows)
                  if (scene_group == group or (scene_group == "" and group != "size"))
                  and (group != "light" or scene.light < 1 or scene_group == "")]
        points.sort(key=lambda pair: pair[0])
        for key, series, color in (("given", "accuracy, crop given", "tab:blue"),
                                   ("served", "accuracy of found faces, served", "tab:red"),
                                   ("found", "faces found", "tab:gray")):
            values = [(x, 100 * row[key]) for x, row in points if row[key] is not None]
            axes.plot(*zip(*values), color=color, marker=".", linewidth=1, label=series,
                      linestyle=":" if key == "found" else "-")
        if group in ("size", "light"):
            axes.set_xscale("log", base=2)
            axes.xaxis.set_major_formatter(plt.FuncFormatter(lambda x, _: f"{x:g}"))
        axes.set_xlabel(label, fontsize=8)
        axes.set_title(group, fontsize=9)
        axes.set_ylim(0, 102)
        axes.grid(alpha=0.3)
    panels[0, 0].set_ylabel("% of the faces")
    panels[1, 0].set_ylabel("% of the faces")
    panels[0, 0].legend(fontsize=7, loc="lower right")
    figure.tight_layout()
    figure.savefig(to)
    plt.close(figure)


def plot_flags(flags, to):
    """Plots the server's accuracy against each measure, with the plateau and the flag's threshold."""
    figure, panels = plt.subplots(1, 4, figsize=(11, 2.9), dpi=90, sharey=True)
    for axes, (name, flag) in zip(panels, flags.items()):
        x, accuracy, count = (np.array(column) for column in zip(*flag["bins"]))
        error = 1.96 * np.sqrt(accuracy * (1 - accuracy) / count)
        axes.errorbar(x, 100 * accuracy, 100 * error, color="tab:red", marker=".", linewidth=1)
        axes.axhline(100 * flag["plateau"], color="tab:gray", linewidth=1)
        axes.axhline(100 * (flag["plateau"] - ACCURACY_DROP), color="tab:gray", linewidth=1, linestyle=":")
        axes.axvline(flag["limit"], color="black", linewidth=1, linestyle="--")
        if name != "side_view":
            axes.set_xscale("log")
        axes.set_title(f"{name}: {flag['limit']:g}", fontsize=9)
        axes.set_xlabel(flag["measure"], fontsize=8)
        axes.grid(alpha=0.3)
    panels[0].set_ylabel("accuracy, %")
    figure.tight_layout()
    figure.savefig(to)
    plt.close(figure)


def measure_all(options):
    """Measures all scenes in `--jobs` processes; returns the results in the order of the scenes."""
    results, total = {}, len(scenes.CONDITIONS)
    progress = Progress("scenes", total)
    with ProcessPoolExecutor(options.jobs) as pool:
        futures = [pool.submit(measure, index, options.to.resolve(), options.data,
                               options.faces, str(options.program)) for index in range(total)]
        for future in as_completed(futures):
            if future.exception():
                pool.shutdown(cancel_futures=True)
            result = future.result()
            results[result["index"]] = result
            progress.show(len(results))
    return [results[index] for index in range(total)]


def robustness(options):
    """Measures the robustness and writes the figures, the plots and the server's thresholds."""
    if not options.program.is_file():
        raise SystemExit(f"{options.program} does not exist: build it, or pass another one with --program")
    measured = {"model_sha256": sha256(options.to / "model.onnx"), **summary(measure_all(options))}
    rounded = json.loads(json.dumps(measured), parse_float=lambda text: round(float(text), 6))
    (options.to / "robustness.json").write_text(json.dumps(rounded, ensure_ascii=False) + "\n")
    plot_rows(measured["rows"], options.to / "robustness.png")
    plot_flags(measured["flags"], options.to / "quality.png")
    if options.header:
        options.header.write_text(header(measured["flags"]))
    for name, flag in measured["flags"].items():
        print(f"{name:>10}: {flag['limit']:g}; plateau {100 * flag['plateau']:.2f} %, flagged "
              + ("none" if flag["accuracy_flagged"] is None else f"{100 * flag['accuracy_flagged']:.2f} %"))


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=Path, default=data.default_folder(), help="FER+ folder")
    parser.add_argument("--to", type=Path, default=data.ROOT / "models" / "expression",
                        help="the model's folder")
    parser.add_argument("--program", type=Path, default=server_program(), help="emostream, built for release")
    parser.add_argument("--header", type=Path, default=HEADER, help="the C++ header to write")
    parser.add_argument("--faces", type=int, default=800,
                        help="number of validation faces per scene; unchanged faces are all measured")
    parser.add_argument("--jobs", type=int, default=1, help="number of parallel processes")
    robustness(parser.parse_args(arguments))


if __name__ == "__main__":
    main()
