"""face-api's expression network, with random weights."""

import json
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

import data
import face_api


def write_weights(manifest):
    """Writes random weights of the network's shapes, with the names of the package's file."""
    rng = np.random.default_rng(1)
    entries, values = [], []

    def add(name, *shape):
        array = rng.normal(0, max(1, np.prod(shape[:-1])) ** -0.5, shape).astype(np.float32)
        entries.append({"name": name, "shape": list(shape), "dtype": "float32"})
        values.append(array.tobytes())

    inputs = 3
    for number, width in enumerate(face_api.WIDTHS):
        for index in range(4):
            name = f"dense{number}/conv{index}"
            if number == index == 0:
                add(f"{name}/filters", 3, 3, inputs, width)
            else:
                add(f"{name}/depthwise_filter", 3, 3, inputs, 1)
                add(f"{name}/pointwise_filter", 1, 1, inputs, width)
            add(f"{name}/bias", width)
            inputs = width
    add("fc/weights", inputs, 7)
    add("fc/bias", 7)
    (manifest.parent / "a.bin").write_bytes(b"".join(values))
    manifest.write_text(json.dumps([{"weights": entries, "paths": ["a.bin"]}]))


class Network(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            manifest = Path(folder) / "manifest.json"
            write_weights(manifest)
            cls.network = face_api.load(manifest)

    @torch.no_grad()
    def test_gives_probabilities_of_all_labels_but_contempt(self):
        for side in (48, 112, 200):
            probabilities = self.network(torch.rand(2, 1, side, side) * 255).exp()
            self.assertEqual(probabilities.shape, (2, 8))
            self.assertTrue(torch.allclose(probabilities.sum(dim=1), torch.ones(2)))
            self.assertEqual(probabilities[:, data.LABELS.index("contempt")].tolist(), [0, 0])

    @torch.no_grad()
    def test_labels_are_in_the_order_of_the_project(self):
        head = self.network.head
        before = head.bias.clone()
        head.bias[face_api.LABELS.index("disgust")] = 1000
        probabilities = self.network(torch.rand(1, 1, 112, 112) * 255).exp()
        head.bias.copy_(before)
        self.assertEqual(data.LABELS[probabilities.argmax()], "disgust")

    @torch.no_grad()
    def test_a_convolution_of_stride_2_starts_at_the_first_pixel(self):
        convolution = face_api.Plain(1, 1)
        convolution.conv.weight.fill_(1)
        convolution.conv.bias.zero_()
        impulse = torch.zeros(1, 1, 4, 4)
        impulse[0, 0, 0, 0] = 1
        self.assertEqual(convolution(impulse).flatten().tolist(), [1, 0, 0, 0])


if __name__ == "__main__":
    unittest.main()
