"""Train the expression network on FER+ and keep a checkpoint an epoch.

Cross entropy against the distribution of the votes (the best of the losses in Barsoum et al.
2016), one-cycle learning rate, SGD with Nesterov momentum, an exponential moving average (EMA) of
the weights, which is what is scored and exported.

Files made in the run folder: `checkpoint.pt` (everything needed to go on) and `log.jsonl` (one line
an epoch). The progress goes to stderr.
"""

import argparse
import copy
import json
import math
import sys
import time
from pathlib import Path

import numpy as np
import torch

import data
from augment import augment, mixup
from model import ExpressionNet, count_multiply_adds

DEFAULTS = {
    "epochs": 40,
    "batch": 128,
    "lr": 0.1,
    "warmup": 0.15,
    "weight_decay": 5e-4,
    "mixup": 0.2,
    "dropout": 0.3,
    "ema": 0.998,
    "widths": [32, 64, 128, 256],
    "seed": 1,
    "threads": 1,
}


def add_options(parser):
    """The options of a training run, with their defaults."""
    parser.add_argument("--data", type=Path, default=data.default_folder(), help="FER+ folder")
    parser.add_argument("--run", type=Path, default=data.ROOT / "training" / "runs" / "last",
                        help="folder for the checkpoint and the log")
    parser.add_argument("--resume", action="store_true", help="go on from the run's checkpoint")
    parser.add_argument("--limit", type=int, default=0, help="faces to train on (0: all)")
    parser.add_argument("--full-precision", action="store_true",
                        help="no bfloat16, even where the processor has it")
    for name, value in DEFAULTS.items():
        many = isinstance(value, list)
        parser.add_argument("--" + name.replace("_", "-"), type=type(value[0] if many else value),
                            nargs="+" if many else None, default=value)


def has_bfloat16(device):
    """Whether bfloat16 pays: on a GPU that supports it, or a CPU with matrix units for it."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    cpu = Path("/proc/cpuinfo")
    return cpu.is_file() and "amx_bf16" in cpu.read_text()


def learning_rate(step, steps, peak, warmup):
    """Rise in a line to `peak` over the `warmup` share of the steps, then fall as a cosine to 0."""
    start = warmup * steps
    if step < start:
        return peak * (step + 1) / start
    return peak * 0.5 * (1 + math.cos(math.pi * (step - start) / (steps - start)))


def soft_cross_entropy(logits, targets):
    """Cross entropy of logits [N, 8] against distributions [N, 8], averaged over the batch."""
    return -(targets * torch.log_softmax(logits, dim=1)).sum(dim=1).mean()


def parameter_groups(model, weight_decay):
    """Decay the kernels, not the biases and the batch norms."""
    kernels = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    return [
        {"params": kernels, "weight_decay": weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]


@torch.no_grad()
def follow(average, model, step, decay):
    """Move the averaged model towards the trained one; faster in the first steps."""
    keep = min(decay, (1 + step) / (10 + step))
    for mean, now in zip(average.state_dict().values(), model.state_dict().values()):
        if mean.dtype.is_floating_point:
            mean.lerp_(now, 1 - keep)
        else:
            mean.copy_(now)


@torch.no_grad()
def score(model, images, device, batch=512, mirrored=False):
    """images uint8 [N, 48, 48] -> logits float32 [N, 8] of the model in eval mode, on the CPU."""
    model.eval()
    answers = []
    for start in range(0, len(images), batch):
        pixels = torch.from_numpy(images[start : start + batch]).to(device).float().unsqueeze(1)
        answers.append(model(pixels.flip(3) if mirrored else pixels).float().cpu())
    return torch.cat(answers)


class Run:
    """One training run: models, optimiser, position and log, in one folder."""

    def __init__(self, options, train, valid):
        self.options, self.valid = options, valid
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.images = torch.from_numpy(train.images)
        self.targets = torch.from_numpy(train.targets)
        if options.limit:
            self.images, self.targets = self.images[: options.limit], self.targets[: options.limit]
        self.batches = len(self.images) // options.batch
        if self.batches == 0:
            raise SystemExit("fewer faces than one batch")
        self.steps = self.batches * options.epochs
        torch.manual_seed(options.seed)
        self.model = ExpressionNet(options.widths, options.dropout).to(
            self.device, memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.model)
        self.optimiser = torch.optim.SGD(
            parameter_groups(self.model, options.weight_decay),
            lr=options.lr, momentum=0.9, nesterov=True)
        self.bfloat16 = not options.full_precision and has_bfloat16(self.device)
        self.epoch, self.log = 0, []

    @property
    def checkpoint(self):
        return self.options.run / "checkpoint.pt"

    def save(self):
        """Write the checkpoint (in one move, so that a stopped run leaves a whole file)."""
        self.options.run.mkdir(parents=True, exist_ok=True)
        settings = {name: getattr(self.options, name) for name in DEFAULTS}
        part = self.checkpoint.with_suffix(".part")
        torch.save({
            "settings": settings, "epoch": self.epoch, "log": self.log,
            "bfloat16": self.bfloat16, "device": self.device.type,
            "faces": len(self.images),
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
        for name, value in state["settings"].items():
            if name != "threads" and getattr(self.options, name) != value:
                raise SystemExit(f"the checkpoint was made with {name} = {value}; pass the same, "
                                 "or choose another --run")
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.epoch, self.log = state["epoch"], state["log"]

    def train_epoch(self):
        """One pass over the training faces; returns the mean loss."""
        o = self.options
        generator = torch.Generator().manual_seed(o.seed * 1000 + self.epoch)
        torch.manual_seed(o.seed * 1000 + self.epoch)  # dropout
        order = torch.randperm(len(self.images), generator=generator)
        self.model.train()
        total, began = 0.0, time.monotonic()
        for index in range(self.batches):
            step = self.epoch * self.batches + index
            for group in self.optimiser.param_groups:
                group["lr"] = learning_rate(step, self.steps, o.lr, o.warmup)
            chosen = order[index * o.batch : (index + 1) * o.batch]
            pixels = self.images[chosen].to(self.device).float().unsqueeze(1)
            targets = self.targets[chosen].to(self.device)
            pixels, targets = mixup(augment(pixels, generator), targets, generator, o.mixup)
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16):
                logits = self.model(pixels)
            loss = soft_cross_entropy(logits.float(), targets)
            self.optimiser.zero_grad(set_to_none=True)
            loss.backward()
            self.optimiser.step()
            follow(self.average, self.model, step, o.ema)
            total += loss.item()
            self.show(index + 1, total / (index + 1), time.monotonic() - began)
        return total / self.batches

    def show(self, done, loss, seconds):
        """The progress line: epoch, share done, loss, time left for the whole run."""
        if done % 10 and done != self.batches:
            return
        ahead = (self.options.epochs - self.epoch) * self.batches - done
        left = seconds / done * ahead
        width = 24
        bar = "#" * (width * done // self.batches)
        end = "\n" if done == self.batches and not sys.stderr.isatty() else ""
        if sys.stderr.isatty() or end:
            print(f"\repoch {self.epoch + 1}/{self.options.epochs} [{bar:<{width}}] "
                  f"loss {loss:.4f}  {left / 60:.1f} min left ", end=end, file=sys.stderr,
                  flush=True)

    def go(self):
        """Train to the last epoch, scoring and saving after each."""
        while self.epoch < self.options.epochs:
            began = time.monotonic()
            loss = self.train_epoch()
            logits = score(self.average, self.valid.images, self.device)
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
            print(json.dumps(entry), flush=True)


def train(options):
    """Train by the options; returns the finished run."""
    torch.set_num_threads(options.threads)
    np.random.seed(options.seed)
    faces, valid = data.load(options.data, "train"), data.load(options.data, "valid")
    run = Run(options, faces, valid)
    if options.resume:
        run.resume()
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
    train(parser.parse_args())


if __name__ == "__main__":
    main()
