"""The faces of a run, their targets and how often they are drawn."""

import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

import data
import photograph_crops
import teacher_labels
import train
from predict import load_network
from recipes import build_network
from tests.synthetic import options, quiet, write_faces
from training_set import TrainingSet, draw_weights


class Teacher(torch.nn.Module):
    """Gives every face the same probabilities."""

    def __init__(self, probabilities):
        super().__init__()
        self.probabilities = torch.tensor(probabilities)

    def forward(self, pixels):
        return self.probabilities.log().expand(len(pixels), -1)


class DrawWeights(unittest.TestCase):
    labels = np.array([0] * 64 + [1] * 4 + [0] * 9 + [2])
    photograph = np.arange(78) >= 68

    def share(self, weights, label, photograph):
        return weights[(self.labels == label) & (self.photograph == photograph)].sum()

    def test_photographs_have_their_share(self):
        for share in (0, 0.3):
            weights = draw_weights(self.labels, self.photograph, 0.5, share)
            self.assertAlmostEqual(weights.sum(), 1)
            self.assertAlmostEqual(weights[self.photograph].sum(), share)

    def test_without_balance_the_faces_of_a_source_are_drawn_equally_often(self):
        weights = draw_weights(self.labels, self.photograph, 0, 0.3)
        self.assertEqual(len(np.unique(weights.round(9))), 2)

    def test_balance_is_a_power_of_the_number_of_faces(self):
        for balance, ratio in ((0.5, 4), (1, 1)):
            weights = draw_weights(self.labels, self.photograph, balance, 0.3)
            self.assertAlmostEqual(self.share(weights, 0, False) / self.share(weights, 1, False), ratio)
            self.assertAlmostEqual(self.share(weights, 0, True) / self.share(weights, 2, True), 9 ** (1 - balance))


class Set(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        write_faces(self.folder)
        self.faces = data.load(self.folder, "train")
        self.crops = self.folder / "photographs.npz"
        np.savez(self.crops, images=self.faces.images[:6], labels=[2, 2, 2, 2, 2, 4],
                 large=np.zeros((6, 112, 112), np.uint8))

    def make(self, *arguments):
        return TrainingSet(self.faces, options(self.folder, *arguments))

    def test_an_epoch_has_each_face_once_unless_something_is_balanced(self):
        found = self.make()
        self.assertEqual(sorted(found.order(torch.Generator().manual_seed(1)).tolist()), list(range(96)))
        self.assertEqual(found.sources, {})

    def test_photographs_follow_the_faces(self):
        found = self.make("--photograph-crops", str(self.crops), "--photographs", "0.5", "--limit", "30")
        self.assertEqual(len(found.images), 36)
        self.assertEqual(found.targets[30:].argmax(axis=1).tolist(), [2, 2, 2, 2, 2, 4])
        self.assertEqual(found.sources, {"photograph_crops": 6})
        self.assertIn(found.order(torch.Generator().manual_seed(1)).ge(30).sum(), range(10, 27))

    def test_teacher_labels_change_the_targets(self):
        path = self.folder / "teacher.npz"
        labels = [0.5, 0.3, 0.2, 0, 0, 0, 0, 0]
        with quiet():
            teacher_labels.write(path, Teacher(labels), self.faces.images, [self.faces.images])
        found = self.make("--teacher-labels", str(path), "--teacher-weight", "0.7")
        np.testing.assert_allclose(found.targets, 0.3 * self.faces.targets + 0.7 * np.float32(labels), atol=1e-3)
        with self.assertRaisesRegex(SystemExit, "other faces"):
            self.make("--teacher-labels", str(path), "--limit", "30")


    def test_a_run_trains_on_them_and_keeps_frozen_blocks(self):
        with quiet():
            run = train.train(options(self.folder, "--photograph-crops", str(self.crops), "--balance", "0.5",
                                      "--frozen-blocks", "1", "--epochs", "1"))
        network, state = load_network(run.options.run)
        self.assertEqual((state["settings"]["photograph_crops"], state["faces"]), (6, 96))
        torch.manual_seed(run.options.seed)
        untrained = build_network(vars(run.options)).state_dict()
        changed = {name for name, value in network.state_dict().items() if not torch.equal(value, untrained[name])}
        self.assertTrue(changed)
        self.assertFalse([name for name in changed if name.startswith(("stem.", "blocks.0."))])


class Photographs(unittest.TestCase):
    def test_a_label_counts_as_all_votes(self):
        split = photograph_crops.as_split(np.zeros((2, 48, 48), np.uint8), [7, 3])
        self.assertEqual(split.labels.tolist(), [7, 3])
        np.testing.assert_array_equal(split.targets, np.eye(8)[[7, 3]])

    def test_a_missing_file_names_the_command_that_writes_it(self):
        with self.assertRaisesRegex(SystemExit, "photograph_crops.py"):
            photograph_crops.read("missing.npz")


class Mix(unittest.TestCase):
    def test_the_target_of_contempt_does_not_change(self):
        targets = np.float32([[0.5, 0.1, 0, 0, 0, 0, 0, 0.4], [1, 0, 0, 0, 0, 0, 0, 0]])
        labels = np.float32([[0, 1, 0, 0, 0, 0, 0, 0]] * 2)
        mixed = teacher_labels.mix(targets, labels, 0.25)
        np.testing.assert_allclose(mixed[0, [0, 1, 7]], [0.375, 0.225, 0.4], atol=1e-6)
        np.testing.assert_allclose(mixed.sum(axis=1), 1, atol=1e-6)


if __name__ == "__main__":
    unittest.main()
