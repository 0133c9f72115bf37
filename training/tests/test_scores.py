"""Scores and their intervals, compared with values calculated by hand."""

import unittest

import numpy as np

import data
import scores

SIX = {"six": data.LABELS[:6]}


def confident(predictions, confidence=0.8):
    """Probabilities [N, 8] of the predicted labels; NaN where the prediction is -1."""
    rows = np.full((len(predictions), 8), (1 - confidence) / 7)
    rows[np.arange(len(predictions)), predictions] = confidence
    rows[np.array(predictions) < 0] = np.nan
    return rows


class Score(unittest.TestCase):
    LABELS = np.array([0, 0, 0, 1, 1, 2])

    def score(self, predictions, **options):
        return scores.score(confident(predictions), self.LABELS, np.arange(6), SIX, replicates=200, **options)

    def test_a_picture_without_a_face_counts_as_wrong(self):
        measured = self.score([0, 0, -1, 1, 2, 2])
        self.assertEqual((measured["pictures"], measured["found"]), (6, 5))
        self.assertAlmostEqual(measured["accuracy"]["value"], 4 / 6)
        self.assertAlmostEqual(measured["recall"]["neutral"]["value"], 2 / 3)
        self.assertAlmostEqual(measured["macro_recall"]["six"]["value"], (2 / 3 + 1 / 2 + 1) / 3)
        self.assertEqual(measured["confusion"]["neutral"], [2, 0, 0, 0, 0, 0, 0, 0, 1])

    def test_the_calibration_error_is_that_of_found_faces(self):
        self.assertAlmostEqual(self.score([0, 0, -1, 1, 2, 2])["calibration_error"]["value"], 0)
        self.assertAlmostEqual(self.score([0, 0, 0, 1, 1, 2])["calibration_error"]["value"], 0.2)
        self.assertIsNone(self.score([-1] * 6)["calibration_error"])

    def test_intervals_contain_the_estimate_and_are_reproducible(self):
        measured = self.score([0, 0, 1, 1, 2, 2])
        accuracy = measured["accuracy"]
        self.assertLess(accuracy["low"], accuracy["value"])
        self.assertGreater(accuracy["high"], accuracy["value"])
        self.assertEqual(measured, self.score([0, 0, 1, 1, 2, 2]))

    def test_pictures_of_few_units_have_wider_intervals(self):
        labels = np.zeros(200, dtype=int)
        rows = confident(np.repeat(np.arange(20) % 2, 10))

        def width(units):
            accuracy = scores.score(rows, labels, units, {"one": ["neutral"]}, replicates=200)["accuracy"]
            return accuracy["high"] - accuracy["low"]

        self.assertGreater(width(np.repeat(np.arange(20), 10)), 2 * width(np.arange(200)))

    def test_the_lead_is_the_difference_of_macro_recalls(self):
        better, worse = confident([0, 0, 0, 1, 1, 2]), confident([0, 0, 0, 1, 2, -1])
        lead = scores.lead(better, worse, self.LABELS, np.arange(6), data.LABELS[:3], replicates=50)
        self.assertAlmostEqual(lead["value"], 1 - (1 + 1 / 2 + 0) / 3)
        self.assertEqual(scores.lead(better, better, self.LABELS, np.arange(6), data.LABELS[:3], replicates=50),
                         {"value": 0, "low": 0, "high": 0})


class Probabilities(unittest.TestCase):
    def test_missing_labels_have_probability_0_and_missing_faces_are_nan(self):
        rows = scores.probabilities([{"neutral": 1.0, "happiness": 3.0}, None])
        np.testing.assert_allclose(rows[0], [0.25, 0.75, 0, 0, 0, 0, 0, 0])
        self.assertTrue(np.isnan(rows[1]).all())


if __name__ == "__main__":
    unittest.main()
