"""Augmentation keeps shapes and value ranges, is reproducible and has the documented effects."""

import math
import unittest
from dataclasses import replace

import torch

import augment
import head_geometry
from augment import AugmentationRange

RANGE = AugmentationRange(strength=1.0, roll=30.0, yaw=45.0, wrinkles=0.5, occlusion=0.5, degradation=0.5)


def faces(count=16):
    return torch.randint(0, 256, (count, 1, 48, 48), generator=torch.manual_seed(3)).float()


class Augmentation(unittest.TestCase):
    def test_keeps_shape_and_value_range(self):
        everything = replace(RANGE, occlusion=1.0, degradation=1.0)
        for change in (augment.add_wrinkles, augment.add_glasses, augment.add_hand, augment.warp, augment.relight,
                       augment.cutout, augment.downscale, augment.expose, augment.compress_jpeg,
                       lambda *batch: augment.augment(*batch, everything)):
            with self.subTest(change.__name__):
                result = change(faces(), torch.Generator().manual_seed(1))
                self.assertEqual(result.shape, (16, 1, 48, 48))
                self.assertEqual(result.dtype, torch.float32)
                self.assertGreaterEqual(result.min().item(), -1e-3)
                self.assertLessEqual(result.max().item(), 255 + 1e-3)

    def test_is_determined_by_the_seed(self):
        one, two, other = (
            augment.augment(faces(), torch.Generator().manual_seed(seed), RANGE)
            for seed in (1, 1, 2))
        self.assertTrue(torch.equal(one, two))
        self.assertFalse(torch.equal(one, other))

    def test_an_empty_range_only_mirrors(self):
        before = faces()
        after = augment.augment(before, torch.Generator().manual_seed(1), AugmentationRange(*[0.0] * 6))
        for x, y in zip(before, after):
            self.assertTrue(
                torch.allclose(x, y, atol=0.05) or torch.allclose(x.flip(2), y, atol=0.05))

    def test_warp_with_zero_limits_only_mirrors(self):
        before = faces()
        after = augment.warp(before, torch.Generator().manual_seed(1), 0.0, 0.0, 0.0, 0.0)
        mirrored = 0
        for x, y in zip(before, after):
            if torch.allclose(x.flip(2), y, atol=0.05):
                mirrored += 1
            else:
                self.assertTrue(torch.allclose(x, y, atol=0.05))
        self.assertTrue(0 < mirrored < 16)

    def test_yaw_keeps_the_midpoint_of_the_eyes(self):
        columns = torch.linspace(-1 + 1 / 48, 1 - 1 / 48, 48).expand(256, 1, 48, 48) * 100 + 100
        turned = augment.warp(columns, torch.Generator().manual_seed(1), 0.0, 0.0, 0.0, 45.0)
        sources = (turned[:, 0, 24] - 100) / 100  # the original coordinate of each column
        centres = torch.linspace(-1 + 1 / 48, 1 - 1 / 48, 48)
        half = head_geometry.HALF_EYE_DISTANCE
        largest = 0.0
        for face in sources:
            left, right = (centres[(face - eye).abs().argmin()].item() for eye in (-half, half))
            self.assertLess(abs(left + right) / 2, 0.05)
            largest = max(largest, math.degrees(math.acos(min(1, abs(right - left) / 2 / half))))
        self.assertTrue(38 < largest < 48)

    def test_glasses_surround_the_eyes(self):
        before = faces(200)
        after = augment.add_glasses(before, torch.Generator().manual_seed(1))
        changed = (before != after)[:, 0].float()
        self.assertTrue((changed.flatten(1).sum(dim=1) > 30).all())
        self.assertEqual(changed[:, 30:].sum().item(), 0)
        lens = changed[:, 19, 15]  # the centre of an eye, which changes only behind tinted lenses
        self.assertTrue(50 < lens.sum().item() < 150)

    def test_a_hand_is_as_bright_as_the_face_and_rarely_on_the_forehead(self):
        before = faces(200) / 2 + 60
        after = augment.add_hand(before, torch.Generator().manual_seed(1))
        changed = (before != after)[:, 0]
        area = changed.float().flatten(1).mean(dim=1)
        self.assertTrue(0.02 < area.min().item() and area.max().item() < 0.5)
        self.assertGreater(changed[:, 32:].float().mean().item(), 20 * changed[:, :8].float().mean().item())
        self.assertLess((after[:, 0][changed].mean() / before.mean() - 1).abs().item(), 0.15)

    def test_occlusion_has_the_given_probability(self):
        before = faces()
        for probability, count in ((0.0, 0), (1.0, 16)):
            after = augment.occlude(before, torch.Generator().manual_seed(1), probability)
            self.assertEqual((after != before).flatten(1).any(dim=1).sum().item(), count)

    def test_wrinkles_are_thin_dark_lines(self):
        flat = torch.full((64, 1, 48, 48), 200.0)
        after = augment.add_wrinkles(flat, torch.Generator().manual_seed(1))
        self.assertTrue((after <= 200).all())
        self.assertGreater(after.min().item(), 100)
        dark = (after < 190).flatten(1).float().mean(dim=1)
        self.assertLess(dark.max().item(), 0.25)
        self.assertGreater(dark.mean().item(), 0.02)

    def test_relighting_adds_a_gradient_and_changes_gamma(self):
        flat = torch.full((64, 1, 48, 48), 100.0)
        lit = augment.relight(flat, torch.Generator().manual_seed(1), 0.0, 0.0, 0.0, 0.5)
        across = (lit[:, 0, 24, 0] - lit[:, 0, 24, 47]).abs()
        self.assertGreater(across.max().item(), 30)
        dark = augment.relight(flat, torch.Generator().manual_seed(1), 0.0, 0.0, 0.4, 0.0)
        self.assertLess(dark.min().item(), 90)
        self.assertGreater(dark.max().item(), 110)

    def test_cutout_covers_a_square(self):
        before = faces()
        after = augment.cutout(before, torch.Generator().manual_seed(1), probability=1.0)
        changed = before != after
        self.assertTrue(changed.flatten(1).any(dim=1).all())
        self.assertLessEqual(changed.flatten(1).sum(dim=1).max().item(), 18 * 18)
        untouched = augment.cutout(before, torch.Generator().manual_seed(1), probability=0.0)
        self.assertTrue(torch.equal(before, untouched))

    def test_downscaling_uses_a_resolution_per_face(self):
        line = torch.zeros(32, 1, 48, 48)
        line[:, :, :, 24] = 255
        after = augment.downscale(line, torch.Generator().manual_seed(1))
        peaks = after[:, 0, 24].max(dim=1).values  # a lower resolution blurs the line and lowers its peak
        self.assertGreater(len(peaks.unique()), 8)
        self.assertTrue(torch.allclose(augment.downscale(line, torch.Generator(), 48, 48), line, atol=1e-3))

    def test_dim_light_loses_levels_and_bright_light_clips(self):
        before = faces()
        dim, bright = (augment.expose(before, torch.Generator().manual_seed(1), light, light, 0.0)
                       for light in (0.125, 2.0))
        self.assertEqual(dim.unique().tolist(), list(range(33)))
        self.assertTrue(((bright == 255) == (before >= 127.5)).all())

    def test_noise_is_proportional_to_the_square_root_of_the_light(self):
        flat = torch.full((400, 1, 48, 48), 100.0)
        noise = [augment.expose(flat, torch.Generator().manual_seed(1), light, light, 15.0).std(dim=(1, 2, 3)).max()
                 for light in (1.0, 0.25)]
        self.assertAlmostEqual(noise[0].item(), 15, delta=0.7)
        self.assertAlmostEqual(noise[1].item(), 7.5, delta=0.4)

    def test_jpeg_losses_decrease_with_the_quality(self):
        before = faces()
        error = [
            (augment.compress_jpeg(before, torch.Generator(), quality, quality) - before).abs().mean().item()
            for quality in (30, 60, 95)]
        self.assertGreater(error[0], error[1])
        self.assertGreater(error[1], error[2])
        self.assertLess(error[2], 8)

    def test_jpeg_keeps_flat_blocks(self):
        flat = torch.full((1, 1, 48, 48), 128.0)
        flat[:, :, :, 24:] = 200.0  # (200 - 128) * 8 is a multiple of 16, the step at quality 50
        self.assertTrue(torch.equal(augment.compress_jpeg(flat, torch.Generator(), 50, 50), flat))

    def test_degradation_has_the_given_probability(self):
        before = faces()
        for probability, count in ((0.0, 0), (1.0, 16)):
            after = augment.degrade(before, torch.Generator().manual_seed(1), probability)
            self.assertEqual((after != before).flatten(1).any(dim=1).sum().item(), count)

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
