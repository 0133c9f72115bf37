"""The network, its training, its export and its card, on synthetic faces."""

import argparse
import base64
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
import framing
import model
import recipes
import recognition
import robustness
import score
import teach
import train
from graph import Served

WIDTHS = [4, 4, 8, 8]
REACH = recipes.reach_of({})


def network():
    torch.manual_seed(1)
    return model.ExpressionNet(WIDTHS).eval()


def write_faces(folder):
    """Stripes at one of two angles over smooth stains and under noise: 96 faces to learn, 32 to
    score, none like another."""
    chance = np.random.default_rng(1)
    y, x = np.mgrid[:48, :48]
    for name, count in (("train", 96), ("valid", 32)):
        kinds = np.arange(count) % 2
        stripes = np.where(kinds[:, None, None] == 0, x % 8 * 32, y % 8 * 32)
        stains = chance.integers(0, 160, (count, 6, 6)).repeat(8, axis=1).repeat(8, axis=2)
        images = np.clip(stripes / 3 + stains + chance.normal(0, 20, (count, 48, 48)), 0, 255)
        votes = np.zeros((count, 10), np.uint8)
        votes[np.arange(count), kinds] = 10
        np.savez(Path(folder) / f"{name}.npz", images=images.astype(np.uint8), votes=votes)


def options(folder, *words):
    """Of a quick run. One thread: with two, oneDNN 2.6 crashes in float32 on so few channels and an odd batch."""
    parser = argparse.ArgumentParser()
    train.add_options(parser)
    return train.parse(parser, [
        "--data", str(folder), "--run", str(Path(folder) / "run"), "--batch", "32",
        "--widths", *map(str, WIDTHS), "--full-precision", "--threads", "1", *words])


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

    def test_every_recipe_is_a_network(self):
        for name in recipes.RECIPES:
            with self.subTest(name):
                made = recipes.network(recipes.settings(name)).eval()
                self.assertEqual(made(torch.zeros(2, 1, 48, 48)).shape, (2, 8))

    def test_every_setting_is_explained(self):
        self.assertEqual(recipes.SETTINGS.keys(), recipes.RECIPES["first"].keys())

    def test_runs_from_before_a_setting_have_that_of_the_first(self):
        reach = recipes.reach_of({"strength": 0.7})
        self.assertEqual((reach.strength, reach.cover), (0.7, recipes.RECIPES["first"]["cover"]))

    def test_what_is_served_is_small(self):
        student = recipes.network(recipes.settings("student"))
        self.assertLess(sum(p.numel() for p in student.parameters()), 2e6)

    def test_multiply_adds(self):
        layers = torch.nn.Sequential(
            torch.nn.Conv2d(1, 2, 3, padding=1), torch.nn.Flatten(), torch.nn.Linear(128, 8))
        self.assertEqual(model.count_multiply_adds(layers, 8), 64 * 2 * 9 + 128 * 8)


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

    def test_a_run_is_not_written_over(self):
        with tempfile.TemporaryDirectory() as folder, quiet():
            write_faces(folder)
            run = train.train(options(folder, "--epochs", "1"))
            before = run.checkpoint.read_bytes()
            with self.assertRaisesRegex(SystemExit, "--resume"):
                train.train(options(folder, "--epochs", "1"))
            self.assertEqual(run.checkpoint.read_bytes(), before)

    def test_sharpness_aware_steps_begin_where_told(self):
        def weights(*words):
            with tempfile.TemporaryDirectory() as folder, quiet():
                write_faces(folder)
                run = train.train(options(folder, "--epochs", "1", *words))
                return score.fingerprint(run.model)

        plain = weights()
        self.assertEqual(weights("--sam", "0.5", "--sam-from", "1"), plain)
        self.assertNotEqual(weights("--sam", "0.5", "--sam-from", "0.6"), plain)

    def test_a_finished_run_needs_no_faces(self):
        with tempfile.TemporaryDirectory() as folder, quiet():
            write_faces(folder)
            train.train(options(folder, "--epochs", "1"))
            words = ["--limit", "64", "--resume"]
            self.assertEqual(train.train(options(folder, "--epochs", "1", *words)).epoch, 1)

    def test_unfinished_runs_go_on_with_the_same_faces_only(self):
        with tempfile.TemporaryDirectory() as folder, quiet():
            write_faces(folder)
            words = ["--epochs", "2", "--minutes", "0.00001"]
            train.train(options(folder, *words))
            with self.assertRaises(SystemExit):
                train.train(options(folder, *words, "--limit", "64", "--resume"))

    def test_time_limit_stops_between_epochs(self):
        with tempfile.TemporaryDirectory() as folder, quiet():
            write_faces(folder)
            words = ["--epochs", "3", "--minutes", "0.00001"]
            self.assertEqual(train.train(options(folder, *words)).epoch, 1)
            self.assertEqual(train.train(options(folder, *words, "--resume")).epoch, 2)
            self.assertEqual(train.train(options(folder, "--epochs", "3", "--resume")).epoch, 3)

    def test_a_run_may_begin_with_the_weights_of_another(self):
        with tempfile.TemporaryDirectory() as folder, quiet():
            write_faces(folder)
            first = train.train(options(folder, "--epochs", "1"))
            split = data.load(folder, "train"), data.load(folder, "valid")
            words = ["--begin", str(first.options.run)]
            second = train.Run(options(folder, *words), *split)
            begun = second.settings()["begin"]
            self.assertEqual((begun["run"], begun["epochs"]), ("run", 1))
            self.assertEqual(begun["settings"], first.settings())
            for one, two in zip(first.average.parameters(), second.model.parameters()):
                self.assertTrue(torch.equal(one, two))
            with self.assertRaises(RuntimeError):
                train.Run(options(folder, *words, "--depths", "1", "2", "1", "1"), *split)

    def test_faces_like_those_of_valid_are_left_out(self):
        with tempfile.TemporaryDirectory() as folder, quiet():
            write_faces(folder)
            with np.load(Path(folder) / "train.npz") as arrays:
                images, votes = arrays["images"], arrays["votes"]
            np.savez(Path(folder) / "valid.npz", images=images[:3], votes=votes[:3])
            run = train.train(options(folder, "--epochs", "1", "--batch", "31"))
            self.assertEqual(len(run.images), 93)


