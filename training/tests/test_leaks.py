"""The guard finds copies of a picture and leaves other faces alone."""

import tempfile
import unittest
from pathlib import Path

import numpy as np

import leaks


def pictures(count, seed):
    """Smooth random pictures uint8 [count, 48, 48]: noise of 6x6 enlarged."""
    small = np.random.default_rng(seed).integers(20, 200, (count, 6, 6))
    return small.repeat(8, axis=1).repeat(8, axis=2).astype(np.uint8)


class NearDuplicates(unittest.TestCase):
    def test_copies_are_found_however_they_were_saved(self):
        known = pictures(20, 1)
        noise = np.random.default_rng(2).integers(-9, 10, known.shape)
        for name, copy in (
            ("the same", known),
            ("noisy", np.clip(known + noise, 0, 255).astype(np.uint8)),
            ("darker and duller", (known * 0.5 + 10).astype(np.uint8)),
        ):
            with self.subTest(name):
                self.assertTrue(leaks.is_near(copy, known[::-1].copy()).all())

    def test_a_watermark_does_not_hide_a_copy(self):
        known = pictures(20, 1)
        marked = known.copy()
        marked[:, 42:46, 8:28] += 50
        self.assertTrue(leaks.is_near(marked, known).all())

    def test_other_faces_stay(self):
        self.assertFalse(leaks.is_near(pictures(50, 1), pictures(50, 2)).any())

    def test_blocks_do_not_matter(self):
        known = pictures(20, 1)
        mixed = np.concatenate([pictures(7, 3), known[:5], pictures(6, 4)])
        expected = [False] * 7 + [True] * 5 + [False] * 6
        for block in (1, 4, 100):
            self.assertEqual(leaks.is_near(mixed, known, block=block).tolist(), expected)

    def test_flat_pictures_and_empty_sets(self):
        flat = np.full((2, 48, 48), 7, np.uint8)
        self.assertFalse(leaks.is_near(flat, flat).any())
        self.assertEqual(leaks.is_near(flat[:0], flat).tolist(), [])
        self.assertEqual(leaks.is_near(flat, flat[:0]).tolist(), [False, False])

    def test_the_splits_are_loaded_apart(self):
        valid, others = pictures(5, 1), pictures(7, 2)
        mixed = np.concatenate([valid[:2], others])
        votes = np.eye(10, dtype=np.uint8)[[0]] * 10
        with tempfile.TemporaryDirectory() as folder:
            for name, images in (("train", mixed), ("valid", valid)):
                np.savez(Path(folder) / f"{name}.npz", images=images,
                         votes=votes.repeat(len(images), axis=0))
            train, scored = leaks.load_apart(folder)
        self.assertTrue((train.images == others).all())
        self.assertEqual((len(train), len(train.votes), len(scored)), (7, 7, 5))


if __name__ == "__main__":
    unittest.main()
