"""Metrics, compared with values calculated by hand."""

import unittest

import numpy as np

import metrics


class Metrics(unittest.TestCase):
    LOGITS = np.array([[2.0, 0, 0], [0, 2, 0], [0, 2, 0], [0, 0, 2]])
    LABELS = np.array([0, 1, 2, 2])

    def test_accuracy_and_confusion(self):
        self.assertEqual(metrics.accuracy(self.LOGITS, self.LABELS), 0.75)
        counts = metrics.confusion(self.LOGITS, self.LABELS)
        self.assertEqual(counts.tolist(), [[1, 0, 0], [0, 1, 0], [0, 1, 1]])

    def test_per_class(self):
        recall, precision, f1 = metrics.per_class(
            metrics.confusion(self.LOGITS, self.LABELS))
        np.testing.assert_allclose(recall, [1, 1, 0.5])
        np.testing.assert_allclose(precision, [1, 0.5, 1])
        np.testing.assert_allclose(f1, [1, 2 / 3, 2 / 3])

    def test_per_class_values_are_zero_without_faces(self):
        for values in metrics.per_class(np.zeros((2, 2), int)):
            self.assertEqual(values.tolist(), [0, 0])

    def test_calibration_error(self):
        confident = 50 * np.eye(2)[[0, 0, 0, 0]]
        self.assertAlmostEqual(metrics.calibration_error(confident, np.array([0, 0, 0, 0])), 0)
        self.assertAlmostEqual(metrics.calibration_error(confident, np.array([0, 0, 1, 1])), 0.5)

    def test_reliability(self):
        logits = np.log(np.array([[0.7, 0.3], [0.3, 0.7], [0.9, 0.1]]))
        count, confidence, accuracy = metrics.reliability(logits, np.array([0, 0, 0]), bins=4)
        self.assertEqual(count.tolist(), [0, 0, 2, 1])
        np.testing.assert_allclose(confidence, [0, 0, 0.7, 0.9])
        np.testing.assert_allclose(accuracy, [0, 0, 0.5, 1])

    def test_summary(self):
        summary = metrics.summary(self.LOGITS, self.LABELS)
        self.assertEqual((summary["faces"], summary["accuracy"]), (4, 0.75))
        self.assertAlmostEqual(summary["macro_recall"], 2.5 / 3)
        self.assertLessEqual(summary["log_loss_after"], summary["log_loss_before"])

    def test_summary_at_a_given_temperature(self):
        summary = metrics.summary(self.LOGITS, self.LABELS, 2.0)
        self.assertEqual(summary["temperature"], 2.0)
        self.assertAlmostEqual(summary["log_loss_after"],
                               metrics.log_loss(self.LOGITS / 2, self.LABELS))

    def test_fits_the_temperature_of_sampled_labels(self):
        rng = np.random.default_rng(1)
        logits = rng.normal(size=(20000, 4))
        labels = (metrics.softmax(logits).cumsum(axis=1) < rng.random((20000, 1))).sum(axis=1)
        self.assertAlmostEqual(metrics.fit_temperature(logits * 2.5, labels), 2.5, delta=0.15)
        self.assertLess(metrics.crossfitted_calibration_error(logits * 2.5, labels), 0.02)
        self.assertGreater(metrics.calibration_error(logits * 2.5, labels), 0.1)


if __name__ == "__main__":
    unittest.main()
