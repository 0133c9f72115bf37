"""The recognition net begins as the package's arrays say, whatever the faces are."""

import json
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

import recipes
import recognition


def arrays():
    """Random arrays of the net's shapes, by the package's names."""
    chance = np.random.default_rng(1)
    made, inputs = {}, 32

    def add(prefix, kernel, inputs, outputs):
        spread = (2 / (inputs * kernel**2)) ** 0.5
        made[f"{prefix}/conv/filters"] = chance.normal(0, spread, (kernel, kernel, inputs, outputs))
        for name, mean in (("conv/bias", 0), ("scale/weights", 1), ("scale/biases", 0)):
            made[f"{prefix}/{name}"] = chance.normal(mean, 0.1, outputs)

    add("conv32_down", 7, 3, 32)
    for name, outputs, _ in recognition.LAYERS:
        add(f"{name}/conv1", 3, inputs, outputs)
        add(f"{name}/conv2", 3, outputs, outputs)
        inputs = outputs
    return {name: values.astype(np.float32) for name, values in made.items()}


def write(folder, entries, data):
    text = json.dumps([{"weights": entries, "paths": ["a.bin", "b.bin"]}])
    (folder / f"{recognition.NAME}-weights_manifest.json").write_text(text)
    (folder / "a.bin").write_bytes(data[:5])
    (folder / "b.bin").write_bytes(data[5:])


class Package(unittest.TestCase):
    def setUp(self):
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.folder = Path(made.name)

    def test_plain_and_packed_arrays_across_shards(self):
        entries = [
            {"name": "plain", "shape": [2], "dtype": "float32"},
            {"name": "packed", "shape": [1, 3], "dtype": "float32",
             "quantization": {"dtype": "uint8", "scale": 0.5, "min": -1.0}},
        ]
        write(self.folder, entries, np.float32([1.5, -2]).tobytes() + bytes([0, 2, 255]))
        found = recognition.read(self.folder)
        self.assertEqual(found["plain"].tolist(), [1.5, -2])
        self.assertEqual(found["packed"].tolist(), [[-1, 0, 126.5]])

    def test_shards_of_another_length_are_refused(self):
        entry = {"name": "plain", "shape": [2], "dtype": "float32"}
        write(self.folder, [entry], bytes(9))
        with self.assertRaisesRegex(SystemExit, "does not describe"):
            recognition.read(self.folder)

    def test_without_the_package_it_says_what_to_run(self):
        with self.assertRaisesRegex(SystemExit, "npm ci"):
            recognition.read(self.folder)


class Network(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(1)
        self.faces = torch.randint(0, 256, (8, 48, 48), dtype=torch.uint8)
        self.arrays = arrays()
        self.network = recognition.RecognitionNet()
        recognition.begin(self.network, self.faces, self.arrays)

    def test_begins_with_the_arrays_features(self):
        def layer(x, prefix, stride, pad):
            kernel = torch.from_numpy(self.arrays[f"{prefix}/conv/filters"]).permute(3, 2, 0, 1)
            bias, gain, shift = (
                torch.from_numpy(self.arrays[f"{prefix}/{name}"])
                for name in ("conv/bias", "scale/weights", "scale/biases"))
            x = F.conv2d(F.pad(x, pad), kernel, bias, stride)
            return x * gain[:, None, None] + shift[:, None, None]

        pixels = torch.randint(0, 256, (2, 1, 48, 48)).float()
        gray = self.network.standardise(pixels) * recognition.DEVIATION
        large = F.interpolate(gray, (112, 112), mode="bilinear", align_corners=False)
        x = F.relu(layer(large.expand(-1, 3, -1, -1), "conv32_down", 2, [2, 3, 2, 3]))
        x = F.max_pool2d(x, 3, 2, ceil_mode=True)
        y = F.relu(layer(x, "conv32_1/conv1", 1, [1] * 4))
        expected = F.relu(layer(y, "conv32_1/conv2", 1, [1] * 4) + x)
        with torch.no_grad():
            found = self.network.conv32_1(F.max_pool2d(
                F.relu(self.network.conv32_down(large)), 3, 2, ceil_mode=True))
        self.assertTrue(torch.allclose(found, expected, atol=1e-4))

    def test_all_norms_are_settled(self):
        for name, layer in self.network.named_modules():
            if isinstance(layer, recognition.Scaled):
                with self.subTest(name):
                    self.assertFalse(torch.equal(
                        layer.norm.running_var, torch.ones_like(layer.norm.running_var)))

    def test_answers_faces(self):
        self.assertEqual(self.network(self.faces[:3, None].float()).shape, (3, 8))

    def test_is_a_recipe(self):
        made = recipes.network(recipes.settings("recognition"))
        self.assertIsInstance(made, recognition.RecognitionNet)


if __name__ == "__main__":
    unittest.main()