class Recipes(unittest.TestCase):
    def test_given_settings_win_over_the_recipe(self):
        chosen = options("x", "--recipe", "student", "--epochs", "7")
        self.assertEqual((chosen.epochs, chosen.seed, chosen.widths), (7, 5, WIDTHS))

    def test_unnamed_settings_are_the_first_recipe(self):
        self.assertEqual(recipes.settings("student")["lr"], recipes.settings("first")["lr"])
        self.assertEqual(options("x").epochs, 40)


class Teaching(unittest.TestCase):
    def test_views_are_fixed_by_their_number(self):
        faces = torch.randint(0, 256, (5, 48, 48), dtype=torch.uint8)
        self.assertTrue(torch.equal(teach.view(faces, 3, REACH), teach.view(faces, 3, REACH)))
        self.assertFalse(torch.equal(teach.view(faces, 3, REACH), teach.view(faces, 4, REACH)))

    def test_student_learns_from_answers(self):
        with tempfile.TemporaryDirectory() as folder, quiet():
            write_faces(folder)
            faces = data.load(folder, "train")
            answers = Path(folder) / "answers.npz"
            teach.teach([network(), network()], ["a", "b"], faces.images, 1, answers, REACH)
            teach.teach([network(), network()], ["a", "b"], faces.images, 2, answers, REACH)
            images, targets = teach.Answers([answers], torch.from_numpy(faces.images)).view(
                3, torch.from_numpy(faces.images))
            expected = torch.softmax(network()(images.float().unsqueeze(1)), dim=1)
            self.assertTrue(torch.allclose(targets, expected, atol=0.01))
            words = ["--answers", str(answers), "--epochs", "1"]
            self.assertEqual(train.train(options(folder, *words)).epoch, 1)
            with self.assertRaises(SystemExit):  # not without the answers
                train.train(options(folder, "--epochs", "1", "--resume"))

    def test_answers_to_other_faces_are_refused(self):
        with tempfile.TemporaryDirectory() as folder, quiet():
            faces = np.zeros((3, 48, 48), np.uint8)
            teach.teach([network()], ["a"], faces, 1, Path(folder) / "answers.npz", REACH)
            with self.assertRaises(SystemExit):
                teach.Answers([Path(folder) / "answers.npz"], torch.from_numpy(faces + 1))

    def test_answers_of_an_earlier_version_are_refused(self):
        with tempfile.TemporaryDirectory() as folder, quiet():
            faces, file = np.zeros((3, 48, 48), np.uint8), Path(folder) / "answers.npz"
            teach.teach([network()], ["a"], faces, 1, file, REACH)
            with np.load(file) as arrays:
                kept = {name: arrays[name] for name in arrays.files if name != "cover"}
            np.savez(file, **kept)
            with self.assertRaisesRegex(SystemExit, "earlier"):
                teach.Answers([file], torch.from_numpy(faces))

    def test_several_files_count_by_their_teachers(self):
        with tempfile.TemporaryDirectory() as folder, quiet():
            faces = np.random.default_rng(1).integers(0, 256, (6, 48, 48), dtype=np.uint8)
            made = [Path(folder) / "one.npz", Path(folder) / "two.npz"]
            first, second = network(), model.ExpressionNet(WIDTHS).eval()
            teach.teach([first], ["a"], faces, 1, made[0], REACH)
            teach.teach([second, second], ["b", "c"], faces, 1, made[1], REACH)
            images, targets = teach.Answers(made, torch.from_numpy(faces)).view(
                0, torch.from_numpy(faces))
            one, two = (torch.softmax(n(images.float().unsqueeze(1)), dim=1)
                        for n in (first, second))
            self.assertTrue(torch.allclose(targets, (one + 2 * two) / 3, atol=0.01))
            teach.teach([first], ["a"], faces, 2, made[0], REACH)
            with self.assertRaises(SystemExit):
                teach.Answers(made, torch.from_numpy(faces))


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
        values = json.loads(export.golden_text(export.golden(export.to_onnx(network()))))
        case = values["cases"][3]
        image = np.array([
            [(case["a"] * x + case["b"] * y + case["d"] * x * y + case["c"]) % 256
             for x in range(48)] for y in range(48)], np.float32)
        logits = network()(torch.from_numpy(image)[None, None])[0]
        np.testing.assert_allclose(case["logits"], logits.detach().numpy(), atol=1e-4)

    def test_golden_faces_are_stored_with_the_answers(self):
        values = json.loads(export.golden_text(export.golden(export.to_onnx(network()))))
        self.assertEqual([face["name"] for face in values["faces"]], list(export.FACES))
        faces = np.stack([
            np.frombuffer(base64.b64decode(face["pixels"]), np.uint8).reshape(48, 48)
            for face in values["faces"]])
        self.assertEqual(len(np.unique(faces, axis=0)), len(export.FACES))
        logits = network()(torch.from_numpy(faces[:, None].astype(np.float32))).detach().numpy()
        np.testing.assert_allclose([face["logits"] for face in values["faces"]], logits, atol=1e-4)


class Card(unittest.TestCase):
    def test_tells_the_means(self):
        self.assertEqual(card.means(recipes.settings("first")), "")
        taught = {**recipes.settings("student"), "sam": 0.1, "sam_from": 0.75, "share": 0.7, "views": 32,
                  "teachers": ["a", "b"]}
        told = card.means(taught)
        for words in ("6.00 % of each target on the majority", "SAM) of 0.1 in the last 25.00 %", "2 networks",
                      "32 augmentations in turns: a, b.", "70.00 % of each target is the mean answer",
                      "Glasses on, and a hand in front of, 10.00 % of the faces"):
            self.assertIn(words, told)
        self.assertNotIn(recognition.NAME, told)
        self.assertEqual(card.licence(taught), "")

    def test_tells_how_far_augmentation_went(self):
        self.assertIn("rolls up to ±30° and heads turned aside up to ±45°",
                      card.augmentation(recipes.settings("student")))

    def test_tells_what_an_earlier_run_learned_from(self):
        taught = {**recipes.settings("student"), "share": 0.7, "views": 2, "teachers": [
            f"r (fine-tuned {recognition.NAME})"]}
        later = {**recipes.settings("student"), "begin": {"run": "taught", "epochs": 64, "settings": taught}}
        told = card.means(later)
        for words in ("`taught`, of 64 epochs. ", "1 network to", recognition.ORIGIN):
            self.assertIn(words, told)
        self.assertIn("VGGFace2", card.licence(later))

    def test_tells_whose_first_weights_a_teacher_had(self):
        fine_tuned = teach.described(Path("runs/r"), recipes.settings("recognition"))
        scratch = teach.described(Path("runs/s"), recipes.settings("student"))
        self.assertEqual(scratch, "s")
        told = card.means({**recipes.settings("student"), "share": 0.7, "views": 2,
                           "teachers": [scratch, fine_tuned]})
        self.assertIn(recognition.ORIGIN, told)

    def test_from_run_to_card(self):
        with tempfile.TemporaryDirectory() as folder, quiet():
            write_faces(folder)
            train.train(options(folder, "--epochs", "1"))
            made = Path(folder) / "made"
            export.export(Path(folder) / "run", folder, made)
            card.card(Path(folder) / "run", folder, made)
            names = {path.name for path in made.iterdir()}
            self.assertEqual(names, {"model.onnx", "model.toml", "golden.json", "README.md",
                                     "metrics.json", "training.png", "confusion.png",
                                     "reliability.png"})
            metrics = json.loads((made / "metrics.json").read_text())
            self.assertEqual(metrics["faces"], 32)
            told = (made / "README.md").read_text()
            self.assertIn(card.percent(metrics["accuracy"]), told)
            self.assertIn("8 bits", told)
            onnx.checker.check_model(str(made / "model.onnx"))
            other = options(folder, "--epochs", "1", "--seed", "2", "--run", str(Path(folder) / "other"))
            train.train(other)
            with self.assertRaisesRegex(SystemExit, "another run"):
                card.card(other.run, folder, made)

    def test_scores_what_is_served(self):
        with tempfile.TemporaryDirectory() as folder, quiet():
            write_faces(folder)
            train.train(options(folder, "--epochs", "1"))
            faces = data.load(folder, "valid").images
            trained = score.score(score.load_network(Path(folder) / "run")[0], faces, torch.device("cpu"))
            for float32, least, most in ((True, 0, 1e-4), (False, 1e-5, 0.1)):
                export.export(Path(folder) / "run", folder, Path(folder) / "made", float32)
                served = Served(onnx.load_model(str(Path(folder) / "made" / "model.onnx")))
                self.assertEqual("8 bits" in card.arithmetic(served), not float32)
                apart = (score.score(served, faces, torch.device("cpu")) - trained).abs().max().item()
                self.assertTrue(least <= apart <= most, apart)


