"""The model card of a training run."""

import json
import tempfile
import unittest
from pathlib import Path

import onnx
import torch

import card
import data
import distill
import export
import predict
import recipes
import recognition
import train
from onnx_graph import OnnxModule
from tests.synthetic import options, quiet, write_faces


class Text(unittest.TestCase):
    def test_describes_the_techniques_that_the_baseline_does_not_use(self):
        self.assertEqual(card.training_details(recipes.settings("baseline")), "")
        distilled = {**recipes.settings("student"), "sam_rho": 0.1, "sam_start": 0.75, "distill_weight": 0.7,
                     "views": 32, "teachers": ["a", "b"]}
        text = card.training_details(distilled)
        for part in ("majority label has a weight of 6.00 % in each target",
                     "(SAM) with radius 0.1 in the last 25.00 %",
                     "2 networks", "over 32 augmentations of the training faces: a, b.",
                     "70.00 % of each target is the mean prediction",
                     "Glasses, and a hand in front of the face, each on 10.00 % of the faces"):
            self.assertIn(part, text)
        self.assertNotIn(recognition.NAME, text)
        self.assertEqual(card.teacher_licence(distilled), "")

    def test_describes_photographs_and_the_teacher(self):
        settings = {**recipes.settings("student"), "balance": 0.5, "photograph_crops": 1234, "teacher_weight": 0.25,
                    "wrinkles": 0.2, "frozen_blocks": 3}
        text = card.training_details(settings)
        for part in ("n^0.5 are drawn", "from 1234 photographs", "25.00 % of each target are the probabilities",
                     "a weight of 15.00 % in each target", "first 3 blocks stay fixed", "Wrinkles on 20.00 %"):
            self.assertIn(part, text)
        later = {**recipes.settings("student"), "init_from": {"settings": settings}}
        for part in ("Apache-2.0", "face-api"):
            self.assertIn(part, card.teacher_licence(later))

    def test_describes_the_correction_of_the_prior(self):
        self.assertIn("0.25 of the logarithm", card.prior_correction(0.25))
        self.assertEqual(card.prior_correction(0.0), "")

    def test_describes_the_augmentation_range(self):
        self.assertIn("roll up to ±30° and yaw up to ±45°", card.augmentation(recipes.settings("student")))

    def test_describes_the_run_that_the_initial_weights_come_from(self):
        distilled = {**recipes.settings("student"), "distill_weight": 0.7, "views": 2, "teachers": [
            f"r (fine-tuned {recognition.NAME})"]}
        later = {**recipes.settings("student"),
                 "init_from": {"run": "distilled", "epochs": 64, "settings": distilled}}
        text = card.training_details(later)
        for part in ("`distilled`, of 64 epochs. ", "1 network for", recognition.ORIGIN):
            self.assertIn(part, text)
        self.assertIn("VGGFace2", card.teacher_licence(later))

    def test_names_the_origin_of_fine_tuned_teachers(self):
        fine_tuned = distill.describe_teacher(Path("runs/r"), recipes.settings("recognition"))
        from_scratch = distill.describe_teacher(Path("runs/s"), recipes.settings("student"))
        self.assertEqual(from_scratch, "s")
        text = card.training_details({**recipes.settings("student"), "distill_weight": 0.7, "views": 2,
                                      "teachers": [from_scratch, fine_tuned]})
        self.assertIn(recognition.ORIGIN, text)


class Card(unittest.TestCase):
    def test_writes_the_card_only_for_the_exported_run(self):
        with tempfile.TemporaryDirectory() as folder, quiet():
            write_faces(folder)
            train.train(options(folder, "--epochs", "1"))
            output = Path(folder) / "output"
            export.export(Path(folder) / "run", folder, output)
            card.card(Path(folder) / "run", folder, output)
            names = {path.name for path in output.iterdir()}
            self.assertEqual(names, {"model.onnx", "model.toml", "golden.json", "README.md",
                                     "metrics.json", "training.png", "confusion.png",
                                     "reliability.png"})
            metrics = json.loads((output / "metrics.json").read_text())
            self.assertEqual(metrics["faces"], 32)
            text = (output / "README.md").read_text()
            self.assertIn(card.percent(metrics["accuracy"]), text)
            self.assertIn("8 bits", text)
            onnx.checker.check_model(str(output / "model.onnx"))
            other = options(folder, "--epochs", "1", "--seed", "2", "--run", str(Path(folder) / "other"))
            train.train(other)
            with self.assertRaisesRegex(SystemExit, "another run"):
                card.card(other.run, folder, output)

    def test_exported_network_predicts_almost_like_the_trained_one(self):
        with tempfile.TemporaryDirectory() as folder, quiet():
            write_faces(folder)
            train.train(options(folder, "--epochs", "1"))
            faces = data.load(folder, "valid").images
            trained = predict.predict(predict.load_network(Path(folder) / "run")[0], faces, torch.device("cpu"))
            for float32, minimum, maximum in ((True, 0, 1e-4), (False, 1e-5, 0.1)):
                export.export(Path(folder) / "run", folder, Path(folder) / "output", float32)
                exported = OnnxModule(onnx.load_model(str(Path(folder) / "output" / "model.onnx")))
                self.assertEqual("8 bits" in card.arithmetic(exported), not float32)
                difference = (predict.predict(exported, faces, torch.device("cpu")) - trained).abs().max().item()
                self.assertTrue(minimum <= difference <= maximum, difference)


if __name__ == "__main__":
    unittest.main()
