"""Training of the cover network on synthetic faces, its export, and the shipped file."""

import tempfile
import unittest
from pathlib import Path

import numpy as np
import onnx
import torch

import alignment
import cover
import data
import scenes
from onnx_graph import run_model
from tests.synthetic import quiet, write_faces


def synthetic_faces():
    with tempfile.TemporaryDirectory() as folder:
        write_faces(folder)
        return torch.from_numpy(data.load(Path(folder), "train").images)


class Cover(unittest.TestCase):
    def test_targets_rise_from_visible_to_hidden(self):
        wanted = cover.targets(torch.tensor([[0.0, 0.0], [0.25, 0.5], [0.425, 0.65], [0.6, 0.8], [1.0, 1.0]]))
        np.testing.assert_allclose(wanted, [[0, 0], [0, 0], [0.5, 0.5], [1, 1], [1, 1]], atol=1e-6)

    def test_batches_have_faces_with_and_without_hidden_parts(self):
        images = synthetic_faces()
        pixels, wanted = cover.draw_batch(images, torch.Generator().manual_seed(1))
        self.assertEqual(pixels.shape, (len(images), 1, 48, 48))
        for part in range(2):
            self.assertTrue((wanted[:, part] == 0).any() and (wanted[:, part] == 1).any())

    def test_training_is_reproducible_and_reduces_the_loss(self):
        images, options = synthetic_faces(), cover.parse(["--epochs", "2"])
        with quiet():
            one, two = cover.train(images, options), cover.train(images, options)
            network = cover.CoverNet()
            optimiser = torch.optim.AdamW(network.parameters())
            losses = [cover.train_epoch(network, network, optimiser, images, epoch, cover.parse(["--epochs", "8"]))
                      for epoch in range(8)]
        for first, second in zip(one.state_dict().values(), two.state_dict().values()):
            self.assertTrue(torch.equal(first, second))
        self.assertLess(losses[-1], losses[0])

    def test_faces_that_are_covered_in_their_photograph_are_left_out(self):
        images = torch.zeros(3, 48, 48, dtype=torch.uint8)
        images[1] = 255

        def network(pixels):
            return torch.where(pixels.mean(dim=(2, 3)) > 100, 5.0, -5.0).expand(-1, 2)

        network.eval = lambda: None
        self.assertEqual(len(cover.uncovered(network, images)), 2)

    def test_the_exported_network_gives_probabilities(self):
        torch.manual_seed(1)
        network = cover.CoverNet().eval()
        model = cover.to_onnx(network)
        self.assertEqual([value.name for value in (*model.graph.input, *model.graph.output)], ["image", "hidden"])
        self.assertNotIn("BatchNormalization", {node.op_type for node in model.graph.node})
        faces = synthetic_faces()[:8]
        with torch.no_grad():
            wanted = torch.sigmoid(network(faces.float().unsqueeze(1)))
        np.testing.assert_allclose(run_model(model, faces.numpy()), wanted, atol=1e-5)


class ShippedFile(unittest.TestCase):
    def test_is_small(self):
        self.assertLess(cover.FILE.stat().st_size, 400_000)

    def test_sees_what_is_in_front_of_the_portrait(self):
        model, crop = onnx.load_model(str(cover.FILE)), alignment.portrait_crop()[None]

        def hidden(occlusion):
            return run_model(model, scenes.apply_to_crops(crop, scenes.Scene(occlusion=occlusion)))[0] > 0.5

        for occlusion, parts in (("", [False, False]), ("mask", [True, False]), ("dark glasses", [False, True])):
            self.assertEqual(hidden(occlusion).tolist(), parts, occlusion)


if __name__ == "__main__":
    unittest.main()
