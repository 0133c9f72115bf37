"""Labels and targets from votes."""

import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import numpy as np

import data

# Votes for neutral, happiness, surprise, sadness, anger, disgust, fear, contempt, unknown and not a face.
CLEAR = [0, 8, 2, 0, 0, 0, 0, 0, 0, 0]
TIE = [0, 0, 0, 5, 5, 0, 0, 0, 0, 0]
TIE_WITH_UNKNOWN = [0, 0, 0, 0, 0, 0, 0, 5, 5, 0]
UNKNOWN = [2, 0, 0, 2, 0, 0, 0, 0, 6, 0]
NOT_A_FACE = [0, 0, 0, 0, 0, 0, 0, 0, 1, 9]
SINGLES = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
OUTLIER = [6, 1, 0, 2, 0, 0, 0, 0, 1, 0]
VOTES = np.array([CLEAR, TIE, TIE_WITH_UNKNOWN, UNKNOWN, NOT_A_FACE, SINGLES, OUTLIER], np.uint8)


class Labels(unittest.TestCase):
    def test_a_tie_goes_to_the_first_class(self):
        self.assertEqual(data.majority(VOTES).tolist(), [1, 3, 7, 8, 9, 0, 0])

    def test_unknown_and_not_a_face_are_left_out(self):
        self.assertEqual(data.is_kept(VOTES).tolist(), [True, True, True, False, False, True, True])

    def test_ties_with_any_column_are_detected(self):
        self.assertEqual(
            data.is_tie(VOTES).tolist(), [False, True, True, False, False, True, False])

    def test_a_majority_is_more_than_half_of_the_votes_without_single_votes(self):
        self.assertEqual(
            data.has_majority(VOTES).tolist(), [True, False, False, False, False, False, True])
        five_of_nine, half, many = [5, 4, 1, 0, 0, 0, 0, 0, 0, 0], [5, 5, 0, 0, 0, 0, 0, 0, 0, 0], [200] + [0] * 9
        self.assertEqual(
            data.has_majority(np.array([five_of_nine, half, many], np.uint8)).tolist(), [True, False, True])


class Targets(unittest.TestCase):
    def test_targets_are_distributions_over_eight_classes(self):
        targets = data.distribution(VOTES[data.is_kept(VOTES)])
        self.assertEqual(targets.shape, (5, 8))
        self.assertEqual(targets.dtype, np.float32)
        np.testing.assert_allclose(targets.sum(axis=1), 1, rtol=1e-6)

    def test_single_votes_are_dropped(self):
        np.testing.assert_allclose(
            data.distribution(VOTES[-1:])[0], [0.75, 0, 0, 0.25, 0, 0, 0, 0], rtol=1e-6)

    def test_single_votes_are_kept_if_there_are_no_others(self):
        np.testing.assert_allclose(data.distribution(VOTES[5:6])[0], [0.125] * 8, rtol=1e-6)


class Loading(unittest.TestCase):
    def test_loads_the_kept_faces_with_their_votes(self):
        images = np.arange(len(VOTES), dtype=np.uint8)[:, None, None] * np.ones((48, 48), np.uint8)
        with tempfile.TemporaryDirectory() as folder:
            np.savez(Path(folder) / "valid.npz", images=images, votes=VOTES)
            split = data.load(folder, "valid")
        self.assertEqual((len(split), split.total), (5, 7))
        self.assertEqual(split.images[:, 0, 0].tolist(), [0, 1, 2, 5, 6])
        self.assertEqual(split.labels.tolist(), [1, 3, 7, 0, 0])

    def test_reports_missing_data(self):
        with tempfile.TemporaryDirectory() as folder, self.assertRaises(SystemExit):
            data.load(folder, "train")

    def test_default_folder_is_that_of_the_environment(self):
        with mock.patch.dict(os.environ, {"EMOSTREAM_FERPLUS": "somewhere"}):
            self.assertEqual(data.default_folder(), Path("somewhere"))


if __name__ == "__main__":
    unittest.main()
