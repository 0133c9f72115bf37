"""Train the expression network on FER+, with a checkpoint after every epoch.

The loss is the cross entropy against the distribution of the votes (one of the two best schemes in Barsoum et al.
2016), in which the majority label can have an additional weight.
Training uses a one-cycle learning rate, SGD with Nesterov momentum, and an exponential moving average (EMA) of the
weights, which is evaluated and exported. With `--soft-labels` the targets are mixed with the predictions of teacher
networks for the same augmented faces (see distill.py). Training faces that are near-duplicates of validation faces are
left out (see near_duplicates.py).

Every epoch has its own random seed, so that a resumed run equals an uninterrupted one.

The run folder contains `checkpoint.pt` (the complete state) and `log.jsonl` (one line per epoch). Progress is shown on
stderr.
"""

import argparse
import copy
import json
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

import data
import distill
import malloc
import recognition
from augment import augment, mixup
from cuda_graph import CudaGraph
from model import count_multiply_adds
from near_duplicates import load_deduplicated
from optimise import (
    compute_gradient, ema_update, freeze, learning_rate, parameter_groups, set_training_mode, soft_cross_entropy)
from predict import has_fast_bfloat16, load_network, predict
from progress import Progress
from recipes import RECIPES, SETTINGS, augmentation_range_of, build_network, settings, with_current_names
from tfjs import read_weights
from training_set import TrainingSet

AUGMENTED_BATCHES = 8  # number of batches that are augmented together


def add_options(parser):
    """Adds the options of a training run; the settings default to those of the recipe `baseline`."""
    parser.add_argument("--data", type=Path, default=data.default_folder(), help="FER+ folder")
    parser.add_argument("--run", type=Path, default=data.ROOT / "training" / "runs" / "last",
                        help="folder of the checkpoint and the log")
    parser.add_argument("--resume", action="store_true", help="continue from the run's checkpoint")
    parser.add_argument("--limit", type=int, default=0, help="number of training faces (0: all)")
    parser.add_argument("--minutes", type=float, default=0,
                        help="stop before an epoch that would exceed this time (0: no limit)")
    parser.add_argument("--threads", type=int, default=2, help="number of CPU threads")
    parser.add_argument("--full-precision", action="store_true",
                        help="do not use bfloat16, even if the hardware supports it")
    parser.add_argument("--soft-labels", type=Path, nargs="+", default=None,
                        help="files of teachers' predictions, written by distill.py")
    parser.add_argument("--distill-weight", type=float, default=0.7,
                        help="weight of the soft labels in the targets; the votes have the rest")
    parser.add_argument("--photograph-crops", type=Path, default=None,
                        help="file of crops of photographs to train on, written by photograph_crops.py")
    parser.add_argument("--teacher-labels", type=Path, default=None,
                        help="file of a teacher's labels for these faces, written by teacher_labels.py")
    parser.add_argument("--teacher-weight", type=float, default=0.25, help="weight of these labels in the targets")
    parser.add_argument("--init-from", type=Path, default=None,
                        help="folder of a run whose averaged weights are the initial weights")
    parser.add_argument("--pretrained-weights", type=Path, default=recognition.WEIGHTS,
                        help="faceres.json of the network that --pretrained fine-tunes")
    parser.add_argument("--recipe", choices=RECIPES, default="baseline",
                        help="defaults of the settings below")
    for name, value in RECIPES["baseline"].items():
        flag, keywords = "--" + name.replace("_", "-"), {"default": value, "help": SETTINGS[name]}
        if isinstance(value, bool):
            parser.add_argument(flag, action=argparse.BooleanOptionalAction, **keywords)
        elif isinstance(value, list):
            parser.add_argument(flag, type=int, nargs="+", **keywords)
        else:
            parser.add_argument(flag, type=type(value), **keywords)


def parse(parser, arguments=None):
    """Parses the arguments; settings that are not given are those of the selected recipe."""
    recipe = parser.parse_known_args(arguments)[0].recipe
    parser.set_defaults(**settings(recipe))
    return parser.parse_args(arguments)


