"""Measure where the server's detector sees the eyes of training faces: what the frame is aligned by.

    /usr/bin/python3 training/eyes.py

`framing.py` has the places, made symmetric. They need measuring again when the detector is another.
"""

import argparse
from pathlib import Path

import numpy as np

import data
from export import FOLDER
from robustness import chosen_faces, program, serve
from scenes import NEUTRAL

SURE = 0.8  # confidence from which a face counts


def eyes_of(line, side):
    """Both eyes, as fractions of the frame of `side` pixels in the picture's middle, float [2, 2] (left and
    right, x and y), of what the server says of a picture; None where it sees no face surely."""
    if not line["faces"] or line["faces"][0]["confidence"] < SURE:
        return None
    corner = (np.array(line["resolution"]) - side) / 2
    return (np.array(line["faces"][0]["landmarks"][:2]) - corner) / side


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=Path, default=data.default_folder())
    parser.add_argument("--faces", type=int, default=4000, help="how many, drawn by chance")
    options = parser.parse_args()
    images = data.load(options.data, "train").images
    lines = serve(images[chosen_faces(len(images), options.faces)], NEUTRAL, 1, program(), FOLDER)
    found = [eyes for eyes in (eyes_of(line, NEUTRAL.side) for line in lines) if eyes is not None]
    left, right = np.median(found, axis=0)
    print(f"{len(found)} of {len(lines)} faces: left eye at ({left[0]:.3f}, {left[1]:.3f}), right eye at "
          f"({right[0]:.3f}, {right[1]:.3f}) of the frame's width and height")


if __name__ == "__main__":
    main()
