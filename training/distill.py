"""Compute soft labels for distillation: predictions of teacher networks for augmented training faces.

    /usr/bin/python3 training/distill.py --teachers training/runs/student-5 training/runs/student-6

Teacher and student see the same augmented face ("function matching": Beyer et al. 2022, arXiv:2106.05237). A view is
one augmentation of all training faces. It is determined by its number, so only the predictions are stored:
`probabilities` uint8 [views, N, 8] (255 = 1), the mean over the teachers. The student trains on the views in turn, with
mixup. `train.py --soft-labels` takes several files and uses the mean over all their teachers. The files are small
enough to move to another machine, where the teachers are then not needed. They are valid only for the same faces and
the same augment.py.
"""

import argparse
import hashlib
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np
import torch

import data
import malloc
import recognition
from augment import AugmentationRange, augment
from near_duplicates import load_deduplicated
from predict import has_fast_bfloat16, load_network, predict
from progress import Progress
from recipes import OLD_NAMES, SETTINGS, augmentation_range_of, settings

SEED = 1_000_000
CHUNK = 512  # number of faces that are augmented together


def fingerprint(images):
    """A short hash of faces, a uint8 [N, 48, 48] tensor on any device."""
    return hashlib.sha256(images.cpu().numpy().tobytes()).hexdigest()[:16]


def augmented_view(images, number, augmentation_range):
    """The view of that number of the faces uint8 [N, 48, 48], the same shape and type."""
    generator = torch.Generator().manual_seed(SEED + number)
    chunks = [
        augment(chunk.float().unsqueeze(1), generator, augmentation_range).round().clamp(0, 255)
        for chunk in images.split(CHUNK)
    ]
    return torch.cat(chunks).byte().squeeze(1)


def read_soft_labels(path, images):
    """Reads a file written by `write_soft_labels` for the faces uint8 [N, 48, 48].

    Returns the probabilities uint8 [views, N, 8], the teachers' names and the augmentation range.
    """
    with np.load(path) as arrays:
        values = {OLD_NAMES.get(name, name): arrays[name] for name in arrays.files}
    if str(values["faces"]) != fingerprint(images):
        raise SystemExit(f"{path} has the soft labels of other faces")
    names = [field.name for field in fields(AugmentationRange)]
    if not values.keys() >= set(names):
        raise SystemExit(f"{path} does not describe its augmentation completely: "
                         "it was written by an earlier version of distill.py")
    augmentation_range = AugmentationRange(**{name: float(values[name]) for name in names})
    return values["probabilities"], values["teachers"].tolist(), augmentation_range


class SoftLabels:
    """The mean soft labels of several files, for the faces uint8 [N, 48, 48]; each teacher has the same weight."""

    def __init__(self, paths, images):
        files = [read_soft_labels(path, images) for path in paths]
        shapes = {probabilities.shape for probabilities, _, _ in files}
        ranges = {augmentation_range for _, _, augmentation_range in files}
        if len(shapes) > 1 or len(ranges) > 1:
            raise SystemExit("the files of soft labels have different views")
        self.teachers = [name for _, names, _ in files for name in names]
        self.augmentation_range = ranges.pop()
        self.probabilities = sum(
            np.float32(len(names) / len(self.teachers)) * probabilities for probabilities, names, _ in files)

    def view(self, epoch, images):
        """The epoch's augmented faces and their soft labels [N, 8]."""
        number = epoch % len(self.probabilities)
        targets = torch.from_numpy(self.probabilities[number]).to(images.device)
        augmented = augmented_view(images, number, self.augmentation_range)
        return augmented, targets / targets.sum(dim=1, keepdim=True)


def write_soft_labels(networks, names, images, views, to, augmentation_range):
    """Writes the networks' mean predictions for `views` views of the faces (an array) to the file `to`.

    The file is saved after each view; a later call with the same faces, teachers and augmentation resumes.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    to, faces, finished = Path(to), torch.from_numpy(images).to(device), []
    if to.is_file():
        probabilities, *origin = read_soft_labels(to, faces)
        if origin != [names, augmentation_range]:
            raise SystemExit(f"{to} has the soft labels of other teachers or of another augmentation")
        finished = list(probabilities)
    to.parent.mkdir(parents=True, exist_ok=True)
    networks = [network.to(device, memory_format=torch.channels_last) for network in networks]
    bfloat16 = has_fast_bfloat16(device)
    first = len(finished)
    progress = Progress(f"views after {first}" if first else "views", views - first)
    for number in range(first, views):
        augmented = augmented_view(faces, number, augmentation_range).cpu().numpy()
        mean = sum(
            torch.softmax(predict(network, augmented, device, bfloat16=bfloat16), dim=1)
            for network in networks) / len(networks)
        finished.append((mean * 255).round().byte().numpy())
        part = to.with_suffix(".part.npz")
        np.savez_compressed(part, probabilities=np.stack(finished), teachers=np.array(names),
                            faces=fingerprint(faces), **asdict(augmentation_range))
        part.replace(to)
        progress.show(number + 1 - first)


def describe_teacher(run, values):
    """The name of a teacher: that of its run, and the network it was fine-tuned from, if any."""
    return run.name + (f" (fine-tuned {recognition.NAME})" if values.get("pretrained") else "")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    runs, student = data.ROOT / "training" / "runs", settings("student")
    parser.add_argument("--data", type=Path, default=data.default_folder(), help="FER+ folder")
    parser.add_argument("--teachers", type=Path, nargs="+", required=True, help="run folders")
    parser.add_argument("--views", type=int, default=16, help="number of views")
    for field in fields(AugmentationRange):
        parser.add_argument(f"--{field.name}", type=float, default=student[field.name], help=SETTINGS[field.name])
    parser.add_argument("--to", type=Path, default=runs / "soft-labels.npz", help="output file")
    parser.add_argument("--threads", type=int, default=2, help="number of CPU threads")
    options = parser.parse_args()
    malloc.retain_freed_memory()
    torch.set_num_threads(options.threads)
    faces, _ = load_deduplicated(options.data)
    teachers = [load_network(run) for run in options.teachers]
    write_soft_labels(
        [network for network, _ in teachers],
        [describe_teacher(run, state["settings"]) for run, (_, state) in zip(options.teachers, teachers)],
        faces.images, options.views, options.to, augmentation_range_of(vars(options)))


if __name__ == "__main__":
    main()
