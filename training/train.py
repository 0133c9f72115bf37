"""Train the expression network on FER+ and keep a checkpoint an epoch.

Cross entropy against the distribution of the votes (the best of the losses in Barsoum et al.
2016), one-cycle learning rate, SGD with Nesterov momentum, an exponential moving average (EMA) of
the weights, which is what is scored and exported. With `--answers` the targets are mostly those of
teachers on the same augmented faces (see teach.py). Training faces that look like one of valid are
left out (see leaks.py).

Every epoch draws from its own seed, so a run that was stopped and resumed equals one that was not.

Files made in the run folder: `checkpoint.pt` (everything needed to go on) and `log.jsonl` (one line
an epoch). The progress goes to stderr.
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
import memory
import recognition
import teach
from augment import augment, mixup
from leaks import load_apart
from model import count_multiply_adds
from optimise import follow, gradient, learning_rate, parameter_groups, soft_cross_entropy
from progress import Progress
from recorded import Recorded
from recipes import RECIPES, SETTINGS, network, reach_of, settings
from score import has_bfloat16, load_network, score

AHEAD = 8  # batches that are augmented at once


def add_options(parser):
    """The options of a training run; the settings' defaults are those of the recipe `first`."""
    parser.add_argument("--data", type=Path, default=data.default_folder(), help="FER+ folder")
    parser.add_argument("--run", type=Path, default=data.ROOT / "training" / "runs" / "last",
                        help="folder for the checkpoint and the log")
    parser.add_argument("--resume", action="store_true", help="go on from the run's checkpoint")
    parser.add_argument("--limit", type=int, default=0, help="faces to train on (0: all)")
    parser.add_argument("--minutes", type=float, default=0,
                        help="stop after the epoch that would pass this time (0: at the last)")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads")
    parser.add_argument("--full-precision", action="store_true",
                        help="no bfloat16, even where the processor has it")
    parser.add_argument("--answers", type=Path, nargs="+", default=None,
                        help="files of teachers' answers to learn from, made by teach.py")
    parser.add_argument("--share", type=float, default=0.7,
                        help="the answers' share of the targets, the votes have the rest")
    parser.add_argument("--begin", type=Path, default=None,
                        help="folder of a run whose averaged weights to begin with")
    parser.add_argument("--weights", type=Path, default=recognition.WEIGHTS,
                        help="faceres.json of the network that --pretrained begins from")
    parser.add_argument("--recipe", choices=RECIPES, default="first",
                        help="the settings that are not given")
    for name, value in RECIPES["first"].items():
        words, about = "--" + name.replace("_", "-"), {"default": value, "help": SETTINGS[name]}
        if isinstance(value, bool):
            parser.add_argument(words, action=argparse.BooleanOptionalAction, **about)
        elif isinstance(value, list):
            parser.add_argument(words, type=int, nargs="+", **about)
        else:
            parser.add_argument(words, type=type(value), **about)


def parse(parser, words=None):
    """The options of the words, with the chosen recipe's settings where none is given."""
    recipe = parser.parse_known_args(words)[0].recipe
    parser.set_defaults(**settings(recipe))
    return parser.parse_args(words)


