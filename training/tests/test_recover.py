"""A network that is recovered from its exported model."""

import unittest

import numpy as np
import torch

import export
import recipes
import recover
from quantise import quantise
from recipes import build_network
from tests.test_quantise import faces, with_random_batch_norms

VALUES = {**recipes.settings("student"), "widths": [8, 16, 16, 24], "depths": [1, 2, 1, 1]}


class Recover(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        torch.manual_seed(1)
        cls.network = with_random_batch_norms(build_network(VALUES))
        cls.model = export.to_onnx(export.with_temperature(cls.network, 0.5), temperature=0.5)
        cls.pixels = torch.from_numpy(faces(16)).float().unsqueeze(1)

    @torch.no_grad()
    def test_gives_the_logits_of_the_lost_network(self):
        recovered = recover.recover(self.model, faces(64), VALUES)
        np.testing.assert_allclose(recovered(self.pixels), self.network(self.pixels), atol=1e-3)

    @torch.no_grad()
    def test_gives_almost_the_logits_of_a_network_that_was_quantised(self):
        recovered = recover.recover(quantise(self.model, faces()), faces(64), VALUES)
        expected = self.network(self.pixels)
        self.assertLess(((recovered(self.pixels) - expected).std() / expected.std()).item(), 0.03)

    @torch.no_grad()
    def test_a_recovered_network_gives_the_same_logits_in_training(self):
        recovered = build_network({**VALUES, "dropout": 0.0})
        recover.load_weights(recovered, self.model)
        recover.measure_statistics(recovered, self.pixels)
        expected = self.network(self.pixels)
        difference = recovered.train()(self.pixels) - expected
        self.assertLess((difference.std() / expected.std()).item(), 0.01)

    def test_rejects_a_model_of_another_architecture(self):
        with self.assertRaises((ValueError, RuntimeError)):
            recover.recover(self.model, faces(8), {**VALUES, "depths": [1, 1, 1, 1]})


if __name__ == "__main__":
    unittest.main()
