"""A teacher of another origin: the expression network of face-api (npm `@vladmandic/face-api`, MIT).

It is a densely connected network of separable convolutions with 0.3 M parameters. Its author trained it on "publicly
available datasets as well as images scraped from the web" and does not name them, so it may have seen faces of FER2013
or the photographs: soft labels of it are for training only. The package is pinned in package-lock.json; neither its
weights nor its predictions are part of this repository.
"""

from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

import data
from tfjs import read_weights

PACKAGE = Path(__file__).resolve().parent / "node_modules" / "@vladmandic" / "face-api"
WEIGHTS = PACKAGE / "model" / "face_expression_model-weights_manifest.json"
ORIGIN = "the expression network of face-api (npm @vladmandic/face-api, MIT)"
RIGHTS = ("Its author trained it on public data sets and images from the web, which he does not name. `student` "
          "trained without `--teacher-labels` does not depend on it.")
SIDE = 112
LABELS = ("neutral", "happiness", "sadness", "anger", "fear", "disgust", "surprise")  # in the network's order
MEAN_RGB = (122.782, 117.001, 104.298)
WIDTHS = (32, 64, 128, 256)  # of the four dense blocks, each of which halves the size


def _pad(x, stride):
    """Pads for a 3x3 convolution of an even size as TensorFlow does: at a stride of 2, only at the end."""
    return F.pad(x, [1, 1, 1, 1] if stride == 1 else [0, 1, 0, 1])


class Separable(nn.Module):
    """A 3x3 depthwise convolution, a 1x1 convolution and a bias."""

    def __init__(self, inputs, outputs, stride=1):
        super().__init__()
        self.stride = stride
        self.depthwise = nn.Conv2d(inputs, inputs, 3, stride, groups=inputs, bias=False)
        self.pointwise = nn.Conv2d(inputs, outputs, 1)

    def forward(self, x):
        return self.pointwise(self.depthwise(_pad(x, self.stride)))


class Plain(nn.Module):
    """A 3x3 convolution of stride 2."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, 2)

    def forward(self, x):
        return self.conv(_pad(x, 2))


class DenseBlock(nn.Module):
    """Four convolutions, each of which reads the rectified sum of all earlier outputs."""

    def __init__(self, first, width):
        super().__init__()
        self.convolutions = nn.ModuleList([first, *(Separable(width, width) for _ in range(3))])

    def forward(self, x):
        total = F.relu(self.convolutions[0](x))
        x = total
        for convolution in self.convolutions[1:]:
            total = total + convolution(x)
            x = F.relu(total)
        return x


class FaceApiNet(nn.Module):
    """pixels [N, 1, H, W] float32 in 0..255 of square crops -> log probabilities [N, 8] of `data.LABELS`.

    The network does not know contempt, whose probability is 0.
    """

    def __init__(self):
        super().__init__()
        firsts = [Plain(3, WIDTHS[0]), *(Separable(i, o, 2) for i, o in zip(WIDTHS, WIDTHS[1:]))]
        self.blocks = nn.ModuleList([DenseBlock(first, width) for first, width in zip(firsts, WIDTHS)])
        self.head = nn.Linear(WIDTHS[-1], len(LABELS))
        self.register_buffer("mean", torch.tensor(MEAN_RGB).view(1, 3, 1, 1))

    def forward(self, pixels):
        x = F.interpolate(pixels, (SIDE, SIDE), mode="bilinear", align_corners=False, antialias=pixels.shape[3] > SIDE)
        x = (x - self.mean) / 255
        for block in self.blocks:
            x = block(x)
        own = torch.log_softmax(self.head(x.mean(dim=(2, 3))), dim=1)
        result = torch.full((len(own), len(data.LABELS)), -torch.inf, device=own.device)
        result[:, [data.LABELS.index(label) for label in LABELS]] = own
        return result


@torch.no_grad()
def load(manifest=WEIGHTS):
    """The network with the package's weights, in eval mode."""
    arrays = {name: torch.from_numpy(values) for name, values in read_weights(manifest).items()}
    network = FaceApiNet()
    for number, block in enumerate(network.blocks):
        for index, layer in enumerate(block.convolutions):
            name = f"dense{number}/conv{index}"
            if isinstance(layer, Plain):
                layer.conv.weight.copy_(arrays[f"{name}/filters"].permute(3, 2, 0, 1))
                layer.conv.bias.copy_(arrays[f"{name}/bias"])
            else:
                layer.depthwise.weight.copy_(arrays[f"{name}/depthwise_filter"].permute(2, 3, 0, 1))
                layer.pointwise.weight.copy_(arrays[f"{name}/pointwise_filter"].permute(3, 2, 0, 1))
                layer.pointwise.bias.copy_(arrays[f"{name}/bias"])
    network.head.weight.copy_(arrays["fc/weights"].T)
    network.head.bias.copy_(arrays["fc/bias"])
    return network.eval()
