"""The network, its training, its export and its card, on synthetic faces."""

import argparse
import contextlib
import io
import json
import tempfile
import tomllib
import unittest
from pathlib import Path

import numpy as np
import onnx
import torch

import card
import data
import export
import model
import train

WIDTHS = [4, 4, 8, 8]


def network():
    torch.manual_seed(1)
    return model.ExpressionNet(WIDTHS).eval()


def write_faces(folder):
    """Stripes at one of two angles under noise: 96 faces to learn, 32 to score."""
    chance = np.random.default_rng(1)
    y, x = np.mgrid[:48, :48]
    for name, count in (("train", 96), ("valid", 32)):
        kinds = np.arange(count) % 2
        stripes = np.where(kinds[:, None, None] == 0, x % 8 * 32, y % 8 * 32)
        images = np.clip(stripes + chance.normal(0, 20, (count, 48, 48)), 0, 255)
        votes = np.zeros((count, 10), np.uint8)
        votes[np.arange(count), kinds] = 10
        np.savez(Path(folder) / f"{name}.npz", images=images.astype(np.uint8), votes=votes)


def options(folder, *words):
    parser = argparse.ArgumentParser()
    train.add_options(parser)
    return parser.parse_args([
        "--data", str(folder), "--run", str(Path(folder) / "run"), "--batch", "32",
        "--widths", *map(str, WIDTHS), "--full-precision", *words])


@contextlib.contextmanager
def quiet():
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


class Network(unittest.TestCase):
    def test_shapes(self):
        self.assertEqual(network()(torch.zeros(3, 1, 48, 48)).shape, (3, 8))

    def test_exposure_and_contrast_hardly_matter(self):
        pixels = torch.rand(2, 1, 48, 48, generator=torch.manual_seed(2)) * 100
        plain, brighter = network()(pixels), network()(pixels * 1.5 + 40)
        self.assertTrue(torch.allclose(plain, brighter, atol=0.05))

    def test_flat_images_stay_finite(self):
        for level in (0.0, 255.0):
            self.assertTrue(network()(torch.full((1, 1, 48, 48), level)).isfinite().all())

    def test_multiply_adds(self):
        layers = torch.nn.Sequential(
            torch.nn.Conv2d(1, 2, 3, padding=1), torch.nn.Flatten(), torch.nn.Linear(128, 8))
        self.assertEqual(model.count_multiply_adds(layers, 8), 64 * 2 * 9 + 128 * 8)


class Schedule(unittest.TestCase):
    def test_rises_then_falls(self):
        rates = [train.learning_rate(step, 100, 0.1, 0.2) for step in range(100)]
        self.assertEqual(rates.index(max(rates)), 19)
        self.assertAlmostEqual(max(rates), 0.1)
        self.assertLess(rates[0], 0.01)
        self.assertLess(rates[-1], 0.001)


class Training(unittest.TestCase):
    def test_resumed_run_equals_whole_run(self):
        with tempfile.TemporaryDirectory() as folder, quiet():
            write_faces(folder)
            whole = train.train(options(folder, "--epochs", "2"))
            split = data.load(folder, "train"), data.load(folder, "valid")
            stopped = train.Run(options(folder, "--epochs", "2"), *split)
            stopped.options.run = Path(folder) / "stopped"
            loss = stopped.train_epoch()
            stopped.epoch = 1
            stopped.save()
            again = train.Run(stopped.options, *split)
            again.resume()
            again.go()
            self.assertEqual(again.epoch, 2)
            self.assertAlmostEqual(loss, whole.log[0]["train_loss"], places=4)
            for one, two in zip(whole.average.parameters(), again.average.parameters()):
                self.assertTrue(torch.allclose(one, two, atol=1e-6))

    def test_resuming_with_other_settings_is_refused(self):
        with tempfile.TemporaryDirectory() as folder, quiet():
            write_faces(folder)
            train.train(options(folder, "--epochs", "1"))
            with self.assertRaises(SystemExit):
                train.train(options(folder, "--epochs", "1", "--lr", "0.5", "--resume"))


