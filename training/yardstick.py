"""Measure a classifier on FER+ and on photographs, beside other programs and by groups of people.

    /usr/bin/python3 training/yardstick.py                               # the served model
    /usr/bin/python3 training/yardstick.py --model candidate.onnx        # within a minute, once crops are known

The test sets:

- `ferplus`: the FER+ validation faces, cropped as they are.
- `photographs`: those set aside for choosing (photographs.py), end to end: the server's program finds the face.
- `border`: the same with a gray border, which makes the face smaller in the picture.
- `crops`: crops of the faces that the program finds in `photographs`; only the classifier runs.

A folder of a model is measured through the server's program, a single ONNX file on the crops of the faces that the
program found when a folder was measured last. The score for choosing a model is the mean of the macro recalls on `ferplus` (eight labels) and
`photographs` (six), for a model with an accuracy of at least `FLOOR` on `ferplus`.
"""

import argparse
import hashlib
import io
import json
from pathlib import Path

import numpy as np
import onnx
import torch
from PIL import Image
from torch.nn import functional as F

import data
import face_crops
import groups
import malloc
import metrics
import peers
import photographs
import scores
import yardstick_tables
from export import FOLDER
from onnx_graph import OnnxModule
from predict import predict
from server import server_program, sha256

FLOOR = 0.84
EIGHT, SIX = data.LABELS, photographs.LABELS
SEVEN = EIGHT[:-1]  # without contempt, which other programs do not know
FIVE = SIX[:-1]  # without disgust, whose pictures show few people and are labelled doubtfully
FERPLUS, PHOTOGRAPHS = {"eight": EIGHT, "seven": SEVEN}, {"six": SIX, "five": FIVE}
SETS = {"ferplus": FERPLUS, "photographs": PHOTOGRAPHS, "border": PHOTOGRAPHS, "crops": PHOTOGRAPHS}


class Pictures:
    """The test pictures, and where the server finds faces in them."""

    def __init__(self, options):
        self.work, self.program, self.model = options.work, options.program, options.model
        valid = data.load(options.data, "valid")
        everything = photographs.names()
        names = [name for name, part in zip(everything, photographs.parts(everything)) if part == "selection"]
        encoded = list(photographs.read(names))
        self.faces_of_ferplus = valid.images
        self.people = groups.read_people(groups.default_folder())
        self.encoded = {"photographs": encoded, "border": [face_crops.with_border(image) for image in encoded],
                        "portraits": [person["file"].read_bytes() for person in self.people]}
        self.faces = {name: self.find_faces(images) for name, images in self.encoded.items()}
        self.found = np.array([face is not None for face in self.faces["photographs"]])
        labels, persons = photographs.labels(names), photographs.persons(names)
        self.labels = {"ferplus": valid.labels, "photographs": labels, "border": labels, "crops": labels[self.found]}
        self.units = {"ferplus": np.arange(len(valid)), "photographs": persons, "border": persons,
                      "crops": persons[self.found]}

    def find_faces(self, images):
        folder = self.model if self.model.is_dir() else FOLDER
        key = sha256(self.program)[:8] + sha256(folder / "model.onnx")[:8]
        file = self.work / f"server-{key}.jsonl"
        if folder != self.model:
            file = max(self.work.glob("server-*.jsonl"), key=lambda known: known.stat().st_mtime, default=file)
        return face_crops.find_faces(images, file, self.program, folder)

    def crops(self, name, side):
        """Crops uint8 of the found faces of a set of pictures."""
        return np.stack([face_crops.crop(image, face, side)
                         for image, face in zip(self.encoded[name], self.faces[name]) if face])


def as_png(crops):
    """The crops as encoded images."""
    encoded = []
    for crop in crops:
        png = io.BytesIO()
        Image.fromarray(crop).save(png, "PNG", compress_level=1)
        encoded.append(png.getvalue())
    return encoded


class Network:
    """An ONNX classifier; its probabilities are kept in a file of the work folder."""

    def __init__(self, file, work):
        model = onnx.load_model(str(file))
        self.module = OnnxModule(model)
        self.side = model.graph.input[0].type.tensor_type.shape.dim[3].dim_value
        self.file = work / f"network-{sha256(file)[:16]}.npz"

    def __call__(self, name, crops):
        """Probabilities [N, 8] for crops uint8 [N, H, W], which are resized to the network's input."""
        known = dict(np.load(self.file)) if self.file.is_file() else {}
        key = hashlib.sha256(crops.tobytes()).hexdigest()[:16]
        if key not in known:
            logits = predict(self.module, resized(crops, self.side), torch.device("cpu"), batch=64, label=name).numpy()
            known[key] = metrics.softmax(logits / self.module.temperature)
            np.savez(self.file, **known)
        return known[key]


