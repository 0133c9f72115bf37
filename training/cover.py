"""Train and export the cover network, which judges whether the mouth or the eyes of a face are hidden.

    /usr/bin/python3 training/cover.py

Trains on FER+ faces on which occluders.py draws masks, hands, glasses and the like, and writes models/cover/model.onnx.
Faces that are covered in their photograph are found by the network itself, after one and two thirds of the training,
and left out.
"""

import argparse
import copy
import io
from pathlib import Path

import onnx
import torch
from torch import nn
from torch.nn import functional as F

import augment
import data
import malloc
import occluders
from model import Standardise, conv_bn
from near_duplicates import load_deduplicated
from optimise import ema_update, learning_rate, parameter_groups
from predict import fingerprint, predict
from progress import Progress

NAME, VERSION, OPSET = "emostream-cover-1", "1.0.0", 13
FILE = data.ROOT / "models" / "cover" / "model.onnx"
BATCH, PEAK_LR, WARMUP, WEIGHT_DECAY, EMA = 256, 2e-3, 0.05, 1e-3, 0.995
COVERED_IN_PHOTOGRAPH = 0.5  # the probability above which a face is left out of the training

# The hidden fraction of the mouth and of both eyes up to which the target is 0, and from which it is 1. One visible
# eye is enough.
VISIBLE, HIDDEN = (0.25, 0.5), (0.6, 0.8)


class CoverNet(nn.Module):
    """Plain convolutions and one linear layer, which sees where things are: [N, 1, 48, 48] in 0..255 -> logits [N, 2].

    The columns are the mouth and the eyes.
    """

    def __init__(self, widths=(16, 32, 48, 48, 64), strides=(2, 2, 2, 1, 2)):
        super().__init__()
        layers = [Standardise()]
        for inputs, outputs, stride in zip((1, *widths), widths, strides):
            layers += [conv_bn(inputs, outputs, 3, stride), nn.ReLU(inplace=True)]
        self.body = nn.Sequential(*layers)
        self.dropout = nn.Dropout(0.2)
        self.head = nn.Linear(widths[-1] * 9, 2)

    def forward(self, pixels):
        return self.head(self.dropout(self.body(pixels).flatten(1)))


def targets(hidden):
    """Hidden fractions [N, 2] -> targets [N, 2], which rise linearly between VISIBLE and HIDDEN."""
    low, high = torch.tensor(VISIBLE), torch.tensor(HIDDEN)
    return ((hidden - low) / (high - low)).clamp(0, 1)


def draw_batch(images, generator):
    """Faces uint8 [N, 48, 48] -> pixels [N, 1, 48, 48] with things drawn on them, augmented, and targets [N, 2]."""
    pixels, hidden = occluders.draw_all(images.float().unsqueeze(1), generator)
    pixels = augment.warp(pixels, generator, roll=20, scale=0.12, shift=0.06, yaw=40)
    pixels = augment.relight(pixels, generator, shade=0.4)
    return augment.degrade(pixels, generator, 0.12), targets(hidden)


def uncovered(network, images):
    """The images [N, 48, 48] without those that the network finds covered as they are."""
    probabilities = torch.sigmoid(predict(network, images.numpy(), torch.device("cpu")))
    return images[probabilities.amax(dim=1) < COVERED_IN_PHOTOGRAPH]


def train_epoch(network, average, optimiser, images, epoch, options):
    """Trains one epoch and returns the mean loss."""
    generator = torch.Generator().manual_seed(options.seed * 1000 + epoch)
    batches = torch.randperm(len(images), generator=generator).split(BATCH)
    progress, total = Progress(f"epoch {epoch + 1}/{options.epochs}", len(batches)), 0.0
    network.train()
    for index, indices in enumerate(batches):
        step = epoch * len(batches) + index
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(step, options.epochs * len(batches), PEAK_LR, WARMUP)
        pixels, wanted = draw_batch(images[indices], generator)
        loss = F.binary_cross_entropy_with_logits(network(pixels), wanted)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        ema_update(average, network, step, EMA)
        total += loss.item() / len(batches)
        progress.show(index + 1, lambda: f"loss {loss.item():.3f}")
    return total


def train(images, options):
    """Trains on faces uint8 [N, 48, 48] and returns the network with averaged weights, in eval mode."""
    torch.manual_seed(options.seed)
    network = CoverNet()
    average = copy.deepcopy(network).eval()
    optimiser = torch.optim.AdamW(parameter_groups(network, WEIGHT_DECAY))
    for epoch in range(options.epochs):
        if epoch and epoch in (options.epochs // 3, 2 * options.epochs // 3):
            images = uncovered(average, images)
            print(f"{len(images)} faces are not covered")
        loss = train_epoch(network, average, optimiser, images, epoch, options)
        print(f"epoch {epoch + 1}: loss {loss:.4f}", flush=True)
    return average


@torch.no_grad()
def measure(network, images, threshold, seed=1):
    """For each kind of occluder the fraction of the faces that is flagged, of those of which it hides mouth or eyes.

    Those that hide nothing of both give the rate of false flags; the key "" is that of the faces as they are.
    """
    pixels, rates = images.float().unsqueeze(1), {}
    for index, (draw, _) in enumerate(((lambda p, _: (p, torch.zeros_like(p)), 1), *occluders.DRAWN)):
        drawn, opacity = draw(pixels, torch.Generator().manual_seed(seed))
        wanted = targets(occluders.hidden_parts(opacity)).amax(dim=1)
        flagged = torch.sigmoid(predict(network, drawn[:, 0].numpy(), torch.device("cpu"))).amax(dim=1) > threshold
        name = draw.__name__.removeprefix("draw_") if index else ""
        for kind, selected in (("hidden", wanted == 1), ("visible", wanted == 0)):
            if selected.any():
                rates[name, kind] = flagged[selected].float().mean().item()
    return rates


def to_onnx(network):
    """The network as an ONNX model of `image` [N, 1, 48, 48] and the probabilities `hidden` [N, 2]."""
    buffer = io.BytesIO()
    torch.onnx.export(
        nn.Sequential(network, nn.Sigmoid()).eval(), torch.zeros(2, 1, data.SIDE, data.SIDE), buffer,
        opset_version=OPSET, do_constant_folding=True, input_names=["image"], output_names=["hidden"],
        dynamic_axes={"image": {0: "N"}, "hidden": {0: "N"}})
    model = onnx.load_model_from_string(buffer.getvalue())
    onnx.helper.set_model_props(model, {
        "name": NAME, "version": VERSION, "hidden": "mouth,eyes", "weights": fingerprint(network)})
    onnx.checker.check_model(model, full_check=True)
    return model


def parse(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=Path, default=data.default_folder(), help="FER+ folder")
    parser.add_argument("--to", type=Path, default=FILE, help="the file to write")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--threshold", type=float, default=0.5, help="for the rates that are printed at the end")
    return parser.parse_args(arguments)


def main():
    options = parse()
    malloc.retain_freed_memory()
    torch.set_num_threads(options.threads)
    faces, valid = load_deduplicated(options.data)
    network = train(torch.from_numpy(faces.images), options)
    options.to.parent.mkdir(parents=True, exist_ok=True)
    onnx.save_model(to_onnx(network), str(options.to))
    for (name, kind), rate in measure(network, torch.from_numpy(valid.images), options.threshold).items():
        print(f"{name or 'as they are':20} {kind:8} {100 * rate:5.1f} % flagged")


if __name__ == "__main__":
    main()
