"""Synthetic faces, a small network and the options of a quick training run, for the tests."""

import argparse
import contextlib
import io
from pathlib import Path

import numpy as np
import torch

import model
import recipes
import train

# oneDNN 2.6 (the CPU library of Debian 12's PyTorch) writes outside its buffers in the backward pass of 1x1
# convolutions with stride 2, in channels-last layout, if they have few input channels: fewer than 8 with AVX2 and one
# thread, and fewer than 16 with AVX-512, several threads and an odd batch size. The blocks' shortcuts are such
# convolutions.
MIN_CHANNELS = 16
WIDTHS = [16, 16, 16, 24]

# The augmentation range of the recipe `baseline`.
RANGE = recipes.augmentation_range_of({})


def network():
    torch.manual_seed(1)
    return model.ExpressionNet(WIDTHS).eval()


def write_faces(folder):
    """Writes 96 training and 32 validation faces: stripes at one of two angles over random blocks and noise, without
    near-duplicates."""
    rng = np.random.default_rng(1)
    y, x = np.mgrid[:48, :48]
    for name, count in (("train", 96), ("valid", 32)):
        classes = np.arange(count) % 2
        stripes = np.where(classes[:, None, None] == 0, x % 8 * 32, y % 8 * 32)
        blocks = rng.integers(0, 160, (count, 6, 6)).repeat(8, axis=1).repeat(8, axis=2)
        images = np.clip(stripes / 3 + blocks + rng.normal(0, 20, (count, 48, 48)), 0, 255)
        votes = np.zeros((count, 10), np.uint8)
        votes[np.arange(count), classes] = 10
        np.savez(Path(folder) / f"{name}.npz", images=images.astype(np.uint8), votes=votes)


def options(folder, *arguments):
    """The options of a quick run. It uses one thread, so that runs are reproducible."""
    parser = argparse.ArgumentParser()
    train.add_options(parser)
    return train.parse(parser, [
        "--data", str(folder), "--run", str(Path(folder) / "run"), "--batch", "32",
        "--widths", *map(str, WIDTHS), "--full-precision", "--threads", "1", *arguments])


@contextlib.contextmanager
def quiet():
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield
