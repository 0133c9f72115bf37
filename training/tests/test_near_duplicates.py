"""Near-duplicates are found, other faces are not."""

import tempfile
import unittest
from pathlib import Path

import numpy as np

import near_duplicates


def images(count, seed):
    """Random images uint8 [count, 48, 48]: enlarged 6x6 noise."""
    small = np.random.default_rng(seed).integers(20, 200, (count, 6, 6))
    return small.repeat(8, axis=1).repeat(8, axis=2).astype(np.uint8)


class NearDuplicates(unittest.TestCase):
    def test_finds_copies_with_noise_or_other_contrast(self):
        known = images(20, 1)
        noise = np.random.default_rng(2).integers(-9, 10, known.shape)
        for name, copy in (
            ("identical", known),
            ("noisy", np.clip(known + noise, 0, 255).astype(np.uint8)),
            ("darker, with less contrast", (known * 0.5 + 10).astype(np.uint8)),
        ):
            with self.subTest(name):
                self.assertTrue(near_duplicates.has_near_duplicate(copy, known[::-1].copy()).all())

    def test_finds_copies_with_a_watermark(self):
        known = images(20, 1)
        marked = known.copy()
        marked[:, 42:46, 8:28] += 50
        self.assertTrue(near_duplicates.has_near_duplicate(marked, known).all())

    def test_other_images_are_not_near_duplicates(self):
        self.assertFalse(near_duplicates.has_near_duplicate(images(50, 1), images(50, 2)).any())

    def test_the_result_does_not_depend_on_the_block_size(self):
        known = images(20, 1)
        mixed = np.concatenate([images(7, 3), known[:5], images(6, 4)])
        expected = [False] * 7 + [True] * 5 + [False] * 6
        for block in (1, 4, 100):
            self.assertEqual(near_duplicates.has_near_duplicate(mixed, known, block=block).tolist(), expected)

    def test_accepts_flat_images_and_empty_sets(self):
        flat = np.full((2, 48, 48), 7, np.uint8)
        self.assertFalse(near_duplicates.has_near_duplicate(flat, flat).any())
        self.assertEqual(near_duplicates.has_near_duplicate(flat[:0], flat).tolist(), [])
        self.assertEqual(near_duplicates.has_near_duplicate(flat, flat[:0]).tolist(), [False, False])

    def test_loads_the_train_split_without_near_duplicates_of_valid(self):
        valid, others = images(5, 1), images(7, 2)
        mixed = np.concatenate([valid[:2], others])
        votes = np.eye(10, dtype=np.uint8)[[0]] * 10
        with tempfile.TemporaryDirectory() as folder:
            for name, pixels in (("train", mixed), ("valid", valid)):
                np.savez(Path(folder) / f"{name}.npz", images=pixels,
                         votes=votes.repeat(len(pixels), axis=0))
            train, loaded_valid = near_duplicates.load_deduplicated(folder)
        self.assertTrue((train.images == others).all())
        self.assertEqual((len(train), len(train.votes), len(loaded_valid)), (7, 7, 5))


if __name__ == "__main__":
    unittest.main()