class Export(unittest.TestCase):
    def test_graph(self):
        graph = export.to_onnx(network()).graph
        (image,), (logits,) = graph.input, graph.output
        self.assertEqual((image.name, logits.name), ("image", "logits"))

        def dimensions(value):
            return [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim]

        self.assertEqual(dimensions(image), ["N", 1, 48, 48])
        self.assertEqual(dimensions(logits), ["N", 8])
        kinds = {node.op_type for node in graph.node}
        self.assertNotIn("BatchNormalization", kinds)
        self.assertNotIn("Dropout", kinds)

    def test_opset(self):
        self.assertEqual(export.to_onnx(network()).opset_import[0].version, 13)

    def test_temperature_divides_the_logits(self):
        pixels = torch.rand(2, 1, 48, 48) * 255
        plain = network()
        self.assertTrue(torch.allclose(
            export.scaled(plain, 2.0)(pixels), plain(pixels) / 2, atol=1e-5))

    def test_toml(self):
        values = tomllib.loads(export.toml())
        self.assertEqual(values["output"]["labels"], list(data.LABELS))
        self.assertEqual(values["input"]["width"], 48)
        self.assertLess(values["framing"]["left_eye"][0], values["framing"]["right_eye"][0])

    def test_golden_follows_its_formula(self):
        values = json.loads(export.golden_text(export.golden(network())))
        case = values["cases"][3]
        image = np.array([
            [(case["a"] * x + case["b"] * y + case["d"] * x * y + case["c"]) % 256
             for x in range(48)] for y in range(48)], np.float32)
        logits = network()(torch.from_numpy(image)[None, None])[0]
        np.testing.assert_allclose(case["logits"], logits.detach().numpy(), atol=1e-4)


class Card(unittest.TestCase):
    def test_unaltered_faces_are_the_same(self):
        images = np.random.default_rng(1).integers(0, 256, (2, 48, 48), dtype=np.uint8)
        self.assertTrue((card.altered(images) == images).all())

    def test_shift_moves_right_and_down(self):
        images = np.zeros((1, 48, 48), np.uint8)
        images[0, 10, 20] = 200
        moved = card.altered(images, shift=0.125)
        self.assertEqual(np.unravel_index(moved[0].argmax(), (48, 48)), (16, 26))

    def test_from_run_to_card(self):
        with tempfile.TemporaryDirectory() as folder, quiet():
            write_faces(folder)
            train.train(options(folder, "--epochs", "1"))
            made = Path(folder) / "made"
            export.export(Path(folder) / "run", folder, made)
            card.card(Path(folder) / "run", folder, made)
            names = {path.name for path in made.iterdir()}
            self.assertEqual(names, {"model.onnx", "model.toml", "golden.json", "README.md",
                                     "metrics.json", "training.png", "confusion.png"})
            metrics = json.loads((made / "metrics.json").read_text())
            self.assertEqual(metrics["faces"], 32)
            self.assertIn(card.percent(metrics["accuracy"]), (made / "README.md").read_text())
            onnx.checker.check_model(str(made / "model.onnx"))


class Shipped(unittest.TestCase):
    """The files in models/expression agree with each other and with this code."""

    @unittest.skipUnless((export.FOLDER / "model.onnx").is_file(), "no model was built")
    def test_files_agree(self):
        shipped = onnx.load(str(export.FOLDER / "model.onnx"))
        properties = {entry.key: entry.value for entry in shipped.metadata_props}
        values = tomllib.loads((export.FOLDER / "model.toml").read_text())
        golden = json.loads((export.FOLDER / "golden.json").read_text())
        self.assertEqual(
            (properties["name"], properties["version"]), (values["name"], values["version"]))
        self.assertEqual((golden["model"], golden["version"]), (values["name"], values["version"]))
        self.assertEqual(properties["labels"].split(","), values["output"]["labels"])
        self.assertEqual(golden["labels"], values["output"]["labels"])


if __name__ == "__main__":
    unittest.main()
