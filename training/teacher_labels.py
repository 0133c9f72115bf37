"""Labels of a teacher of another origin: the probabilities that face-api's network gives to the training faces.

    npm ci --prefix training
    /usr/bin/python3 training/teacher_labels.py --photographs training/runs/photographs.npz

Unlike the soft labels of distill.py they are computed once, for faces that are not augmented: that network has not
learned to read covered or dim faces. It sees the photographs at its own resolution, from which a student with 48x48
pixels gains. `train.py --teacher-labels` mixes them into the targets.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

import data
import face_api
import malloc
import photograph_crops
from distill import fingerprint
from near_duplicates import load_deduplicated
from predict import predict

BATCH = 16  # larger ones take longer per face
CONTEMPT = data.LABELS.index("contempt")


def read(path, images):
    """The probabilities float32 [N, 8] in a file for the faces uint8 [N, 48, 48]."""
    with np.load(path) as arrays:
        if str(arrays["faces"]) != fingerprint(torch.from_numpy(images)):
            raise SystemExit(f"{path} has the labels of other faces")
        return arrays["probabilities"].astype(np.float32)


def mix(targets, labels, weight):
    """Targets [N, 8] of which the teacher's labels have the given weight.

    The teacher does not know contempt, whose target does not change.
    """
    contempt = targets[:, [CONTEMPT]]
    mixed = (1 - weight) * targets + weight * (1 - contempt) * labels
    mixed[:, [CONTEMPT]] = contempt
    return mixed


def write(path, network, images, seen):
    """Writes the network's probabilities for the faces uint8 [N, 48, 48]. It sees them as in the arrays `seen`."""
    probabilities = torch.cat([
        predict(network, part, torch.device("cpu"), batch=BATCH, label="faces") for part in seen]).exp()
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, probabilities=probabilities.half().numpy(),
                        faces=fingerprint(torch.from_numpy(images)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=Path, default=data.default_folder(), help="FER+ folder")
    parser.add_argument("--photographs", type=Path, default=None, help="file of crops of photographs")
    parser.add_argument("--to", type=Path, default=data.ROOT / "training" / "runs" / "teacher-labels.npz",
                        help="output file")
    parser.add_argument("--threads", type=int, default=2, help="number of CPU threads")
    options = parser.parse_args()
    malloc.retain_freed_memory()
    torch.set_num_threads(options.threads)
    faces, _ = load_deduplicated(options.data)
    images, seen = [faces.images], [faces.images]
    if options.photographs:
        photographs, large = photograph_crops.read(options.photographs)
        images.append(photographs.images)
        seen.append(large)
    network = face_api.load().to(memory_format=torch.channels_last)
    write(options.to, network, np.concatenate(images), seen)


if __name__ == "__main__":
    main()
