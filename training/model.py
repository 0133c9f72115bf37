"""The network: a compact residual network for 48x48 gray faces, in the sizes defined in recipes.py.

Input: pixels [N, 1, 48, 48] float32 in 0..255. Output: logits [N, 8]. The normalisation is part of the network, so
that the server passes plain pixels.

Sources: residual blocks as in He et al. 2016 (arXiv:1512.03385), squeeze-and-excitation as in Hu et al. 2018
(arXiv:1709.01507); the task and its labels as in Barsoum, Zhang, Canton Ferrer, Zhang 2016, "Training Deep Networks
for Facial Expression Recognition with Crowd-Sourced Label Distribution" (arXiv:1608.01041).
"""

import torch
from torch import nn
from torch.nn import functional as F


class Standardise(nn.Module):
    """Normalises each image to mean 0 and standard deviation 1, which makes the network largely independent of
    exposure and contrast.

    [N, 1, H, W] in 0..255 -> the same shape. `EPSILON` (in squared pixel levels) limits the amplification of noise
    in flat images.
    """

    EPSILON = 25.0

    def forward(self, pixels):
        centred = pixels - pixels.mean(dim=(2, 3), keepdim=True)
        variance = (centred * centred).mean(dim=(2, 3), keepdim=True)
        return centred / torch.sqrt(variance + self.EPSILON)


def conv_bn(inputs, outputs, kernel=3, stride=1):
    """A convolution without bias, followed by a batch norm; a stride of 2 halves the size."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
    )


class Attention(nn.Module):
    """Squeeze-and-excitation: scales each channel of [N, C, H, W] by a weight computed from all channels' means."""

    def __init__(self, channels, reduction=4):
        super().__init__()
        self.squeeze = nn.Linear(channels, channels // reduction)
        self.excite = nn.Linear(channels // reduction, channels)

    def forward(self, x):
        weights = torch.sigmoid(self.excite(F.relu(self.squeeze(x.mean(dim=(2, 3))))))
        return x * weights[:, :, None, None]


class Block(nn.Module):
    """A residual block of two 3x3 convolutions: [N, inputs, H, W] -> [N, outputs, H/stride, W/stride]."""

    def __init__(self, inputs, outputs, stride, attention=False):
        super().__init__()
        self.first = conv_bn(inputs, outputs, 3, stride)
        self.second = conv_bn(outputs, outputs, 3, 1)
        self.attention = Attention(outputs) if attention else nn.Identity()
        same_shape = inputs == outputs and stride == 1
        self.shortcut = nn.Identity() if same_shape else conv_bn(inputs, outputs, 1, stride)

    def forward(self, x):
        y = self.attention(self.second(F.relu(self.first(x))))
        return F.relu(y + self.shortcut(x))


class ExpressionNet(nn.Module):
    """Standardisation, stem, stages of residual blocks, global average pooling, dropout, linear layer.

    Each stage has a width (its channels) and a depth (its blocks). The stem reduces the input to 24x24; every stage
    but the first halves the size (12, 6, 3). The coarse stem is one 5x5 convolution of stride 2; the fine stem
    starts with a 3x3 convolution at the full 48x48 pixels.
    """

    def __init__(self, widths=(32, 64, 128, 256), dropout=0.3, classes=8, depths=None,
                 fine_stem=False, attention=False):
        super().__init__()
        depths = depths or [1] * len(widths)
        if len(depths) != len(widths):
            raise ValueError("depths and widths must have the same length")
        self.standardise = Standardise()
        half = widths[0] // 2
        self.stem = nn.Sequential(
            conv_bn(1, half, 3, 1), nn.ReLU(), conv_bn(half, widths[0], 3, 2),
        ) if fine_stem else conv_bn(1, widths[0], 5, 2)
        blocks = []
        previous = widths[0]
        for stage, (width, depth) in enumerate(zip(widths, depths)):
            for index in range(depth):
                stride = 2 if stage > 0 and index == 0 else 1
                blocks.append(Block(previous, width, stride, attention))
                previous = width
        self.blocks = nn.Sequential(*blocks)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(previous, classes)

    def forward(self, pixels):
        x = F.relu(self.stem(self.standardise(pixels)))
        x = self.blocks(x).mean(dim=(2, 3))
        return self.head(self.dropout(x))


def count_multiply_adds(model, side=48):
    """The number of multiply-adds of the convolutions and linear layers for one face."""
    total = 0

    def count(module, _inputs, output):
        nonlocal total
        if isinstance(module, nn.Conv2d):
            total += output[0].numel() * module.weight[0].numel()
        elif isinstance(module, nn.Linear):
            total += module.weight.numel()

    hooks = [m.register_forward_hook(count) for m in model.modules()]
    was_training = model.training
    model.eval()
    with torch.no_grad():
        model(torch.zeros(1, 1, side, side))
    model.train(was_training)
    for hook in hooks:
        hook.remove()
    return total
