"""A CUDA graph gives the results of the computation that it captured."""

import unittest

import torch
from torch import nn

from cuda_graph import CudaGraph
from optimise import compute_gradient


@unittest.skipUnless(torch.cuda.is_available(), "needs a GPU")
class Replay(unittest.TestCase):
    def test_computes_the_gradients_of_other_batches(self):
        torch.manual_seed(1)
        network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(144, 2))
        network = network.cuda()
        batches = torch.rand(3, 16, 1, 8, 8, device="cuda")

        def compute(pixels):
            return compute_gradient(network, lambda: network(pixels).square().mean(), 0.0)

        graph = CudaGraph(compute, batches[0])
        replayed = []
        for batch in batches:
            loss = graph(batch).item()
            replayed.append((loss, [p.grad.clone() for p in network.parameters()]))
        for batch, (loss, gradients) in zip(batches, replayed):
            self.assertAlmostEqual(compute(batch).item(), loss, places=5)
            for p, gradient in zip(network.parameters(), gradients):
                self.assertTrue(torch.allclose(p.grad, gradient, atol=1e-5))


if __name__ == "__main__":
    unittest.main()
