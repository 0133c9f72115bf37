"""Scores against values worked out by hand."""

import unittest

import numpy as np

import evaluate


class Scores(unittest.TestCase):
    LOGITS = np.array([[2.0, 0, 0], [0, 2, 0], [0, 2, 0], [0, 0, 2]])
    LABELS = np.array([0, 1, 2, 2])

    def test_accuracy_and_confusion(self):
        self.assertEqual(evaluate.accuracy(self.LOGITS, self.LABELS), 0.75)
        counts = evaluate.confusion(self.LOGITS, self.LABELS)
        self.assertEqual(counts.tolist(), [[1, 0, 0], [0, 1, 0], [0, 1, 1]])

    def test_per_class(self):
        recall, precision, f1 = evaluate.per_class(
            evaluate.confusion(self.LOGITS, self.LABELS))
        np.testing.assert_allclose(recall, [1, 1, 0.5])
        np.testing.assert_allclose(precision, [1, 0.5, 1])
        np.testing.assert_allclose(f1, [1, 2 / 3, 2 / 3])

    def test_per_class_without_faces(self):
        for values in evaluate.per_class(np.zeros((2, 2), int)):
            self.assertEqual(values.tolist(), [0, 0])

    def test_calibration_error(self):
        sure = 50 * np.eye(2)[[0, 0, 0, 0]]
        self.assertAlmostEqual(evaluate.calibration_error(sure, np.array([0, 0, 0, 0])), 0)
        self.assertAlmostEqual(evaluate.calibration_error(sure, np.array([0, 0, 1, 1])), 0.5)

    def test_reliability(self):
        logits = np.log(np.array([[0.7, 0.3], [0.3, 0.7], [0.9, 0.1]]))
        count, confidence, right = evaluate.reliability(logits, np.array([0, 0, 0]), bins=4)
        self.assertEqual(count.tolist(), [0, 0, 2, 1])
        np.testing.assert_allclose(confidence, [0, 0, 0.7, 0.9])
        np.testing.assert_allclose(right, [0, 0, 0.5, 1])

    def test_summary(self):
        found = evaluate.summary(self.LOGITS, self.LABELS)
        self.assertEqual((found["faces"], found["accuracy"]), (4, 0.75))
        self.assertAlmostEqual(found["macro_recall"], 2.5 / 3)
        self.assertLessEqual(found["log_loss_after"], found["log_loss_before"])

    def test_summary_at_a_given_temperature(self):
        found = evaluate.summary(self.LOGITS, self.LABELS, 2.0)
        self.assertEqual(found["temperature"], 2.0)
        self.assertAlmostEqual(found["log_loss_after"],
                               evaluate.log_loss(self.LOGITS / 2, self.LABELS))

    def test_temperature_of_drawn_labels(self):
        chance = np.random.default_rng(1)
        logits = chance.normal(size=(20000, 4))
        drawn = (evaluate.softmax(logits).cumsum(axis=1) < chance.random((20000, 1))).sum(axis=1)
        self.assertAlmostEqual(evaluate.fit_temperature(logits * 2.5, drawn), 2.5, delta=0.15)
        self.assertLess(evaluate.crossfitted_calibration_error(logits * 2.5, drawn), 0.02)
        self.assertGreater(evaluate.calibration_error(logits * 2.5, drawn), 0.1)


if __name__ == "__main__":
    unittest.main()
