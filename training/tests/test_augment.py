"""Augmentation keeps shapes and ranges, repeats by its seed and does what it says."""

import unittest

import torch

import augment


def faces(count=16):
    return torch.randint(0, 256, (count, 1, 48, 48), generator=torch.manual_seed(3)).float()


class Augmentation(unittest.TestCase):
    def test_shape_and_range(self):
        for change in (augment.warp, augment.light, augment.cutout, augment.small, augment.noise,
                       augment.jpeg, augment.augment):
            with self.subTest(change.__name__):
                result = change(faces(), torch.Generator().manual_seed(1))
                self.assertEqual(result.shape, (16, 1, 48, 48))
                self.assertEqual(result.dtype, torch.float32)
                self.assertGreaterEqual(result.min().item(), -1e-3)
                self.assertLessEqual(result.max().item(), 255 + 1e-3)

    def test_repeats_by_seed(self):
        one, two, other = (
            augment.augment(faces(), torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
        self.assertTrue(torch.equal(one, two))
        self.assertFalse(torch.equal(one, other))

    def test_without_strength_faces_are_mirrored_at_most(self):
        before = faces()
        after = augment.augment(before, torch.Generator().manual_seed(1), strength=0.0)
        for x, y in zip(before, after):
            self.assertTrue(
                torch.allclose(x, y, atol=0.05) or torch.allclose(x.flip(2), y, atol=0.05))

    def test_warp_without_movement_only_mirrors(self):
        before = faces()
        after = augment.warp(before, torch.Generator().manual_seed(1), 0.0, 0.0, 0.0, 0.0)
        mirrored = 0
        for x, y in zip(before, after):
            if torch.allclose(x.flip(2), y, atol=0.05):
                mirrored += 1
            else:
                self.assertTrue(torch.allclose(x, y, atol=0.05))
        self.assertTrue(0 < mirrored < 16)

    def test_warp_to_the_side_keeps_the_eyes(self):
        columns = torch.linspace(-1 + 1 / 48, 1 - 1 / 48, 48).expand(64, 1, 48, 48) * 100 + 100
        turned = augment.warp(columns, torch.Generator().manual_seed(1), 0.0, 0.0, 0.0, 0.3)
        found = (turned[:, 0, 24] - 100) / 100
        eye = round((1 - augment.EYES) * 24 - 0.5)
        for column in (eye, 47 - eye):
            self.assertLess((found[:, column].abs() - augment.EYES).abs().max().item(), 0.03)
        cheeks = found[:, [4, 43]].abs()
        self.assertGreater((cheeks[:, 0] - cheeks[:, 1]).abs().max().item(), 0.1)

    def test_light_falls_from_a_side(self):
        flat = torch.full((64, 1, 48, 48), 100.0)
        lit = augment.light(flat, torch.Generator().manual_seed(1), 0.0, 0.0, 0.0, 0.5)
        across = (lit[:, 0, 24, 0] - lit[:, 0, 24, 47]).abs()
        self.assertGreater(across.max().item(), 30)
        dark = augment.light(flat, torch.Generator().manual_seed(1), 0.0, 0.0, 0.4, 0.0)
        self.assertLess(dark.min().item(), 90)
        self.assertGreater(dark.max().item(), 110)

    def test_cutout_covers_with_the_mean(self):
        before = faces()
        after = augment.cutout(before, torch.Generator().manual_seed(1), chance=1.0)
        changed = before != after
        self.assertTrue(changed.flatten(1).any(dim=1).all())
        self.assertLessEqual(changed.flatten(1).sum(dim=1).max().item(), 18 * 18)
        untouched = augment.cutout(before, torch.Generator().manual_seed(1), chance=0.0)
        self.assertTrue(torch.equal(before, untouched))

    def test_jpeg_rounds_by_the_quality(self):
        before = faces()
        error = [
            (augment.jpeg(before, torch.Generator(), quality, quality) - before).abs().mean().item()
            for quality in (30, 60, 95)]
        self.assertGreater(error[0], error[1])
        self.assertGreater(error[1], error[2])
        self.assertLess(error[2], 8)

    def test_jpeg_keeps_flat_blocks(self):
        flat = torch.full((1, 1, 48, 48), 128.0)
        flat[:, :, :, 24:] = 200.0  # nine steps of 8: kept at quality 50
        self.assertTrue(torch.equal(augment.jpeg(flat, torch.Generator(), 50, 50), flat))

    def test_degrading_strikes_by_chance(self):
        before = faces()
        for chance, struck in ((0.0, 0), (1.0, 16)):
            after = augment.degrade(before, torch.Generator().manual_seed(1), chance)
            self.assertEqual((after != before).flatten(1).any(dim=1).sum().item(), struck)

    def test_mixup_keeps_distributions(self):
        targets = torch.eye(8).repeat(2, 1)
        pixels, mixed = augment.mixup(faces(), targets, torch.Generator().manual_seed(1), 1.0)
        self.assertEqual(pixels.shape, (16, 1, 48, 48))
        self.assertTrue(torch.allclose(mixed.sum(dim=1), torch.ones(16)))
        self.assertTrue((mixed.argmax(dim=1) == targets.argmax(dim=1)).all())
        same, _ = augment.mixup(faces(), targets, torch.Generator().manual_seed(1), 0.0)
        self.assertTrue(torch.equal(same, faces()))


if __name__ == "__main__":
    unittest.main()
