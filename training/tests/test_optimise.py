"""The parts of an optimisation step, compared with values calculated by hand."""

import unittest

import torch
from torch import nn

import model
import optimise


class Schedule(unittest.TestCase):
    def test_rises_during_warm_up_then_decays(self):
        rates = [optimise.learning_rate(step, 100, 0.1, 0.2) for step in range(100)]
        self.assertEqual(rates.index(max(rates)), 19)
        self.assertAlmostEqual(max(rates), 0.1)
        self.assertLess(rates[0], 0.01)
        self.assertLess(rates[-1], 0.001)


class Freezing(unittest.TestCase):
    def test_only_later_blocks_are_trained_and_batch_norms_keep_their_statistics(self):
        network = model.ExpressionNet([16, 16, 16, 24], depths=[1, 2, 1, 1])
        optimise.freeze(network, 2)
        optimise.set_training_mode(network, 2)
        frozen = {name.rsplit(".", 1)[0] for name, p in network.named_parameters() if not p.requires_grad}
        self.assertTrue(all(name.startswith(("stem.", "blocks.0.", "blocks.1.")) for name in frozen))
        self.assertIn("blocks.1.second.0", frozen)
        before = {name: value.clone() for name, value in network.named_buffers()}
        kernels, others = optimise.parameter_groups(network, 0.1)
        network(torch.rand(4, 1, 48, 48) * 255).sum().backward()
        self.assertTrue(all(p.grad is not None for p in kernels["params"] + others["params"]))
        for name, value in network.named_buffers():
            self.assertTrue(torch.equal(value, before[name]), name)

    def test_without_frozen_blocks_everything_is_trained(self):
        network = model.ExpressionNet([16, 16, 16, 24])
        optimise.freeze(network, 0)
        optimise.set_training_mode(network, 0)
        self.assertTrue(all(p.requires_grad for p in network.parameters()))
        self.assertTrue(all(module.training for module in network.modules()))


class Gradient(unittest.TestCase):
    def setUp(self):
        self.model = nn.Linear(2, 1, bias=False)
        with torch.no_grad():
            self.model.weight.copy_(torch.tensor([[3.0, 4.0]]))

    def loss(self):
        return (self.model.weight**2).sum() / 2  # the gradient is the weight itself

    def test_without_rho_the_gradient_is_the_plain_one(self):
        self.assertAlmostEqual(optimise.compute_gradient(self.model, self.loss, 0.0).item(), 12.5)
        self.assertEqual(self.model.weight.grad.tolist(), [[3.0, 4.0]])

    def test_with_rho_the_gradient_is_taken_one_step_along_it(self):
        self.assertAlmostEqual(optimise.compute_gradient(self.model, self.loss, 0.5).item(), 12.5)
        expected = torch.tensor([[3.3, 4.4]])
        self.assertTrue(torch.allclose(self.model.weight.grad, expected, atol=1e-5))
        self.assertEqual(self.model.weight.tolist(), [[3.0, 4.0]])

    def test_the_second_pass_does_not_update_running_statistics(self):
        pixels = torch.rand(8, 1, 4, 4, generator=torch.manual_seed(1))
        means = []
        for rho in (0.0, 0.1):
            model = nn.Sequential(nn.BatchNorm2d(1), nn.Conv2d(1, 1, 3))
            optimise.compute_gradient(model, lambda: model(pixels).square().mean(), rho)
            means.append(model[0].running_mean.item())
            self.assertEqual(model[0].momentum, 0.1)
        self.assertEqual(means[0], means[1])


class Average(unittest.TestCase):
    def test_averages_with_the_decay(self):
        average, model = nn.Linear(1, 1), nn.Linear(1, 1)
        with torch.no_grad():
            average.weight.fill_(0.0)
            model.weight.fill_(1.0)
        optimise.ema_update(average, model, step=10**6, decay=0.9)
        self.assertAlmostEqual(average.weight.item(), 0.1, places=5)


if __name__ == "__main__":
    unittest.main()
