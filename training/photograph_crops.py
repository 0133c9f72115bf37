"""Crops of the faces in the photographs for training, kept in a file for train.py and teacher_labels.py.

    ninja -C build/release emostream                       # finds the faces
    /usr/bin/python3 training/photograph_crops.py

Left out are near-duplicates of photographs in the part for choosing a model, and of FER+ validation faces.
"""

import argparse
from pathlib import Path

import numpy as np

import data
import face_crops
import photographs
from export import FOLDER
from face_api import SIDE as LARGE
from near_duplicates import has_near_duplicate
from server import server_program

FILE = data.ROOT / "training" / "runs" / "photographs.npz"


def as_split(images, labels):
    """Crops with labels by one annotator each as a split, as if all annotators agreed."""
    votes = np.zeros((len(labels), len(data.LABELS) + 2), np.uint8)
    votes[np.arange(len(labels)), labels] = 10
    return data.Split(images, votes)


def read(path):
    """The split of the crops in a file, and the same crops with more pixels, uint8 [N, LARGE, LARGE]."""
    if not Path(path).is_file():
        raise SystemExit(f"{path} does not exist: run training/photograph_crops.py")
    with np.load(path) as arrays:
        return as_split(arrays["images"], arrays["labels"]), arrays["large"]


class FoundFaces:
    """The pictures of one part in which the program finds a face."""

    def __init__(self, part, found, program):
        everything = photographs.names()
        names = np.array(everything)[photographs.parts(everything) == part]
        encoded = list(photographs.read(names))
        faces = face_crops.find_faces(encoded, found, program, FOLDER)
        self.pairs = [(image, face) for image, face in zip(encoded, faces) if face]
        self.labels = photographs.labels([name for name, face in zip(names, faces) if face])

    def crops(self, side):
        """uint8 [N, side, side]."""
        return np.stack([face_crops.crop(image, face, side) for image, face in self.pairs])


def write(path, found, program, validation):
    """Writes the crops of the part "train". `found` is the file in which the program's results are kept."""
    train, selection = (FoundFaces(part, found, program) for part in ("train", "selection"))
    images = train.crops(data.SIDE)
    kept = ~has_near_duplicate(images, np.concatenate([selection.crops(data.SIDE), validation]))
    np.savez_compressed(path, images=images[kept], labels=train.labels[kept], large=train.crops(LARGE)[kept])
    return kept


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=Path, default=data.default_folder(), help="FER+ folder")
    parser.add_argument("--to", type=Path, default=FILE, help="output file")
    options = parser.parse_args()
    options.to.parent.mkdir(parents=True, exist_ok=True)
    kept = write(options.to, options.to.with_suffix(".jsonl"), server_program(),
                 data.load(options.data, "valid").images)
    print(f"{kept.sum()} faces, {(~kept).sum()} near-duplicates left out -> {options.to}")


if __name__ == "__main__":
    main()
