"""Export a split as a folder of pictures, one folder a label, for `emostream analyze --evaluate`."""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

import data
from scenes import Scene, drawn


def export(split, folder, canvas=0, side=128):
    """Write each face as folder/LABEL/NUMBER.png, its number counted from 0 over the faces of the split.

    With `canvas` it is `side` pixels wide amid a gray square of that side: the room that a face detector
    wants around it. The folder must be new or empty, so that nothing else is scored with them.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise SystemExit(f"{folder} is not empty")
    for label in data.LABELS:
        (folder / label).mkdir()
    amid = Scene(side=side, canvas=(canvas, canvas))
    for number, (face, label) in enumerate(zip(split.images, split.labels)):
        picture = drawn(face, amid) if canvas else Image.fromarray(face)
        picture.save(folder / data.LABELS[label] / f"{number:05d}.png")


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default=data.default_folder(), help="folder with the splits")
    parser.add_argument("--split", default="valid", help="train or valid")
    parser.add_argument("--to", required=True, help="folder to make")
    parser.add_argument("--majority", action="store_true",
                        help="only faces with a majority by the paper's reference implementation")
    parser.add_argument("--canvas", type=int, default=0, metavar="PX",
                        help="side of a gray picture to put each face on; 0: the face alone")
    parser.add_argument("--side", type=int, default=128, metavar="PX",
                        help="side of the face on that canvas")
    chosen = parser.parse_args(arguments)
    if chosen.canvas and not 0 < chosen.side <= chosen.canvas:
        parser.error("--side must fit on --canvas")
    return chosen


def main(arguments=None):
    chosen = parse(arguments)
    split = data.load(chosen.data, chosen.split)
    if chosen.majority:
        split = split.without(~data.has_majority(split.votes))
    export(split, chosen.to, chosen.canvas, chosen.side)
    counts = np.bincount(split.labels, minlength=len(data.LABELS))
    print(f"{len(split)} faces of {chosen.split} in {chosen.to}: "
          + ", ".join(f"{label} {count}" for label, count in zip(data.LABELS, counts)))


if __name__ == "__main__":
    main()
