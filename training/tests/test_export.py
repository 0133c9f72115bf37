"""The exported files, and the files shipped in models/expression."""

import base64
import json
import tomllib
import unittest

import numpy as np
import onnx
import torch

import alignment
import card
import data
import export
import robustness
import server
from tests.synthetic import network


class Export(unittest.TestCase):
    def test_graph_has_the_documented_input_and_output(self):
        graph = export.to_onnx(network()).graph
        (image,), (logits,) = graph.input, graph.output
        self.assertEqual((image.name, logits.name), ("image", "logits"))

        def dimensions(value):
            return [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim]

        self.assertEqual(dimensions(image), ["N", 1, 48, 48])
        self.assertEqual(dimensions(logits), ["N", 8])
        operators = {node.op_type for node in graph.node}
        self.assertNotIn("BatchNormalization", operators)
        self.assertNotIn("Dropout", operators)

    def test_opset_is_13(self):
        self.assertEqual(export.to_onnx(network()).opset_import[0].version, 13)

    def test_temperature_divides_the_logits(self):
        pixels = torch.rand(2, 1, 48, 48) * 255
        plain = network()
        self.assertTrue(torch.allclose(
            export.with_temperature(plain, 2.0)(pixels), plain(pixels) / 2, atol=1e-5))

    def test_the_prior_is_subtracted_from_the_logits(self):
        pixels, plain = torch.rand(2, 1, 48, 48) * 255, network()
        frequencies = np.full(8, 0.1)
        frequencies[0] = 0.3
        difference = export.with_prior(plain, 0.5, frequencies)(pixels) - plain(pixels)
        np.testing.assert_allclose(difference.detach(), [-0.5 * np.log(frequencies)] * 2, atol=1e-5)

    def test_toml_describes_the_model(self):
        values = tomllib.loads(export.model_toml())
        self.assertEqual(values["output"]["labels"], list(data.LABELS))
        self.assertEqual(values["input"]["width"], 48)
        self.assertLess(values["framing"]["left_eye"][0], values["framing"]["right_eye"][0])

    def test_golden_cases_follow_their_formula(self):
        values = json.loads(export.golden_text(export.golden(export.to_onnx(network()))))
        case = values["cases"][3]
        image = np.array([
            [(case["a"] * x + case["b"] * y + case["d"] * x * y + case["c"]) % 256
             for x in range(48)] for y in range(48)], np.float32)
        logits = network()(torch.from_numpy(image)[None, None])[0]
        np.testing.assert_allclose(case["logits"], logits.detach().numpy(), atol=1e-4)

    def test_golden_faces_are_stored_with_their_logits(self):
        values = json.loads(export.golden_text(export.golden(export.to_onnx(network()))))
        self.assertEqual([face["name"] for face in values["faces"]], list(export.GOLDEN_SCENES))
        faces = np.stack([
            np.frombuffer(base64.b64decode(face["pixels"]), np.uint8).reshape(48, 48)
            for face in values["faces"]])
        self.assertEqual(len(np.unique(faces, axis=0)), len(export.GOLDEN_SCENES))
        logits = network()(torch.from_numpy(faces[:, None].astype(np.float32))).detach().numpy()
        np.testing.assert_allclose([face["logits"] for face in values["faces"]], logits, atol=1e-4)


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
            (list(alignment.LEFT_EYE), list(alignment.RIGHT_EYE)))

    def test_toml_is_generated_by_this_code(self):
        self.assertEqual((export.FOLDER / "model.toml").read_text(), export.model_toml())

    def test_golden_faces_are_generated_by_this_code(self):
        golden = json.loads((export.FOLDER / "golden.json").read_text())
        portrait = alignment.portrait_crop()[None]
        for face, scene in zip(golden["faces"], export.GOLDEN_SCENES.values()):
            pixels = np.frombuffer(base64.b64decode(face["pixels"]), np.uint8).reshape(1, 48, 48)
            np.testing.assert_allclose(pixels, export.apply_to_crops(portrait, scene), atol=2, err_msg=face["name"])

    def test_golden_predictions_differ(self):
        golden = json.loads((export.FOLDER / "golden.json").read_text())
        predictions = [np.argmax(case["logits"]) for case in golden["cases"] + golden["faces"]]
        counts = np.bincount(predictions, minlength=len(data.LABELS))
        self.assertGreaterEqual((counts > 0).sum(), 4)
        self.assertLess(counts.max(), len(predictions) / 2 + 1)

    def test_figures_were_measured_with_this_model(self):
        metrics, robust = (json.loads((export.FOLDER / name).read_text())
                           for name in ("metrics.json", "robustness.json"))
        self.assertEqual(metrics["model_sha256"], server.sha256(export.FOLDER / "model.onnx"))
        self.assertEqual(robust["model_sha256"], server.sha256(export.FOLDER / "model.onnx"))
        self.assertEqual(robustness.header(robust["flags"]), robustness.HEADER.read_text())
        text = (export.FOLDER / "README.md").read_text()
        for part in (f"# Model card: {export.NAME}\n", f"Version {export.VERSION}.",
                     card.percent(metrics["accuracy"]), card.percent(robust["rows"][0]["served"])):
            self.assertIn(part, text)


if __name__ == "__main__":
    unittest.main()
