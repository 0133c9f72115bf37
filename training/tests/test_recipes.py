"""The networks and the settings of the recipes."""

import unittest

import torch

import model
import recipes
from tests.synthetic import MIN_CHANNELS, WIDTHS, network, options


class Network(unittest.TestCase):
    def test_maps_faces_to_logits(self):
        self.assertEqual(network()(torch.zeros(3, 1, 48, 48)).shape, (3, 8))

    def test_hardly_depends_on_exposure_and_contrast(self):
        pixels = torch.rand(2, 1, 48, 48, generator=torch.manual_seed(2)) * 100
        plain, brighter = network()(pixels), network()(pixels * 1.5 + 40)
        self.assertTrue(torch.allclose(plain, brighter, atol=0.05))

    def test_gives_finite_logits_for_flat_images(self):
        for level in (0.0, 255.0):
            self.assertTrue(network()(torch.full((1, 1, 48, 48), level)).isfinite().all())

    def test_counts_multiply_adds(self):
        layers = torch.nn.Sequential(
            torch.nn.Conv2d(1, 2, 3, padding=1), torch.nn.Flatten(), torch.nn.Linear(128, 8))
        self.assertEqual(model.count_multiply_adds(layers, 8), 64 * 2 * 9 + 128 * 8)


class Recipes(unittest.TestCase):
    def test_every_recipe_builds_a_network(self):
        for name in recipes.RECIPES:
            with self.subTest(name):
                built = recipes.build_network(recipes.settings(name)).eval()
                self.assertEqual(built(torch.zeros(2, 1, 48, 48)).shape, (2, 8))

    def test_every_setting_has_a_help_text(self):
        self.assertEqual(recipes.SETTINGS.keys(), recipes.RECIPES["baseline"].keys())

    def test_settings_missing_in_older_runs_have_the_baseline_value(self):
        augmentation_range = recipes.augmentation_range_of({"strength": 0.7})
        self.assertEqual((augmentation_range.strength, augmentation_range.occlusion),
                         (0.7, recipes.RECIPES["baseline"]["occlusion"]))

    def test_old_setting_names_are_read(self):
        older = {"cover": 0.1, "sam": 0.5, "lr": 0.2,
                 "begin": {"run": "a", "epochs": 3, "settings": {"share": 0.7, "degrade": 0.2}}}
        self.assertEqual(recipes.with_current_names(older), {
            "occlusion": 0.1, "sam_rho": 0.5, "lr": 0.2,
            "init_from": {"run": "a", "epochs": 3, "settings": {"distill_weight": 0.7, "degradation": 0.2}}})

    def test_the_student_has_fewer_than_two_million_parameters(self):
        student = recipes.build_network(recipes.settings("student"))
        self.assertLess(sum(p.numel() for p in student.parameters()), 2e6)

    def test_arguments_override_the_recipe(self):
        parsed = options("x", "--recipe", "student", "--epochs", "7")
        self.assertEqual((parsed.epochs, parsed.seed, parsed.widths), (7, 5, WIDTHS))

    def test_a_recipe_inherits_the_baseline(self):
        self.assertEqual(recipes.settings("student")["lr"], recipes.settings("baseline")["lr"])
        self.assertEqual(options("x").epochs, 40)

    def test_no_trained_network_has_the_convolutions_that_crash_onednn(self):
        networks = {name: recipes.build_network(recipes.settings(name)) for name in recipes.RECIPES}
        for name, built in {**networks, "the tests' network": network()}.items():
            for layer in built.modules():
                if isinstance(layer, torch.nn.Conv2d) and layer.kernel_size == (1, 1) and layer.stride == (2, 2):
                    self.assertGreaterEqual(layer.in_channels, MIN_CHANNELS, name)


if __name__ == "__main__":
    unittest.main()
