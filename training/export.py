"""Make what the server loads from a training run: model.onnx, model.toml and golden.json.

The exported network takes `image` float32 [N, 1, 48, 48], gray pixels 0..255, and gives `logits`
float32 [N, 8], already divided by the temperature that calibrates them on the valid split. It computes
in 8 bits (quantise.py) unless `--float32` is given.
"""

import argparse
import base64
import copy
import io
import json
from pathlib import Path

import numpy as np
import onnx
import torch

import data
import memory
from evaluate import fit_temperature
from framing import LEFT_EYE, RIGHT_EYE, portrait
from graph import answers
from leaks import load_apart
from quantise import quantise, some_faces
from scenes import Scene, given
from score import fingerprint, load_network, score

NAME, VERSION, OPSET = "emostream-ferplus-3", "3.1.0", 13
FOLDER = data.ROOT / "models" / "expression"

TOML = """\
# Made by training/export.py; the model card is README.md beside this file.
name = "{name}"
version = "{version}"
file = "model.onnx"

[input]
name = "image"
width = {side}
height = {side}
channels = "gray"
layout = "NCHW"
# Plain pixels: the normalisation is inside the network.
range = [0, 255]

[output]
name = "logits"
# Softmax of these is calibrated: the temperature is inside the network.
kind = "logits"
labels = [{labels}]

[framing]
# Centres of the eyes in the training frame, as fractions of its width and height from the top
# left corner; "left" is on the left of the image. Align a face to them before classifying it.
# Measured with the server's own detector on 4,000 training faces drawn by chance, each 128 pixels on a
# gray canvas of 256 (training/eyes.py): the medians of the 2,609 found with a confidence of 0.8 or more are
# (0.313, 0.394) and (0.685, 0.391). These are of an earlier draw, made symmetric, some tenths of a pixel aside.
# Faces aligned so are classified as well as the frames themselves: see "Robustness" in the model card.
left_eye = [{left[0]}, {left[1]}]
right_eye = [{right[0]}, {right[1]}]
"""

# pixel(x, y) = (a x + b y + d x y + c) mod 256, for columns x and rows y from 0 to 47.
PATTERNS = (
    {"a": 5, "b": 0, "c": 0, "d": 0},
    {"a": 0, "b": 5, "c": 10, "d": 0},
    {"a": 3, "b": 7, "c": 31, "d": 0},
    {"a": 2, "b": 3, "c": 64, "d": 1},
)

# NASA's portrait (tests/media), as cameras may show it: smiling, and where little is left of it to be seen
# the answer is unsure or another.
FACES = {
    "as it is": Scene(),
    "a face of 20 pixels": Scene(fewer=20),
    "JPEG of quality 30": Scene(quality=30),
    "rolled by 25 degrees": Scene(roll=25.0),
    "behind dark glasses": Scene(cover="dark glasses"),
    "behind a mask": Scene(cover="mask"),
    "behind a mask, lying": Scene(cover="mask", roll=90.0),
    "behind a mask, head down": Scene(cover="mask", roll=120.0),
    "behind a mask, upside down": Scene(cover="mask", roll=180.0),
    "behind a mask, dim and grainy": Scene(cover="mask", light=0.1, grain=5.0),
    "a face of 8 pixels": Scene(fewer=8),
    "far out of focus": Scene(blur=5.0),
    "in hardly any light": Scene(light=1 / 32, grain=5.0),
}


def scaled(network, temperature):
    """A copy of the network whose logits are divided by the temperature (in its last layer)."""
    network = copy.deepcopy(network).eval()
    with torch.no_grad():
        network.head.weight /= temperature
        network.head.bias /= temperature
    return network