class Shipped(unittest.TestCase):
    """The files in models/expression agree with each other and with this code."""

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
        self.assertEqual(
            (values["framing"]["left_eye"], values["framing"]["right_eye"]),
            (list(framing.LEFT_EYE), list(framing.RIGHT_EYE)))

    def test_golden_answers_differ(self):
        golden = json.loads((export.FOLDER / "golden.json").read_text())
        answers = [np.argmax(case["logits"]) for case in golden["cases"] + golden["faces"]]
        counts = np.bincount(answers, minlength=len(data.LABELS))
        self.assertGreaterEqual((counts > 0).sum(), 4)
        self.assertLess(counts.max(), len(answers) / 2 + 1)

    def test_what_was_measured_was_measured_with_this_model(self):
        metrics, robust = (json.loads((export.FOLDER / name).read_text())
                           for name in ("metrics.json", "robustness.json"))
        self.assertEqual(metrics["model_sha256"], robustness.model_sha256(export.FOLDER))
        self.assertEqual(robust["model_sha256"], robustness.model_sha256(export.FOLDER))
        self.assertEqual(robustness.header(robust["flags"]), robustness.HEADER.read_text())
        told = (export.FOLDER / "README.md").read_text()
        for words in (f"# Model card: {export.NAME}\n", f"Version {export.VERSION}.",
                      card.percent(metrics["accuracy"]), card.percent(robust["rows"][0]["served"])):
            self.assertIn(words, told)


if __name__ == "__main__":
    unittest.main()
