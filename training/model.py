"""The network: a compact residual net for 48x48 gray faces, in the sizes that recipes.py names.

Shapes: pixels [N, 1, 48, 48] float32 in 0..255 go in, logits [N, 8] come out. The normalisation
is part of the network, so that whoever serves it passes plain pixels.

Sources: residual blocks after He et al. 2016 (arXiv:1512.03385), squeeze-and-excitation after Hu et
al. 2018 (arXiv:1709.01507); the task and its labels after Barsoum, Zhang, Canton Ferrer, Zhang 2016, "Training
Deep Networks for Facial Expression Recognition with Crowd-Sourced Label Distribution" (arXiv:1608.01041).
"""

import torch
from torch import nn
from torch.nn import functional as F


class Standardise(nn.Module):
    """Give each image mean 0 and deviation 1, so that exposure and contrast matter little.

    [N, 1, H, W] in 0..255 -> the same shape. `FLOOR` (in squared pixel levels) keeps flat images
    from being blown up into noise.
    """

    FLOOR = 25.0

    def forward(self, pixels):
        centred = pixels - pixels.mean(dim=(2, 3), keepdim=True)
        variance = (centred * centred).mean(dim=(2, 3), keepdim=True)
        return centred / torch.sqrt(variance + self.FLOOR)


def conv_bn(inputs, outputs, kernel=3, stride=1):
    """A convolution without bias and its batch norm; the size halves when stride is 2."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
    )


class Attention(nn.Module):
    """Squeeze-and-excitation: weigh each channel of [N, C, H, W] by what the whole face shows."""

    def __init__(self, channels, reduction=4):
        super().__init__()
        self.squeeze = nn.Linear(channels, channels // reduction)
        self.excite = nn.Linear(channels // reduction, channels)

    def forward(self, x):
        weights = torch.sigmoid(self.excite(F.relu(self.squeeze(x.mean(dim=(2, 3))))))
        return x * weights[:, :, None, None]


class Block(nn.Module):
    """Two 3x3 convolutions around a shortcut: [N, inputs, H, W] -> [N, outputs, H/s, W/s]."""

    def __init__(self, inputs, outputs, stride, attention=False):
        super().__init__()
        self.first = conv_bn(inputs, outputs, 3, stride)
        self.second = conv_bn(outputs, outputs, 3, 1)
        self.attention = Attention(outputs) if attention else nn.Identity()
        same = inputs == outputs and stride == 1
        self.shortcut = nn.Identity() if same else conv_bn(inputs, outputs, 1, stride)

    def forward(self, x):
        y = self.attention(self.second(F.relu(self.first(x))))
        return F.relu(y + self.shortcut(x))


class ExpressionNet(nn.Module):
    """Standardise, stem, `depths` blocks of each of the `widths`, global mean, dropout, linear.

    The stem leaves 24x24; the first width keeps it, each later one halves it (12, 6, 3). A coarse
    stem is one 5x5 convolution of stride 2; a fine one looks at all 48x48 pixels first.
    """

    def __init__(self, widths=(32, 64, 128, 256), dropout=0.3, classes=8, depths=None,
                 fine_stem=False, attention=False):
        super().__init__()
        depths = depths or [1] * len(widths)
        if len(depths) != len(widths):
            raise ValueError("as many depths as widths")
        self.standardise = Standardise()
        half = widths[0] // 2
        self.stem = nn.Sequential(
            conv_bn(1, half, 3, 1), nn.ReLU(), conv_bn(half, widths[0], 3, 2),
        ) if fine_stem else conv_bn(1, widths[0], 5, 2)
        blocks = []
        previous = widths[0]
        for level, (width, depth) in enumerate(zip(widths, depths)):
            for index in range(depth):
                stride = 2 if level > 0 and index == 0 else 1
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
    """Multiply-adds of the convolutions and the linear layer for one face, counted by hooks."""
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
