"""Soft labels: writing, reading, and training on them."""

import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

import data
import distill
import model
import train
from tests.synthetic import RANGE, WIDTHS, network, options, quiet, write_faces


class SoftLabels(unittest.TestCase):
    def test_a_view_is_determined_by_its_number(self):
        faces = torch.randint(0, 256, (5, 48, 48), dtype=torch.uint8)
        self.assertTrue(torch.equal(distill.augmented_view(faces, 3, RANGE), distill.augmented_view(faces, 3, RANGE)))
        self.assertFalse(torch.equal(distill.augmented_view(faces, 3, RANGE), distill.augmented_view(faces, 4, RANGE)))

    def test_a_student_trains_on_soft_labels(self):
        with tempfile.TemporaryDirectory() as folder, quiet():
            write_faces(folder)
            faces = data.load(folder, "train")
            file = Path(folder) / "soft-labels.npz"
            distill.write_soft_labels([network(), network()], ["a", "b"], faces.images, 1, file, RANGE)
            distill.write_soft_labels([network(), network()], ["a", "b"], faces.images, 2, file, RANGE)  # adds a view
            images, targets = distill.SoftLabels([file], torch.from_numpy(faces.images)).view(
                3, torch.from_numpy(faces.images))
            expected = torch.softmax(network()(images.float().unsqueeze(1)), dim=1)
            self.assertTrue(torch.allclose(targets, expected, atol=0.01))
            arguments = ["--soft-labels", str(file), "--epochs", "1"]
            self.assertEqual(train.train(options(folder, *arguments)).epoch, 1)
            with self.assertRaises(SystemExit):  # the run cannot be resumed without the soft labels
                train.train(options(folder, "--epochs", "1", "--resume"))

    def test_rejects_soft_labels_of_other_faces(self):
        with tempfile.TemporaryDirectory() as folder, quiet():
            faces = np.zeros((3, 48, 48), np.uint8)
            distill.write_soft_labels([network()], ["a"], faces, 1, Path(folder) / "soft-labels.npz", RANGE)
            with self.assertRaises(SystemExit):
                distill.SoftLabels([Path(folder) / "soft-labels.npz"], torch.from_numpy(faces + 1))

    def rewrite(self, file, change):
        """Replaces the arrays of a file by `change(arrays)`."""
        with np.load(file) as arrays:
            changed = change({name: arrays[name] for name in arrays.files})
        np.savez(file, **changed)

    def test_rejects_files_without_the_complete_augmentation_range(self):
        with tempfile.TemporaryDirectory() as folder, quiet():
            faces, file = np.zeros((3, 48, 48), np.uint8), Path(folder) / "soft-labels.npz"
            distill.write_soft_labels([network()], ["a"], faces, 1, file, RANGE)
            self.rewrite(file, lambda arrays: {n: a for n, a in arrays.items() if n != "occlusion"})
            with self.assertRaisesRegex(SystemExit, "earlier"):
                distill.SoftLabels([file], torch.from_numpy(faces))

    def test_reads_files_with_old_setting_names(self):
        with tempfile.TemporaryDirectory() as folder, quiet():
            faces, file = np.zeros((3, 48, 48), np.uint8), Path(folder) / "soft-labels.npz"
            distill.write_soft_labels([network()], ["a"], faces, 1, file, RANGE)
            old = {"occlusion": "cover", "degradation": "degrade"}
            self.rewrite(file, lambda arrays: {old.get(n, n): a for n, a in arrays.items()})
            self.assertEqual(distill.read_soft_labels(file, torch.from_numpy(faces))[2], RANGE)

    def test_files_are_weighted_by_their_number_of_teachers(self):
        with tempfile.TemporaryDirectory() as folder, quiet():
            faces = np.random.default_rng(1).integers(0, 256, (6, 48, 48), dtype=np.uint8)
            files = [Path(folder) / "one.npz", Path(folder) / "two.npz"]
            first, second = network(), model.ExpressionNet(WIDTHS).eval()
            distill.write_soft_labels([first], ["a"], faces, 1, files[0], RANGE)
            distill.write_soft_labels([second, second], ["b", "c"], faces, 1, files[1], RANGE)
            images, targets = distill.SoftLabels(files, torch.from_numpy(faces)).view(
                0, torch.from_numpy(faces))
            one, two = (torch.softmax(n(images.float().unsqueeze(1)), dim=1)
                        for n in (first, second))
            self.assertTrue(torch.allclose(targets, (one + 2 * two) / 3, atol=0.01))
            distill.write_soft_labels([first], ["a"], faces, 2, files[0], RANGE)
            with self.assertRaises(SystemExit):  # the files have different numbers of views
                distill.SoftLabels(files, torch.from_numpy(faces))


if __name__ == "__main__":
    unittest.main()
