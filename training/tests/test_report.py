"""The report on one network and on an ensemble."""

import contextlib
import io
import unittest

import numpy as np
import torch

import data
import metrics
import model
import report


def networks(count):
    torch.manual_seed(1)
    return [model.ExpressionNet([4, 4, 8, 8]).eval() for _ in range(count)]


class Report(unittest.TestCase):
    FACES = np.random.default_rng(1).integers(0, 256, (6, 48, 48), dtype=np.uint8)

    def setUp(self):
        self.enterContext(contextlib.redirect_stderr(io.StringIO()))

    def test_an_ensemble_gives_the_mean_probabilities(self):
        one, two = networks(2)
        both = np.exp(report.ensemble_log_probabilities([one, two], self.FACES, False))
        alone = [np.exp(report.ensemble_log_probabilities([network], self.FACES, False)) for network in (one, two)]
        np.testing.assert_allclose(both, np.mean(alone, axis=0), rtol=1e-9)

    def test_flip_averaging_does_not_depend_on_mirroring(self):
        one = report.ensemble_log_probabilities(networks(1), self.FACES, True)
        other = report.ensemble_log_probabilities(networks(1), self.FACES[:, :, ::-1].copy(), True)
        np.testing.assert_allclose(one, other, atol=1e-5)

    def test_text_contains_every_class(self):
        logits = report.ensemble_log_probabilities(networks(1), self.FACES, False)
        text = report.render(metrics.summary(logits, np.array([0, 1, 2, 3, 4, 5])))
        for label in data.LABELS:
            self.assertIn(label, text)
        self.assertIn("6 faces", text)


if __name__ == "__main__":
    unittest.main()
