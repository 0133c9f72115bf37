"""Eyes as the server says them become fractions of the frame that was drawn."""

import unittest

import numpy as np

import eyes


def said(confidence=0.9):
    """Of a picture of 256x200 with a frame of 128 pixels in its middle, from (64, 36)."""
    return {"resolution": [256, 200],
            "faces": [{"confidence": confidence, "landmarks": [[104, 86], [152, 86], [128, 100]]}]}


class Eyes(unittest.TestCase):
    def test_are_fractions_of_the_frame(self):
        self.assertTrue(np.allclose(eyes.eyes_of(said(), 128), [[40 / 128, 50 / 128], [88 / 128, 50 / 128]]))

    def test_only_of_a_face_that_is_sure(self):
        self.assertIsNone(eyes.eyes_of(said(confidence=0.79), 128))
        self.assertIsNone(eyes.eyes_of({**said(), "faces": []}, 128))


if __name__ == "__main__":
    unittest.main()
