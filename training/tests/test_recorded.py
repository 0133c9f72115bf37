"""A recorded computation gives what the same computation gives by itself."""

import unittest

import torch
from torch import nn

from optimise import gradient
from recorded import Recorded


@unittest.skipUnless(torch.cuda.is_available(), "needs a GPU")
class Recording(unittest.TestCase):
    def test_gradients_of_other_batches(self):
        torch.manual_seed(1)
        network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(144, 2))
        network = network.cuda()
        batches = torch.rand(3, 16, 1, 8, 8, device="cuda")

        def compute(pixels):
            return gradient(network, lambda: network(pixels).square().mean(), 0.0)

        recorded = Recorded(compute, batches[0])
        seen = []
        for batch in batches:
            loss = recorded(batch).item()
            seen.append((loss, [p.grad.clone() for p in network.parameters()]))
        for batch, (loss, slopes) in zip(batches, seen):
            self.assertAlmostEqual(compute(batch).item(), loss, places=5)
            for p, slope in zip(network.parameters(), slopes):
                self.assertTrue(torch.allclose(p.grad, slope, atol=1e-5))


if __name__ == "__main__":
    unittest.main()
