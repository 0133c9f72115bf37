"""Let trained networks answer to augmented training faces, for a smaller network to learn from.

    /usr/bin/python3 training/teach.py --teachers training/runs/student-5 training/runs/student-6

Teacher and student see the same augmented face ("function matching": Beyer et al. 2022,
arXiv:2106.05237). A view is one augmentation of all training faces, fixed by its number, so that only
the answers are kept: `probabilities` uint8 [views, N, 8] (255 = 1), the mean over the teachers. The
student goes through the views in turn, mixes faces (mixup) and learns the answers. A file is small
enough to carry to another machine, where its teachers are then not needed; `train.py --answers` takes
several files and learns their mean. They hold for the faces and the augment.py that they were made with.
"""

import argparse
import hashlib
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np
import torch

import data
import memory
import recognition
from augment import Reach, augment
from leaks import load_apart
from progress import Progress
from recipes import SETTINGS, reach_of, settings
from score import has_bfloat16, load_network, score

SEED, CHUNK = 1_000_000, 512


def fingerprint(images):
    """A short text that tells tensors of faces uint8 [N, 48, 48] apart, on whatever device."""
    return hashlib.sha256(images.cpu().numpy().tobytes()).hexdigest()[:16]


def view(images, number, reach):
    """The faces uint8 [N, 48, 48] augmented as the view of that number, the same shape and type."""
    generator = torch.Generator().manual_seed(SEED + number)
    changed = [
        augment(part.float().unsqueeze(1), generator, reach).round().clamp(0, 255)
        for part in images.split(CHUNK)
    ]
    return torch.cat(changed).byte().squeeze(1)


def read(path, images):
    """The arrays of one file that `teach` wrote about the faces uint8 [N, 48, 48]: probabilities uint8
    [views, N, 8], the teachers' names, the reach of the augmentation."""
    with np.load(path) as arrays:
        if str(arrays["faces"]) != fingerprint(images):
            raise SystemExit(f"{path} holds the answers to other faces")
        names = [field.name for field in fields(Reach)]
        if not set(names) <= set(arrays.files):
            raise SystemExit(f"{path} does not tell all of its augmentation: it is of an earlier teach.py")
        reach = Reach(**{name: float(arrays[name]) for name in names})
        return arrays["probabilities"], arrays["teachers"].tolist(), reach


class Answers:
    """The mean of the answers in files that `teach` wrote, for the faces uint8 [N, 48, 48]."""

    def __init__(self, paths, images):
        files = [read(path, images) for path in paths]
        shapes, augmented = {f[0].shape for f in files}, {f[2] for f in files}
        if len(shapes) > 1 or len(augmented) > 1:
            raise SystemExit("the files of answers differ in their views")
        self.teachers = [name for _, names, _ in files for name in names]
        self.reach = augmented.pop()
        weights = [len(names) / len(self.teachers) for _, names, _ in files]
        self.probabilities = sum(
            np.float32(weight) * file[0] for weight, file in zip(weights, files))

    def view(self, epoch, images):
        """What the epoch shows: the augmented faces and the teachers' distributions [N, 8]."""
        number = epoch % len(self.probabilities)
        answers = torch.from_numpy(self.probabilities[number]).to(images.device)
        shown = view(images, number, self.reach)
        return shown, answers / answers.sum(dim=1, keepdim=True)


def teach(networks, names, images, views, to, reach):
    """Write the networks' mean answers to that many views of the array of faces into the file `to`.

    Each view is saved when it is done; a later call with the same faces and teachers goes on.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    to, faces, done = Path(to), torch.from_numpy(images).to(device), []
    if to.is_file():
        before, *how = read(to, faces)
        if how != [names, reach]:
            raise SystemExit(f"{to} holds the answers of other teachers, or to other augmentations")
        done = list(before)
    to.parent.mkdir(parents=True, exist_ok=True)
    networks = [network.to(device, memory_format=torch.channels_last) for network in networks]
    bfloat16 = has_bfloat16(device)
    begun = len(done)
    progress = Progress(f"views after {begun}" if begun else "views", views - begun)
    for number in range(begun, views):
        shown = view(faces, number, reach).cpu().numpy()
        answers = sum(
            torch.softmax(score(network, shown, device, bfloat16=bfloat16), dim=1)
            for network in networks) / len(networks)
        done.append((answers * 255).round().byte().numpy())
        part = to.with_suffix(".part.npz")
        np.savez_compressed(part, probabilities=np.stack(done), teachers=np.array(names),
                            faces=fingerprint(faces), **asdict(reach))
        part.replace(to)
        progress.show(number + 1 - begun)


def described(run, settings):
    """The teacher's name: its run's, and where its first weights are from if not from chance."""
    return run.name + (f" (fine-tuned {recognition.NAME})" if settings.get("pretrained") else "")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    runs, student = data.ROOT / "training" / "runs", settings("student")
    parser.add_argument("--data", type=Path, default=data.default_folder())
    parser.add_argument("--teachers", type=Path, nargs="+", required=True, help="run folders")
    parser.add_argument("--views", type=int, default=16)
    for field in fields(Reach):
        parser.add_argument(f"--{field.name}", type=float, default=student[field.name], help=SETTINGS[field.name])
    parser.add_argument("--to", type=Path, default=runs / "answers.npz")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads")
    options = parser.parse_args()
    memory.keep_freed()
    torch.set_num_threads(options.threads)
    faces, _ = load_apart(options.data)
    teachers = [load_network(run) for run in options.teachers]
    teach([network for network, _ in teachers],
          [described(run, state["settings"]) for run, (_, state) in zip(options.teachers, teachers)],
          faces.images, options.views, options.to, reach_of(vars(options)))


if __name__ == "__main__":
    main()
