"""The recognition network and the loading of its pretrained weights."""

import unittest

import numpy as np
import torch
from torch.nn import functional as F

import recipes
import recognition


def arrays():
    """Random weights of the network's shapes, with the names of the package's file."""
    rng = np.random.default_rng(1)
    weights, inputs = {}, 32

    def add(name, kind, *shape):
        deviation = (2 / np.prod(shape[:3] if kind == "convolution/merged_input" else shape[:2])) ** 0.5
        weights[f"{name}/{kind}"] = rng.normal(0, deviation, shape)
        weights[f"{name}_bn/batchnorm_1/sub"] = rng.normal(0, 0.1, shape[3] if shape[3] > 1 else shape[2])
        weights[f"{name}_bn/batchnorm_1/mul"] = rng.normal(1, 0.1, shape[2])

    add("conv1", "convolution/merged_input", 3, 3, 3, 32)
    for number, (outputs, _) in enumerate(recognition.LAYERS, 1):
        add(f"conv_dw_{number}", "depthwise_kernel", 3, 3, inputs, 1)
        add(f"conv_pw_{number}", "convolution/merged_input", 1, 1, inputs, outputs)
        inputs = outputs
    return {name: values.astype(np.float32) for name, values in weights.items()}


class Network(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        torch.manual_seed(1)
        cls.faces = torch.randint(0, 256, (8, 48, 48), dtype=torch.uint8)
        cls.arrays = arrays()
        cls.network = recognition.RecognitionNet()
        recognition.load_weights(cls.network, cls.faces, cls.arrays)

    def test_computes_the_features_of_the_loaded_weights(self):
        tensors = {name: torch.from_numpy(values) for name, values in self.arrays.items()}

        def layer(x, name, kernel, stride=1, groups=1, pad=(0, 0)):
            x = F.conv2d(F.pad(x, pad * 2), kernel, None, stride, groups=groups)
            return F.relu(x + tensors[f"{name}_bn/batchnorm_1/sub"][:, None, None])

        kernels = {name: tensors[f"{name}/convolution/merged_input"].permute(3, 2, 0, 1)
                   for name in ("conv1", "conv_pw_1")}
        gain = tensors["conv_dw_1_bn/batchnorm_1/mul"]
        deep = tensors["conv_dw_1/depthwise_kernel"].permute(2, 3, 0, 1) * gain[:, None, None, None]
        pixels = torch.randint(0, 256, (2, 1, 48, 48)).float()
        gray = self.network.standardise(pixels) * recognition.INPUT_DEVIATION
        large = F.interpolate(gray, (self.network.input_size,) * 2, mode="bilinear", align_corners=False)
        x = layer(large.expand(-1, 3, -1, -1), "conv1", kernels["conv1"], stride=2, pad=(0, 1))
        x = layer(x, "conv_dw_1", deep, groups=32, pad=(1, 1))
        expected = layer(x, "conv_pw_1", kernels["conv_pw_1"])
        net = self.network
        with torch.no_grad():
            features = net.conv_pw_1(net.conv_dw_1(net.conv1(large)))
        self.assertTrue(torch.allclose(features, expected, rtol=1e-4, atol=1e-3))

    def test_pads_odd_sizes_on_both_sides_like_tensorflow(self):
        layer = recognition.ConvNormRelu(1, 1, 3, 2)
        torch.nn.init.ones_(layer.conv.weight)
        found = layer.eval()(torch.ones(1, 1, 5, 5))
        self.assertTrue(torch.allclose(found[0, 0, 0], torch.tensor([4.0, 6.0, 4.0]), atol=1e-3))

    def test_all_batch_norms_get_statistics(self):
        for name, layer in self.network.convolutions():
            with self.subTest(name):
                self.assertFalse(torch.equal(
                    layer.norm.running_var, torch.ones_like(layer.norm.running_var)))

    def test_maps_faces_to_logits(self):
        self.assertEqual(self.network(self.faces[:3, None].float()).shape, (3, 8))

    def test_is_built_by_its_recipe(self):
        built = recipes.build_network(recipes.settings("recognition"))
        self.assertIsInstance(built, recognition.RecognitionNet)
        self.assertEqual(built.input_size, recipes.settings("recognition")["input_size"])


if __name__ == "__main__":
    unittest.main()
