"""Eye positions reported by the server are converted to fractions of the crop."""

import unittest

import numpy as np

import measure_eyes


def server_result(confidence=0.9):
    """The result for a 256x200 image with a 128x128 crop in its centre; the crop's top left corner is at (64, 36)."""
    return {"resolution": [256, 200],
            "faces": [{"confidence": confidence, "landmarks": [[104, 86], [152, 86], [128, 100]]}]}


class EyesInCrop(unittest.TestCase):
    def test_positions_are_fractions_of_the_crop(self):
        self.assertTrue(np.allclose(measure_eyes.eyes_in_crop(server_result(), 128),
                                    [[40 / 128, 50 / 128], [88 / 128, 50 / 128]]))

    def test_returns_none_without_a_confident_face(self):
        self.assertIsNone(measure_eyes.eyes_in_crop(server_result(confidence=0.79), 128))
        self.assertIsNone(measure_eyes.eyes_in_crop({**server_result(), "faces": []}, 128))


if __name__ == "__main__":
    unittest.main()
