"""What is drawn on faces keeps their value range, is reproducible, and the hidden fractions follow from it."""

import unittest

import torch

import head_geometry
import occluders
from tests.test_augment import faces


def generator(seed=1):
    return torch.Generator().manual_seed(seed)


class Occluders(unittest.TestCase):
    def test_everything_keeps_shape_and_value_range(self):
        for draw, _ in occluders.DRAWN:
            with self.subTest(draw.__name__):
                drawn, opacity = draw(faces(), generator())
                self.assertEqual((drawn.shape, opacity.shape), (faces().shape, faces().shape))
                self.assertTrue(0 <= drawn.min() and drawn.max() <= 255)
                self.assertTrue(0 <= opacity.min() and opacity.max() <= 1)

    def test_everything_changes_faces(self):
        for draw, _ in occluders.DRAWN:
            with self.subTest(draw.__name__):
                changed = (draw(faces(), generator())[0] != faces()).flatten(1).any(dim=1)
                self.assertGreater(changed.float().mean().item(), 0.5)

    def test_pixels_away_from_an_occluder_are_kept(self):
        for draw in (occluders.draw_scarf, occluders.draw_object):
            with self.subTest(draw.__name__):
                drawn, opacity = draw(faces(), generator())
                self.assertTrue(torch.equal(drawn[opacity == 0], faces()[opacity == 0]))

    def test_is_determined_by_the_seed(self):
        one, two, other = (occluders.draw_all(faces(), generator(seed)) for seed in (1, 1, 2))
        self.assertTrue(torch.equal(one[0], two[0]) and torch.equal(one[1], two[1]))
        self.assertFalse(torch.equal(one[0], other[0]))

    def test_drawing_leaves_the_given_faces_alone(self):
        before = faces()
        occluders.draw_all(before, generator())
        self.assertTrue(torch.equal(before, faces()))

    def test_dark_glasses_hide_the_eyes_and_masks_the_mouth(self):
        many = faces(256)
        glasses = occluders.hidden_parts(occluders.draw_dark_glasses(many, generator())[1]).mean(dim=0)
        mask = occluders.hidden_parts(occluders.draw_mask(many, generator())[1]).mean(dim=0)
        self.assertTrue(glasses[0] == 0 and glasses[1] > 0.7, glasses)
        self.assertTrue(mask[0] > 0.8 and mask[1] < 0.1, mask)

    def test_beards_shadows_and_clear_glasses_hide_nothing(self):
        for draw in (occluders.draw_beard, occluders.draw_shadow, occluders.draw_hollows,
                     occluders.draw_clear_glasses, occluders.crop_at_border):
            self.assertEqual(draw(faces(), generator())[1].max(), 0, draw.__name__)

    def test_hidden_parts_are_fractions_of_the_mouth_and_of_both_eyes(self):
        x, y = head_geometry.pixel_centres()
        left = (x < 0).expand(48, 48)
        lower = (y > 0.2).expand(48, 48)
        hidden = occluders.hidden_parts(torch.stack([left, lower, left & lower, left | ~left]).float().unsqueeze(1))
        self.assertEqual(hidden.tolist(), [[0.5, 0.5], [1, 0], [0.5, 0], [1, 1]])

    def test_a_crop_at_the_border_repeats_its_last_row(self):
        cropped, _ = occluders.crop_at_border(faces(), generator())
        self.assertTrue(torch.equal(cropped[:, :, :39], faces()[:, :, :39]))
        self.assertTrue((cropped[:, :, 46] == cropped[:, :, 47]).all(dim=2).any())


if __name__ == "__main__":
    unittest.main()