def resized(crops, side):
    """The crops uint8 [N, H, W] at another size, interpolated."""
    if crops.shape[1] == side:
        return crops
    pixels = F.interpolate(torch.from_numpy(crops).float().unsqueeze(1), (side, side), mode="bilinear")
    return pixels.round().byte().squeeze(1).numpy()


def spread(rows, found):
    """Rows for the found faces -> rows for all pictures, NaN for the others."""
    everything = np.full((len(found), rows.shape[1]), np.nan)
    everything[found] = rows
    return everything


def of_network(network, pictures):
    """Probabilities of a network by test set, on the crops of the faces that the server found."""
    result = {"ferplus": network("ferplus", pictures.faces_of_ferplus)}
    for name, faces in pictures.faces.items():
        rows = network(name, pictures.crops(name, network.side))
        result[name] = spread(rows, [face is not None for face in faces])
    result["crops"] = result["photographs"][pictures.found]
    return result


def of_server(pictures):
    """Probabilities of the server's program by test set."""
    return {name: scores.probabilities([face and face["emotions"] for face in faces])
            for name, faces in pictures.faces.items()}


def of_peer(peer, pictures):
    """Probabilities of another program by test set."""
    def run(kind, images):
        return peers.expressions(peer, kind, images, pictures.work)

    return {"ferplus": run("crop", as_png(pictures.faces_of_ferplus)),
            "photographs": run("picture", pictures.encoded["photographs"]),
            "border": run("picture", pictures.encoded["border"]),
            "crops": run("crop", as_png(pictures.crops("photographs", peers.CROP_SIDE)))}


def selection_score(measured):
    """The mean of both macro recalls; None if the accuracy on FER+ is below the floor."""
    if measured["ferplus"]["accuracy"]["value"] < FLOOR:
        return None
    return (measured["ferplus"]["macro_recall"]["eight"]["value"]
            + measured["photographs"]["macro_recall"]["six"]["value"]) / 2


def evaluate(answers, pictures, ours=None):
    """The scores of one program by test set, and how far the measured model's macro recall leads its own."""
    measured = {}
    for name, macros in SETS.items():
        rows, labels, units = answers[name], pictures.labels[name], pictures.units[name]
        measured[name] = scores.score(rows, labels, units, macros)
        if ours:
            some = SEVEN if name == "ferplus" else SIX
            measured[name]["lead"] = scores.lead(ours[name], rows, labels, units, some)
    return measured


def yardstick(options):
    """All measurements as a dict that can be written as JSON."""
    is_folder = options.model.is_dir()
    file = options.model / "model.onnx" if is_folder else options.model
    pictures = Pictures(options)
    ours = of_network(Network(file, options.work), pictures)
    if is_folder:
        ours |= of_server(pictures)
    measured = evaluate(ours, pictures)
    counted = groups.answers(pictures.people, pictures.faces["portraits"], ours["portraits"])
    elderly = [i for i, person in enumerate(pictures.people) if person["age group"] == groups.AGES[-1][0]]
    groups.contact_sheet(*([rows[i] for i in elderly] for rows in (
        pictures.people, pictures.faces["portraits"], ours["portraits"])), options.work / "over-55.png")
    return {
        "model_sha256": sha256(file), "score": selection_score(measured),
        "programs": {"emostream": measured,
                     **{f"{peer} {peers.version(peer)}": evaluate(of_peer(peer, pictures), pictures, ours)
                        for peer in options.peers if peers.is_installed(peer)}},
        "groups": groups.compare(pictures.people, counted),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--model", type=Path, default=FOLDER, help="the folder of a model, or an ONNX file")
    parser.add_argument("--data", type=Path, default=data.default_folder(), help="FER+ folder")
    parser.add_argument("--program", type=Path, default=server_program(), help="emostream, built for release")
    parser.add_argument("--peers", nargs="*", choices=peers.PEERS, default=peers.PEERS,
                        help="programs to compare with, if they are installed")
    parser.add_argument("--work", type=Path, default=data.ROOT / "training" / "runs" / "yardstick",
                        help="folder for what need not be computed again, and for over-55.png")
    parser.add_argument("--to", type=Path, help="JSON file for the figures")
    options = parser.parse_args()
    malloc.retain_freed_memory()
    torch.set_num_threads(1)
    options.work.mkdir(parents=True, exist_ok=True)
    result = yardstick(options)
    if options.to:
        options.to.write_text(json.dumps(result) + "\n")
    print(yardstick_tables.as_text(result))


if __name__ == "__main__":
    main()
