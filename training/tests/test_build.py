"""The build command: its steps, their order, and where it stops."""

import contextlib
import io
import unittest
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import build


class Build(unittest.TestCase):
    def run_build(self, *arguments, epoch=160, program_exists=True):
        """Runs the build with mocked steps; returns their names in order, the training options and the mock."""
        steps = mock.Mock()
        steps.train.side_effect = lambda options: SimpleNamespace(epoch=epoch)
        steps.robustness.server_program.return_value = Path(__file__ if program_exists else "/nowhere/emostream")
        with mock.patch.multiple(build, train=steps.train, export=steps.export, robustness=steps.robustness,
                                 card=steps.card), contextlib.redirect_stderr(io.StringIO()):
            build.main(["--run", "somewhere", *arguments])
        names = [call[0] for call in steps.mock_calls]
        return names, steps.train.call_args.args[0], steps

    def test_trains_exports_measures_and_writes_the_card(self):
        names, options, steps = self.run_build()
        self.assertEqual(names, ["train", "export", "robustness.server_program", "robustness.main", "card"])
        self.assertEqual((options.epochs, options.seed), (160, 5))
        self.assertEqual(steps.card.call_args.args[0], Path("somewhere"))

    def test_an_unfinished_run_is_not_exported(self):
        self.assertEqual(self.run_build("--minutes", "1", epoch=3)[0], ["train"])

    def test_without_the_server_the_robustness_is_not_measured(self):
        self.assertNotIn("robustness.main", self.run_build(program_exists=False)[0])

    def test_rejects_networks_fine_tuned_from_third_party_weights(self):
        with self.assertRaises(SystemExit):
            self.run_build("--recipe", "recognition")


if __name__ == "__main__":
    unittest.main()
