"""How the classifier and the whole server bear small, blurred, dark, turned, covered ... faces, and from
where on the server is to say so.

    ninja -C build/release emostream
    /usr/bin/python3 training/robustness.py --jobs 2

changes the valid faces in each of the ways of scenes.py. The model answers the changed frames ("given");
the server's program finds and answers pictures of them ("served"), with its detector and the model in
models/expression. Writes robustness.json and its plots beside the model, which the card shows, and the
measured bounds of the quality flags for the server, src/vision/expression/quality_limits.hpp.
"""

import argparse
import hashlib
import json
import os
import subprocess
import tempfile
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
import memory
import scenes
from graph import Served
from progress import Progress
from score import score

FALL = 0.05  # below the plateau a flag is raised
HEADER = data.ROOT / "src" / "vision" / "expression" / "quality_limits.hpp"

# Each flag: what it looks at, the scenes whose faces tell where accuracy falls, whether more of it is
# better, and the digits after the point of its bound.
FLAGS = {
    "too_small": ("size_px", "size", True, 0),
    "blurred": ("blur", "blur", True, 0),
    "dark": ("brightness", "light", True, 3),
    "side_view": ("yaw", None, False, 0),
}


def program():
    """The server's program as the release preset builds it, or the one of $EMOSTREAM."""
    return Path(os.environ.get("EMOSTREAM", data.ROOT / "build" / "release" / "emostream"))


def face_of(line, scene):
    """What the server says of the face that was drawn: a dict of numbers, or None where it found none.

    The largest face counts, if its middle lies on the frame.
    """
    if not line.get("faces"):
        return None
    face = line["faces"][0]
    box, (width, height) = face["box"], line["resolution"]
    half = scene.side / 2
    if (abs(box["x"] + box["width"] / 2 - width / 2) > half
            or abs(box["y"] + box["height"] / 2 - height / 2) > half):
        return None
    return {"answer": data.LABELS.index(face["dominant_emotion"]),
            "yaw": abs(face["pose"]["yaw"]),
            **{key: face["quality"][key] for key in ("size_px", "blur", "brightness")}}


def serving(model):
    """The environment in which the program serves the model of that folder, and all else by default."""
    rest = {name: value for name, value in os.environ.items() if not name.startswith("EMOSTREAM_")}
    return {**rest, "EMOSTREAM_VISION_CLASSIFIER": str(model)}


