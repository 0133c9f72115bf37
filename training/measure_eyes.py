"""Measures where the server's detector finds the eyes in training faces: the eye layout that crops are aligned to.

    /usr/bin/python3 training/measure_eyes.py

`alignment.py` holds the measured positions, made symmetric. Measure them again when the detector changes.
"""

import argparse
from pathlib import Path

import numpy as np

import data
from export import FOLDER
from robustness import run_server, sample_indices
from scenes import NEUTRAL
from server import server_program

MIN_CONFIDENCE = 0.8  # of a face that is measured


def eyes_in_crop(result, side):
    """The positions of the left and the right eye as fractions of the crop, float [2, 2] (x and y).

    `result` is the server's result for an image with a crop of `side` pixels in its centre. Returns None if no
    face was found or the largest one has too little confidence.
    """
    if not result["faces"] or result["faces"][0]["confidence"] < MIN_CONFIDENCE:
        return None
    corner = (np.array(result["resolution"]) - side) / 2
    return (np.array(result["faces"][0]["landmarks"][:2]) - corner) / side


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=Path, default=data.default_folder(), help="FER+ folder")
    parser.add_argument("--faces", type=int, default=4000, help="number of faces, drawn at random")
    options = parser.parse_args()
    images = data.load(options.data, "train").images
    results = run_server(images[sample_indices(len(images), options.faces)], NEUTRAL, 1, server_program(), FOLDER)
    measured = [eyes for eyes in (eyes_in_crop(result, NEUTRAL.crop_side) for result in results) if eyes is not None]
    left, right = np.median(measured, axis=0)
    print(f"{len(measured)} of {len(results)} faces: left eye at ({left[0]:.3f}, {left[1]:.3f}), right eye at "
          f"({right[0]:.3f}, {right[1]:.3f}) of the crop's width and height")


if __name__ == "__main__":
    main()
