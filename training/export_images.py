"""Export a split as a folder of images, one folder per label, for `emostream analyze --evaluate`."""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

import data
from scenes import Scene, draw_on_canvas


def export(split, folder, canvas=0, side=128):
    """Writes each face as folder/LABEL/NUMBER.png, numbered from 0 in the order of the split.

    With `canvas` the face is `side` pixels wide in the centre of a gray square of `canvas` pixels, which gives a
    face detector the margin that it needs. The folder must be new or empty, so that no other images are evaluated.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise SystemExit(f"{folder} is not empty")
    for label in data.LABELS:
        (folder / label).mkdir()
    scene = Scene(crop_side=side, canvas=(canvas, canvas))
    for number, (face, label) in enumerate(zip(split.images, split.labels)):
        image = draw_on_canvas(face, scene) if canvas else Image.fromarray(face)
        image.save(folder / data.LABELS[label] / f"{number:05d}.png")


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default=data.default_folder(), help="FER+ folder")
    parser.add_argument("--split", default="valid", help="train or valid")
    parser.add_argument("--to", required=True, help="output folder")
    parser.add_argument("--majority", action="store_true",
                        help="only faces with a majority label as defined by the paper's reference implementation")
    parser.add_argument("--canvas", type=int, default=0, metavar="PX",
                        help="side of the gray canvas that each face is placed on; 0: no canvas")
    parser.add_argument("--side", type=int, default=128, metavar="PX",
                        help="side of the face on the canvas")
    options = parser.parse_args(arguments)
    if options.canvas and not 0 < options.side <= options.canvas:
        parser.error("--side must fit on --canvas")
    return options


def main(arguments=None):
    options = parse(arguments)
    split = data.load(options.data, options.split)
    if options.majority:
        split = split.without(~data.has_majority(split.votes))
    export(split, options.to, options.canvas, options.side)
    counts = np.bincount(split.labels, minlength=len(data.LABELS))
    print(f"{len(split)} faces of {options.split} in {options.to}: "
          + ", ".join(f"{label} {count}" for label, count in zip(data.LABELS, counts)))


if __name__ == "__main__":
    main()
