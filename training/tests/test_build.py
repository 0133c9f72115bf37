"""The one command trains what a recipe goes on from, and stops where the time does."""

import argparse
import unittest
from pathlib import Path
from unittest import mock

import build
import recipes
import train


class Run(unittest.TestCase):
    def setUp(self):
        self.parser = argparse.ArgumentParser()
        train.add_options(self.parser)
        self.trained = []

    def run_words(self, *words, ended=True):
        def pretend(options):
            self.trained.append(options)
            return mock.Mock(epoch=options.epochs if ended else options.epochs - 1)

        with mock.patch.object(build, "train", pretend):
            return build.run(self.parser, list(words))

    def test_a_recipe_goes_on_from_the_one_before(self):
        last = self.run_words("--recipe", "fine", "--run", "runs/x", "--threads", "2", "--lr", "0.5")
        first, second = self.trained
        self.assertIs(second, last)
        self.assertEqual((first.recipe, first.epochs, first.lr, first.threads), ("student", 40, 0.1, 2))
        self.assertEqual((second.lr, second.threads), (0.5, 2))
        self.assertEqual(second.begin, first.run)
        self.assertEqual(first.run, Path("runs/x-student"))

    def test_others_and_given_beginnings_are_one_run(self):
        self.run_words("--recipe", "student")
        self.run_words("--recipe", "fine", "--begin", "runs/y")
        self.assertEqual([o.begin for o in self.trained], [None, Path("runs/y")])

    def test_ended_by_the_time_it_goes_no_further(self):
        self.assertIsNone(self.run_words("--recipe", "fine", ended=False))
        self.assertEqual(len(self.trained), 1)

    def test_every_recipe_before_is_one(self):
        for name, before in recipes.BEFORE.items():
            for part in ("widths", "depths", "attention", "fine_stem", "compact"):
                self.assertEqual(recipes.settings(name)[part], recipes.settings(before)[part])


if __name__ == "__main__":
    unittest.main()