class Run:
    """A training run: networks, optimiser, progress and log, stored in one folder."""

    def __init__(self, options, train, valid):
        self.options, self.valid = options, valid
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.set = TrainingSet(train, options)
        self.images = torch.from_numpy(self.set.images).to(self.device)
        self.targets = torch.from_numpy(self.set.targets).to(self.device)
        self.soft_labels = options.soft_labels and distill.SoftLabels(options.soft_labels, self.images)
        self.batches = len(self.images) // options.batch
        if self.batches == 0:
            raise SystemExit("there are fewer faces than one batch")
        self.steps = self.batches * options.epochs
        torch.manual_seed(options.seed)
        model = build_network(vars(options))
        self.init_from = None
        if options.init_from:
            earlier, state = load_network(options.init_from)
            model.load_state_dict(earlier.state_dict())
            self.init_from = {"run": options.init_from.name, "epochs": state["epoch"], "settings": state["settings"]}
        elif options.pretrained:
            arrays = read_weights(options.pretrained_weights)
            recognition.load_weights(model, self.images[:1024].cpu(), arrays)
        freeze(model, options.frozen_blocks)
        self.model = model.to(self.device, memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.model)
        self.optimiser = torch.optim.SGD(
            parameter_groups(self.model, options.weight_decay),
            lr=options.lr, momentum=0.9, nesterov=True)
        self.bfloat16 = not options.full_precision and has_fast_bfloat16(self.device)
        self.cuda_graph = None  # of the forward and backward pass, captured in the first step on a GPU without SAM
        self.epoch, self.log = 0, []

    @property
    def checkpoint(self):
        return self.options.run / "checkpoint.pt"

    def settings(self):
        """The settings that a resumed run must repeat; they are stored in the checkpoint."""
        values = {name: getattr(self.options, name) for name in RECIPES["baseline"]} | self.set.sources
        if self.init_from:
            values["init_from"] = self.init_from
        if self.soft_labels:
            values |= {"distill_weight": self.options.distill_weight, "teachers": self.soft_labels.teachers,
                       "views": len(self.soft_labels.probabilities), **asdict(self.soft_labels.augmentation_range)}
        return values

    def save(self):
        """Writes the log and, atomically, the checkpoint."""
        self.options.run.mkdir(parents=True, exist_ok=True)
        part = self.checkpoint.with_suffix(".part")
        torch.save({
            "settings": self.settings(), "epoch": self.epoch, "log": self.log,
            "bfloat16": self.bfloat16, "device": self.device.type,
            "threads": self.options.threads, "faces": self.set.ferplus_faces, "deduplicated": True,
            "model": self.model.state_dict(), "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }, part)
        part.replace(self.checkpoint)
        lines = "".join(json.dumps(entry) + "\n" for entry in self.log)
        (self.options.run / "log.jsonl").write_text(lines)

    def resume(self):
        """Continues after the last epoch of the checkpoint, if there is one."""
        if not self.checkpoint.is_file():
            return
        state = torch.load(self.checkpoint, map_location=self.device)
        ours, theirs = self.settings(), {**RECIPES["baseline"], **with_current_names(state["settings"])}
        theirs.pop("threads", None)
        if state["epoch"] < self.options.epochs:  # the faces of a finished run do not matter any more
            ours["faces"], theirs["faces"] = self.set.ferplus_faces, state["faces"]
        for name in sorted(ours.keys() | theirs.keys()):
            if ours.get(name) != theirs.get(name):
                raise SystemExit(f"the checkpoint was made with {name} = {theirs.get(name)}; pass "
                                 "the same value, or choose another --run")
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.epoch, self.log = state["epoch"], state["log"]

    def epoch_data(self, epoch, generator):
        """The epoch's images uint8 [N, 48, 48], targets [N, 8], and a function that augments a batch.

        With soft labels the images are already augmented, as the teachers saw them.
        """
        o = self.options
        if self.soft_labels:
            images, soft_labels = self.soft_labels.view(epoch, self.images)
            targets = o.distill_weight * soft_labels + (1 - o.distill_weight) * self.targets
            return images, targets, lambda pixels: pixels
        augmentation_range = augmentation_range_of(vars(o))
        return self.images, self.targets, lambda pixels: augment(pixels, generator, augmentation_range)

    def epoch_batches(self, epoch):
        """Yields the epoch's batches: pixels float32 [batch, 1, 48, 48] and targets [batch, 8]."""
        o = self.options
        generator = torch.Generator().manual_seed(o.seed * 1000 + epoch)
        order = self.set.order(generator).to(self.device)
        images, all_targets, augment_batch = self.epoch_data(epoch, generator)
        for indices in order[: self.batches * o.batch].split(AUGMENTED_BATCHES * o.batch):
            augmented = augment_batch(images[indices].float().unsqueeze(1)).split(o.batch)
            for pixels, targets in zip(augmented, all_targets[indices].split(o.batch)):
                yield mixup(pixels, targets, generator, o.mixup)

    def train_epoch(self):
        """Trains one epoch; returns the mean loss."""
        o = self.options
        torch.manual_seed(o.seed * 1000 + self.epoch)  # for dropout
        set_training_mode(self.model, o.frozen_blocks)
        total = 0.0
        progress = Progress(f"epoch {self.epoch + 1}/{o.epochs}", self.batches,
                            following=(o.epochs - self.epoch - 1) * self.batches)
        for index, batch in enumerate(self.epoch_batches(self.epoch)):
            step = self.epoch * self.batches + index
            for group in self.optimiser.param_groups:
                group["lr"] = learning_rate(step, self.steps, o.lr, o.warmup)
            total += self.compute_batch_gradient(step, batch)
            self.optimiser.step()
            ema_update(self.average, self.model, step, o.ema)
            progress.show(index + 1, lambda: f"loss {total / (index + 1):.4f}")
        return float(total) / self.batches

    def compute_batch_gradient(self, step, batch):
        """Stores the gradient of a batch in the parameters; returns its loss, a scalar tensor."""
        if self.device.type == "cpu" or self.options.sam_rho:
            sharpness_aware = step >= self.options.sam_start * self.steps
            return self.backward(*batch, self.options.sam_rho if sharpness_aware else 0.0)
        self.cuda_graph = self.cuda_graph or CudaGraph(self.backward, *batch)
        return self.cuda_graph(*batch)

    def backward(self, pixels, targets, rho=0.0):
        """Runs the forward and backward pass (see optimise.compute_gradient). CudaGraph can capture it if rho is 0."""
        def compute_loss():
            # A CUDA graph must not use autocast's weight cache.
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16, cache_enabled=False):
                logits = self.model(pixels)
            return soft_cross_entropy(logits.float(), targets)
        return compute_gradient(self.model, compute_loss, rho)

    def fit(self):
        """Trains to the last epoch, or until another would exceed --minutes; evaluates and saves after each epoch."""
        start, longest = time.monotonic(), 0.0
        while self.epoch < self.options.epochs:
            epoch_start = time.monotonic()
            if 0 < self.options.minutes < (epoch_start - start + longest) / 60:
                print(f"time limit reached after epoch {self.epoch}; continue with --resume", flush=True)
                break
            loss = self.train_epoch()
            logits = predict(
                self.average, self.valid.images, self.device, bfloat16=self.bfloat16)
            labels = torch.from_numpy(self.valid.labels)
            accuracy = (logits.argmax(dim=1) == labels).float().mean().item()
            valid_loss = soft_cross_entropy(logits, torch.from_numpy(self.valid.targets)).item()
            self.epoch += 1
            entry = {
                "epoch": self.epoch, "train_loss": round(loss, 5),
                "valid_loss": round(valid_loss, 5), "valid_accuracy": round(accuracy, 5),
                "lr": round(self.optimiser.param_groups[0]["lr"], 6),
                "seconds": round(time.monotonic() - epoch_start, 1),
            }
            self.log.append(entry)
            self.save()
            longest = max(longest, time.monotonic() - epoch_start)
            print(json.dumps(entry), flush=True)


def train(options):
    """Trains with the given options; returns the run."""
    malloc.retain_freed_memory()
    torch.set_num_threads(options.threads)
    torch.backends.cudnn.benchmark = True  # all steps have the same shapes
    np.random.seed(options.seed)
    faces, valid = load_deduplicated(options.data)
    run = Run(options, faces, valid)
    if options.resume:
        run.resume()
    elif run.checkpoint.is_file():
        raise SystemExit(f"{options.run} already contains a run: pass --resume to continue it, or another --run")
    parameters = sum(p.numel() for p in run.model.parameters())
    print(f"{len(run.images)} training faces, {len(valid)} validation faces; {parameters} parameters, "
          f"{count_multiply_adds(copy.deepcopy(run.model).cpu()) / 1e6:.1f} M multiply-adds; "
          f"{run.device.type}, {'bfloat16' if run.bfloat16 else 'float32'}; "
          f"starting after epoch {run.epoch}", flush=True)
    run.fit()
    return run


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    add_options(parser)
    train(parse(parser))


if __name__ == "__main__":
    main()