class Run:
    """One training run: models, optimiser, position and log, in one folder."""

    def __init__(self, options, train, valid):
        self.options, self.valid = options, valid
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.images = torch.from_numpy(train.images).to(self.device)
        self.targets = torch.from_numpy(train.sharpened(options.majority)).to(self.device)
        if options.limit:
            self.images, self.targets = self.images[: options.limit], self.targets[: options.limit]
        self.answers = options.answers and teach.Answers(options.answers, self.images)
        self.batches = len(self.images) // options.batch
        if self.batches == 0:
            raise SystemExit("fewer faces than one batch")
        self.steps = self.batches * options.epochs
        torch.manual_seed(options.seed)
        made = network(vars(options))
        self.begin = None
        if options.begin:
            earlier, state = load_network(options.begin)
            made.load_state_dict(earlier.state_dict())
            self.begin = {"run": options.begin.name, "epochs": state["epoch"], "settings": state["settings"]}
        elif options.pretrained:
            recognition.begin(made, self.images[:1024].cpu(), recognition.read(options.weights))
        self.model = made.to(self.device, memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.model)
        self.optimiser = torch.optim.SGD(
            parameter_groups(self.model, options.weight_decay),
            lr=options.lr, momentum=0.9, nesterov=True)
        self.bfloat16 = not options.full_precision and has_bfloat16(self.device)
        self.recorded = None  # the gradient of a step, on a GPU
        self.epoch, self.log = 0, []

    @property
    def checkpoint(self):
        return self.options.run / "checkpoint.pt"

    def settings(self):
        """What the outcome depends on, to keep with it."""
        chosen = {name: getattr(self.options, name) for name in RECIPES["first"]}
        if self.begin:
            chosen["begin"] = self.begin
        if self.answers:
            chosen |= {"share": self.options.share, "teachers": self.answers.teachers,
                       "views": len(self.answers.probabilities), **asdict(self.answers.reach)}
        return chosen

    def save(self):
        """Write the checkpoint (in one move, so that a stopped run leaves a whole file)."""
        self.options.run.mkdir(parents=True, exist_ok=True)
        part = self.checkpoint.with_suffix(".part")
        torch.save({
            "settings": self.settings(), "epoch": self.epoch, "log": self.log,
            "bfloat16": self.bfloat16, "device": self.device.type,
            "threads": self.options.threads, "faces": len(self.images), "guarded": True,
            "model": self.model.state_dict(), "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }, part)
        part.replace(self.checkpoint)
        lines = "".join(json.dumps(entry) + "\n" for entry in self.log)
        (self.options.run / "log.jsonl").write_text(lines)

    def resume(self):
        """Go on after the last whole epoch of the checkpoint, if there is one."""
        if not self.checkpoint.is_file():
            return
        state = torch.load(self.checkpoint, map_location=self.device)
        ours, theirs = self.settings(), {**RECIPES["first"], **state["settings"]}
        theirs.pop("threads", None)
        if state["epoch"] < self.options.epochs:  # a finished run may have seen other faces
            ours["faces"], theirs["faces"] = len(self.images), state["faces"]
        for name in sorted(ours.keys() | theirs.keys()):
            if ours.get(name) != theirs.get(name):
                raise SystemExit(f"the checkpoint was made with {name} = {theirs.get(name)}; pass "
                                 "the same, or choose another --run")
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.epoch, self.log = state["epoch"], state["log"]

    def faces_of(self, epoch, generator):
        """What the epoch shows: images uint8 [N, 48, 48], targets [N, 8], and how to augment a
        batch. Faces that teachers answered come augmented as the teachers saw them."""
        o = self.options
        if self.answers:
            images, answers = self.answers.view(epoch, self.images)
            return images, o.share * answers + (1 - o.share) * self.targets, lambda pixels: pixels
        reach = reach_of(vars(o))
        return self.images, self.targets, lambda pixels: augment(pixels, generator, reach)

    def batches_of(self, epoch):
        """Yields the epoch's batches: pixels float32 [batch, 1, 48, 48] and targets [batch, 8]."""
        o = self.options
        generator = torch.Generator().manual_seed(o.seed * 1000 + epoch)
        order = torch.randperm(len(self.images), generator=generator).to(self.device)
        images, all_targets, change = self.faces_of(epoch, generator)
        for several in order[: self.batches * o.batch].split(AHEAD * o.batch):
            shown = change(images[several].float().unsqueeze(1)).split(o.batch)
            for pixels, targets in zip(shown, all_targets[several].split(o.batch)):
                yield mixup(pixels, targets, generator, o.mixup)

    def train_epoch(self):
        """One pass over the training faces; returns the mean loss."""
        o = self.options
        torch.manual_seed(o.seed * 1000 + self.epoch)  # dropout
        self.model.train()
        total = 0.0
        progress = Progress(f"epoch {self.epoch + 1}/{o.epochs}", self.batches,
                            ahead=(o.epochs - self.epoch - 1) * self.batches)
        for index, batch in enumerate(self.batches_of(self.epoch)):
            step = self.epoch * self.batches + index
            for group in self.optimiser.param_groups:
                group["lr"] = learning_rate(step, self.steps, o.lr, o.warmup)
            total += self.batch_gradient(step, batch)
            self.optimiser.step()
            follow(self.average, self.model, step, o.ema)
            progress.show(index + 1, lambda: f"loss {total / (index + 1):.4f}")
        return float(total) / self.batches

    def batch_gradient(self, step, batch):
        """Leave the gradient of a batch in the parameters; returns its loss, a scalar tensor."""
        if self.device.type == "cpu" or self.options.sam:
            sharp = step >= self.options.sam_from * self.steps
            return self.slope(*batch, self.options.sam if sharp else 0.0)
        self.recorded = self.recorded or Recorded(self.slope, *batch)
        return self.recorded(*batch)

    def slope(self, pixels, targets, rho=0.0):
        """The same, in the way of optimise.gradient; without `rho` it can be recorded."""
        def loss_of():
            # Without the cache of casts, which a recording must not use.
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16, cache_enabled=False):
                logits = self.model(pixels)
            return soft_cross_entropy(logits.float(), targets)
        return gradient(self.model, loss_of, rho)

    def go(self):
        """Train to the last epoch or as long as --minutes allow; score and save after each."""
        start, longest = time.monotonic(), 0.0
        while self.epoch < self.options.epochs:
            began = time.monotonic()
            if 0 < self.options.minutes < (began - start + longest) / 60:
                print(f"time is up; go on after epoch {self.epoch} with --resume", flush=True)
                break
            loss = self.train_epoch()
            logits = score(
                self.average, self.valid.images, self.device, bfloat16=self.bfloat16)
            labels = torch.from_numpy(self.valid.labels)
            accuracy = (logits.argmax(dim=1) == labels).float().mean().item()
            valid_loss = soft_cross_entropy(logits, torch.from_numpy(self.valid.targets)).item()
            self.epoch += 1
            entry = {
                "epoch": self.epoch, "train_loss": round(loss, 5),
                "valid_loss": round(valid_loss, 5), "valid_accuracy": round(accuracy, 5),
                "lr": round(self.optimiser.param_groups[0]["lr"], 6),
                "seconds": round(time.monotonic() - began, 1),
            }
            self.log.append(entry)
            self.save()
            longest = max(longest, time.monotonic() - began)
            print(json.dumps(entry), flush=True)


def train(options):
    """Train by the options; returns the finished run."""
    memory.keep_freed()
    torch.set_num_threads(options.threads)
    torch.backends.cudnn.benchmark = True  # all steps have the same shapes
    np.random.seed(options.seed)
    faces, valid = load_apart(options.data)
    run = Run(options, faces, valid)
    if options.resume:
        run.resume()
    elif run.checkpoint.is_file():
        raise SystemExit(f"there is a run in {options.run}: --resume goes on with it, --run names another folder")
    parameters = sum(p.numel() for p in run.model.parameters())
    print(f"{len(run.images)} faces to train on, {len(valid)} to score; {parameters} parameters, "
          f"{count_multiply_adds(copy.deepcopy(run.model).cpu()) / 1e6:.1f} M multiply-adds; "
          f"{run.device.type}, {'bfloat16' if run.bfloat16 else 'float32'}; "
          f"from epoch {run.epoch}", flush=True)
    run.go()
    return run


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    add_options(parser)
    train(parse(parser))


if __name__ == "__main__":
    main()