def to_onnx(network, temperature=1.0, weights=""):
    """The network as an ONNX model: constants and batch norms folded, any number of faces. The
    temperature and whose weights it has are only noted in it."""
    buffer = io.BytesIO()
    torch.onnx.export(
        network, torch.zeros(2, 1, data.SIDE, data.SIDE), buffer,
        opset_version=OPSET, do_constant_folding=True, input_names=["image"],
        output_names=["logits"], dynamic_axes={"image": {0: "N"}, "logits": {0: "N"}},
    )
    model = onnx.load_model_from_string(buffer.getvalue())
    onnx.helper.set_model_props(model, {
        "name": NAME, "version": VERSION, "labels": ",".join(data.LABELS),
        "temperature": f"{temperature:.6f}", "weights": weights})
    onnx.checker.check_model(model, full_check=True)
    return model


def pattern(a, b, c, d):
    """One golden input, uint8 [48, 48]."""
    y, x = np.mgrid[: data.SIDE, : data.SIDE]
    return ((a * x + b * y + d * x * y + c) % 256).astype(np.uint8)


def rounded(logits):
    return [round(float(v), 5) for v in logits]


def golden(model, tolerance=1e-3):
    """What the ONNX model answers to the patterns and the faces with torch, for a check of another
    runtime. The tolerance is of probabilities."""
    patterns = np.stack([pattern(**p) for p in PATTERNS])
    faces = np.concatenate([given(portrait()[None], scene) for scene in FACES.values()])
    return {
        "model": NAME, "version": VERSION,
        "formula": "pixel(x, y) = (a*x + b*y + d*x*y + c) mod 256, column x and row y in 0..47",
        "pixels": "uint8 [48, 48] in base64: NASA's portrait of Eileen Collins, in the public domain",
        "tolerance": tolerance,
        "labels": list(data.LABELS),
        "cases": [{**p, "logits": rounded(row)} for p, row in zip(PATTERNS, answers(model, patterns))],
        "faces": [
            {"name": name, "logits": rounded(row),
             "pixels": base64.b64encode(face.tobytes()).decode()}
            for name, face, row in zip(FACES, faces, answers(model, faces))
        ],
    }


def golden_text(values):
    """golden.json with one case a line."""
    text = json.dumps({k: v for k, v in values.items() if k not in ("cases", "faces")}, indent=2)[:-2]
    for kind in ("cases", "faces"):
        lines = ",\n".join("    " + json.dumps(case) for case in values[kind])
        text += f',\n  "{kind}": [\n{lines}\n  ]'
    return text + "\n}\n"


def toml():
    """The text of model.toml."""
    return TOML.format(
        name=NAME, version=VERSION, side=data.SIDE, left=LEFT_EYE, right=RIGHT_EYE,
        labels=", ".join(f'"{label}"' for label in data.LABELS))


def export(run, folder, to, float32=False):
    """Fit the temperature, write the three files into `to`; returns the temperature."""
    network, state = load_network(run)
    train, valid = load_apart(folder)
    logits = score(network, valid.images, torch.device("cpu"), what="temperature").numpy()
    temperature = fit_temperature(logits, valid.labels)
    model = to_onnx(scaled(network, temperature), temperature, fingerprint(network))
    if not float32:
        model = quantise(model, some_faces(train))
    to.mkdir(parents=True, exist_ok=True)
    onnx.save_model(model, str(to / "model.onnx"))
    (to / "model.toml").write_text(toml())
    # In 8 bits a rounding that falls out differently moves a probability by up to a hundredth.
    (to / "golden.json").write_text(golden_text(golden(model, 1e-3 if float32 else 2e-2)))
    print(f"epoch {state['epoch']}, temperature {temperature:.4f}, "
          f"{(to / 'model.onnx').stat().st_size} bytes -> {to}")
    return temperature


def add_float32(parser):
    """The option --float32."""
    parser.add_argument("--float32", action="store_true",
                        help="a network that computes in float32, not in 8 bits")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=Path, default=data.default_folder())
    parser.add_argument("--run", type=Path, default=data.ROOT / "training" / "runs" / "last")
    parser.add_argument("--to", type=Path, default=FOLDER)
    add_float32(parser)
    options = parser.parse_args()
    memory.keep_freed()
    torch.set_num_threads(1)
    export(options.run, options.data, options.to, options.float32)


if __name__ == "__main__":
    main()
