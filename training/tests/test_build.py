"""The one command: what it does, in which order, and where it stops."""

import contextlib
import io
import unittest
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import build


class Build(unittest.TestCase):
    def built(self, *words, epochs_done=160, program=True):
        """The parts that were run, in order, and the options of the training."""
        done = mock.Mock()
        done.train.side_effect = lambda options: SimpleNamespace(epoch=epochs_done)
        done.robustness.program.return_value = Path(__file__ if program else "/nowhere/emostream")
        with mock.patch.multiple(build, train=done.train, export=done.export, robustness=done.robustness,
                                 card=done.card), contextlib.redirect_stderr(io.StringIO()):
            build.main(["--run", "somewhere", *words])
        parts = [call[0] for call in done.mock_calls]
        return parts, done.train.call_args.args[0], done

    def test_trains_exports_measures_and_tells(self):
        parts, options, done = self.built()
        self.assertEqual(parts, ["train", "export", "robustness.program", "robustness.main", "card"])
        self.assertEqual((options.epochs, options.seed), (160, 5))
        self.assertEqual(done.card.call_args.args[0], Path("somewhere"))

    def test_an_unfinished_run_makes_nothing(self):
        self.assertEqual(self.built("--minutes", "1", epochs_done=3)[0], ["train"])

    def test_without_the_server_its_robustness_is_not_measured(self):
        self.assertNotIn("robustness.main", self.built(program=False)[0])

    def test_weights_of_others_are_refused(self):
        with self.assertRaises(SystemExit):
            self.built("--recipe", "recognition")


if __name__ == "__main__":
    unittest.main()
