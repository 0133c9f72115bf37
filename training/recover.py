"""Recovers a run from an exported model whose checkpoint is lost, so that train.py can continue it (--init-from).

The weights of an 8-bit model are recovered to half a step of its int8 weights. The batch norms, which the export
folds into the convolutions, get the statistics of augmented training faces; the convolutions are scaled so that
their outputs have a standard deviation of 1, as after a usual initialisation. In eval mode, that does not change the
network's output.
"""

import argparse
from pathlib import Path

import onnx
import torch
from torch import nn

import data
import malloc
from augment import augment
from export import FOLDER
from near_duplicates import load_deduplicated
from onnx_graph import OPERATORS, Graph
from predict import predict
from quantise import sample_faces
from recipes import RECIPES, augmentation_range_of, build_network, settings

MIN_DEVIATION = 1e-2  # of a convolution's output: a channel that is always off is not amplified


def layer_weights(model):
    """(weight, bias) of each convolution and linear layer of an exported model in order, as float32 tensors."""
    graph = Graph(model)
    producers = {node.output[0]: node for node in graph.nodes}

    def constant(name):
        if name in graph.constants:
            return torch.from_numpy(graph.constants[name].copy())
        node = producers[name]
        return OPERATORS[node.op_type](node, *(constant(source) for source in node.input))

    return [tuple(constant(name) for name in node.input[1:])
            for node in graph.nodes if node.op_type in ("Conv", "Gemm")]


def pairs_with_norms(network):
    """Each convolution or linear layer in the order of computation, with the batch norm that follows it or None."""
    layers = [m for m in network.modules() if isinstance(m, (nn.Conv2d, nn.Linear, nn.BatchNorm2d))]
    return [(layer, following if isinstance(following, nn.BatchNorm2d) else None)
            for layer, following in zip(layers, [*layers[1:], None]) if not isinstance(layer, nn.BatchNorm2d)]


@torch.no_grad()
def load_weights(network, model):
    """Sets the network's weights to those of the exported model, without its temperature."""
    temperature = next(float(entry.value) for entry in model.metadata_props if entry.key == "temperature")
    pairs = pairs_with_norms(network)
    for (layer, norm), (weight, bias) in zip(pairs, layer_weights(model), strict=True):
        layer.weight.copy_(weight.view_as(layer.weight))
        if norm is None:
            layer.bias.copy_(bias)
        else:  # the batch norm only adds the bias
            norm.reset_parameters()
            norm.running_var.fill_(1 - norm.eps)
            norm.bias.copy_(bias)
    network.head.weight *= temperature
    network.head.bias *= temperature


@torch.no_grad()
def measure_statistics(network, pixels):
    """Gives the batch norms the statistics of `pixels` [N, 1, H, W], without changing the network's output."""
    statistics = {}

    def measure(layer, _inputs, output):
        statistics[layer] = output.mean(dim=(0, 2, 3)), output.var(dim=(0, 2, 3))

    pairs = [(layer, norm) for layer, norm in pairs_with_norms(network) if norm]
    hooks = [layer.register_forward_hook(measure) for layer, _ in pairs]
    network.eval()(pixels)
    for hook in hooks:
        hook.remove()
    for layer, norm in pairs:
        mean, variance = statistics[layer]
        deviation = variance.sqrt().clamp(min=MIN_DEVIATION)
        layer.weight /= deviation.view(-1, 1, 1, 1)
        norm.running_mean.copy_(mean / deviation)
        norm.running_var.copy_(variance / deviation**2)
        norm.weight.copy_(deviation * torch.sqrt(norm.running_var + norm.eps))
        norm.bias += mean


def recover(model, faces, values):
    """The network of a run's settings with the weights of the exported model; faces: uint8 [N, 48, 48]."""
    network = build_network(values)
    load_weights(network, model)
    generator = torch.Generator().manual_seed(values["seed"])
    measure_statistics(network, augment(
        torch.from_numpy(faces).float().unsqueeze(1), generator, augmentation_range_of(values)))
    return network.eval()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=Path, default=data.default_folder(), help="FER+ folder")
    parser.add_argument("--model", type=Path, default=FOLDER / "model.onnx", help="an exported model")
    parser.add_argument("--recipe", choices=RECIPES, default="student", help="the recipe that it was trained with")
    parser.add_argument("--run", type=Path, required=True, help="folder of the checkpoint")
    options = parser.parse_args()
    malloc.retain_freed_memory()
    torch.set_num_threads(1)
    train, valid = load_deduplicated(options.data)
    values = settings(options.recipe)
    network = recover(onnx.load_model(str(options.model)), sample_faces(train), values)
    logits = predict(network, valid.images, torch.device("cpu"))
    accuracy = (logits.argmax(dim=1).numpy() == valid.labels).mean()
    options.run.mkdir(parents=True, exist_ok=True)
    torch.save({"settings": values, "epoch": values["epochs"], "average": network.state_dict()},
               options.run / "checkpoint.pt")
    print(f"accuracy {100 * accuracy:.2f} % of {len(valid)} validation faces -> {options.run}")


if __name__ == "__main__":
    main()