def serve(frames, scene, seed, binary, model):
    """What the server with the model of that folder prints of a picture of each frame uint8 [N, 48, 48]."""
    chance = np.random.default_rng(seed)
    kind = "jpg" if scene.quality else "png"
    with tempfile.TemporaryDirectory() as folder:
        for index, (frame, sign) in enumerate(
                zip(scenes.posed(frames, scene), scenes.signs(len(frames)))):
            # The program takes a folder's files in the order of their names.
            file = Path(folder) / f"{index:05d}.{kind}"
            file.write_bytes(scenes.picture(frame, scene, sign, chance))
        done = subprocess.run([binary, "analyze", folder], capture_output=True, text=True, env=serving(model))
    if done.returncode != 0:
        raise RuntimeError(f"{binary} analyze gave {done.returncode}: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def measure(index, model, folder, few, binary):
    """One of `scenes.CONDITIONS`: the accuracy given, and the server's answers."""
    memory.keep_freed()
    torch.set_num_threads(1)
    group, name, scene = scenes.CONDITIONS[index]
    valid = data.load(folder, "valid")
    seed = zlib.crc32(name.encode())
    chosen = chosen_faces(len(valid), None if scene == scenes.NEUTRAL else few)
    images, labels = valid.images[chosen], valid.labels[chosen]
    found = {"index": index, "chosen": chosen, "labels": labels}
    if group != "640×480":
        network = Served(onnx.load_model(str(model / "model.onnx")))
        logits = score(network, scenes.given(images, scene, seed), torch.device("cpu")).numpy()
        found["right"] = logits.argmax(axis=1) == labels
    if group != "frame":
        found["faces"] = [face_of(line, scene) for line in serve(images, scene, seed, binary, model)]
    return found


def chosen_faces(count, few):
    """Indices of `few` faces of `count`, the same ones every time; all where few is None."""
    order = np.random.default_rng(1).permutation(count)
    return np.sort(order[:few]) if few else np.arange(count)


def isotonic(measures, right):
    """Measures [N] and whether the answer was right [N] -> measures in order and the best fit of the
    accuracy at each that never falls as the measure grows (pool adjacent violators)."""
    order = np.argsort(measures, kind="stable")
    blocks = []  # mean, count
    for value in np.asarray(right, dtype=float)[order]:
        mean, count = value, 1
        while blocks and blocks[-1][0] >= mean:
            other, more = blocks.pop()
            mean, count = (mean * count + other * more) / (count + more), count + more
        blocks.append((mean, count))
    fit = np.concatenate([np.full(count, mean) for mean, count in blocks])
    return np.asarray(measures)[order], fit


def bound(measures, right, plateau, more_is_better):
    """The value of the measure where accuracy has fallen by `FALL` from the plateau, and whether it
    falls so far at all; if not, the worst value there was."""
    sign = 1 if more_is_better else -1
    ordered, fit = isotonic(sign * np.asarray(measures, dtype=float), right)
    good = fit >= plateau - FALL
    return float(sign * ordered[good][0]), bool(fit[0] < plateau - FALL)


def bins(measures, right, count=14):
    """Accuracy in bins of as many faces each, the worst bin in three: lists of the measure's median,
    accuracy and faces."""
    worst, *others = np.array_split(np.argsort(measures, kind="stable"), count)
    return [[float(np.median(measures[part])), float(right[part].mean()), len(part)]
            for part in (*np.array_split(worst, 3), *others) if len(part)]


def among(result, chosen):
    """The result of one scene for the faces `chosen` only (indices)."""
    kept = np.isin(result["chosen"], chosen)
    few = {**result, "chosen": result["chosen"][kept], "labels": result["labels"][kept]}
    if "right" in result:
        few["right"] = result["right"][kept]
    if "faces" in result:
        few["faces"] = [face for face, keep in zip(result["faces"], kept) if keep]
    return few


def found_faces(results, key):
    """The measure and whether the answer was right, of all faces that the server found."""
    pairs = [(face[key], face["answer"] == label) for result in results
             for face, label in zip(result["faces"], result["labels"]) if face is not None]
    measures, right = zip(*pairs)
    return np.array(measures), np.array(right)


def concerns(index, group):
    """Whether a scene's faces tell of a group's measure: its own, and those as they are."""
    of, _, scene = scenes.CONDITIONS[index]
    return of == "" or (of == group and (group != "light" or scene.light < 1))


def flag(results, name):
    """Where the accuracy of the served falls by what the flag looks at.

    The plateau is that of the same faces as they are; where faces are not changed for the flag, that of
    the better half.
    """
    key, group, more_is_better, digits = FLAGS[name]
    own_measures, own_right = found_faces(results[:1], key)
    if group:
        measures, right = found_faces([among(result, results[-1]["chosen"]) for result in results
                                       if concerns(result["index"], group)], key)
        plateau = found_faces([among(results[0], results[-1]["chosen"])], key)[1].mean()
    else:
        measures, right = own_measures, own_right
        middle = np.median(measures)
        plateau = right[measures >= middle if more_is_better else measures <= middle].mean()
    value, falls = bound(measures, right, plateau, more_is_better)
    value, sign = round(value, digits), 1 if more_is_better else -1

    def raised(of):
        return of < value if more_is_better else of > value

    struck = raised(measures)
    return {
        "measure": key, "plateau": float(plateau), "limit": value, "falls": falls,
        "faces": len(measures),
        "bins": [[sign * at, *others] for at, *others in bins(sign * measures, right)],
        "accuracy_flagged": float(right[struck].mean()) if struck.any() else None,
        "accuracy_unflagged": float(right[~struck].mean()),
        "flagged_as_they_are": float(raised(own_measures).mean()),
    }


def summary(results):
    """Everything but the model's name, as a dict that JSON can hold; `results` in order of the scenes."""
    rows = []
    for result in (among(result, results[-1]["chosen"]) for result in results):
        group, name, _ = scenes.CONDITIONS[result["index"]]
        row = {"group": group, "name": name, "given": None, "found": None, "served": None}
        if "right" in result:
            row["given"] = float(result["right"].mean())
        if "faces" in result:
            hits = [face["answer"] == label for face, label in zip(result["faces"], result["labels"])
                    if face is not None]
            row["found"] = len(hits) / len(result["faces"])
            row["served"] = float(np.mean(hits)) if hits else None
        rows.append(row)
    plain = results[0]
    there = np.array([face is not None for face in plain["faces"]])
    served = np.array([face["answer"] for face in plain["faces"] if face is not None])
    return {
        "faces_as_they_are": len(plain["faces"]), "faces": len(results[-1]["faces"]), "rows": rows,
        "alignment": {"faces": int(there.sum()), "given": float(plain["right"][there].mean()),
                      "served": float((served == plain["labels"][there]).mean()),
                      "given_not_found": float(plain["right"][~there].mean()) if not there.all() else None},
        "flags": {name: flag(results, name) for name in FLAGS},
    }


def header(flags):
    """The text of quality_limits.hpp."""
    lines = [
        "#pragma once", "",
        "// Written by training/robustness.py; do not edit by hand. Where the accuracy of the faces of FER+'s",
        f"// valid set, served, falls by {100 * FALL:.0f} points from that of good ones; the model card has the "
        "curves.",
        "namespace emostream::vision::quality_limits {", "",
    ]
    told = {
        "too_small": ("small_px", "pixels: the box's smaller side"),
        "blurred": ("blurred_below", "variance of the Laplacian of the crop"),
        "dark": ("dark_below", "mean of the crop, 0..1"),
        "side_view": ("side_view_over", "degrees of yaw, to either side"),
    }
    for name, (constant, unit) in told.items():
        found = flags[name]
        digits = FLAGS[name][3]
        value = f"{found['limit']:.{digits}f}" + ("F" if digits else "")
        why = (f"good ones {100 * found['plateau']:.1f} %, flagged {100 * found['accuracy_flagged']:.1f} %"
               if found["falls"] else "no such fall was seen; beyond this nothing was measured")
        lines += [f"/// {unit}; {why}.", f"constexpr float {constant} = {value};"]
    return "\n".join([*lines, "", "}  // namespace emostream::vision::quality_limits", ""])


PLOTS = {
    "size": "side of the frame, pixels", "blur": "σ, % of the frame", "JPEG": "quality",
    "light": "light, the darker the more grain", "roll": "degrees", "yaw": "degrees (a cylinder)",
}


def place(group, scene):
    """Where a scene stands on its group's axis."""
    return {"size": scene.side, "blur": 100 * scene.blur / data.SIDE, "JPEG": scene.quality or 100,
            "light": scene.light, "roll": scene.roll, "yaw": scene.yaw}[group]


def plot_rows(rows, to):
    """Accuracy given and served, and the share found, one panel a group."""
    figure, panels = plt.subplots(2, 3, figsize=(10, 5.6), dpi=90, sharey=True)
    for axes, (group, unit) in zip(panels.flat, PLOTS.items()):
        seen = [(place(group, scene), row) for (of, _, scene), row in zip(scenes.CONDITIONS, rows)
                if (of == group or (of == "" and group != "size"))
                and (group != "light" or scene.light < 1 or of == "")]
        seen.sort(key=lambda pair: pair[0])
        for key, label, style in (("given", "right, frame given", "tab:blue"),
                                  ("served", "right of the found, served", "tab:red"),
                                  ("found", "found", "tab:gray")):
            values = [(x, 100 * row[key]) for x, row in seen if row[key] is not None]
            axes.plot(*zip(*values), color=style, marker=".", linewidth=1, label=label,
                      linestyle=":" if key == "found" else "-")
        if group in ("size", "light"):
            axes.set_xscale("log", base=2)
            axes.xaxis.set_major_formatter(plt.FuncFormatter(lambda x, _: f"{x:g}"))
        axes.set_xlabel(unit, fontsize=8)
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
    """Accuracy of the served by each measure, the plateau and the flag's bound."""
    figure, panels = plt.subplots(1, 4, figsize=(11, 2.9), dpi=90, sharey=True)
    for axes, (name, found) in zip(panels, flags.items()):
        x, right, count = (np.array(column) for column in zip(*found["bins"]))
        error = 1.96 * np.sqrt(right * (1 - right) / count)
        axes.errorbar(x, 100 * right, 100 * error, color="tab:red", marker=".", linewidth=1)
        axes.axhline(100 * found["plateau"], color="tab:gray", linewidth=1)
        axes.axhline(100 * (found["plateau"] - FALL), color="tab:gray", linewidth=1, linestyle=":")
        axes.axvline(found["limit"], color="black", linewidth=1, linestyle="--")
        if name != "side_view":
            axes.set_xscale("log")
        axes.set_title(f"{name}: {found['limit']:g}", fontsize=9)
        axes.set_xlabel(found["measure"], fontsize=8)
        axes.grid(alpha=0.3)
    panels[0].set_ylabel("right, %")
    figure.tight_layout()
    figure.savefig(to)
    plt.close(figure)


def model_sha256(folder):
    """Of the network that is served."""
    return hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()


def collect(options):
    """All scenes, measured in `--jobs` processes; results in order."""
    results, total = {}, len(scenes.CONDITIONS)
    progress = Progress("scenes", total)
    with ProcessPoolExecutor(options.jobs) as pool:
        waiting = [pool.submit(measure, index, options.to.resolve(), options.data,
                               options.faces, str(options.program)) for index in range(total)]
        for done in as_completed(waiting):
            if done.exception():
                pool.shutdown(cancel_futures=True)
            result = done.result()
            results[result["index"]] = result
            progress.show(len(results))
    return [results[index] for index in range(total)]


def robustness(options):
    """Measure, and write the figures, the plots and the server's bounds."""
    if not options.program.is_file():
        raise SystemExit(f"no {options.program}: build it, or name it with --program")
    found = {"model_sha256": model_sha256(options.to), **summary(collect(options))}
    rounded = json.loads(json.dumps(found), parse_float=lambda text: round(float(text), 6))
    (options.to / "robustness.json").write_text(json.dumps(rounded, ensure_ascii=False) + "\n")
    plot_rows(found["rows"], options.to / "robustness.png")
    plot_flags(found["flags"], options.to / "quality.png")
    if options.header:
        options.header.write_text(header(found["flags"]))
    for name, of in found["flags"].items():
        print(f"{name:>10}: {of['limit']:g}; plateau {100 * of['plateau']:.2f} %, flagged "
              + ("none" if of["accuracy_flagged"] is None else f"{100 * of['accuracy_flagged']:.2f} %"))


def main(words=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=Path, default=data.default_folder())
    parser.add_argument("--to", type=Path, default=data.ROOT / "models" / "expression",
                        help="the folder of the model")
    parser.add_argument("--program", type=Path, default=program(), help="emostream, built for release")
    parser.add_argument("--header", type=Path, default=HEADER)
    parser.add_argument("--faces", type=int, default=800, help="valid faces in each scene")
    parser.add_argument("--jobs", type=int, default=1, help="processes beside each other")
    robustness(parser.parse_args(words))


if __name__ == "__main__":
    main()
