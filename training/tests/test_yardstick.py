"""The yardstick's scores and tables, on invented answers; needs neither data nor the server."""

import tempfile
import types
import unittest
from pathlib import Path

import numpy as np
import onnx

import export
import groups
import yardstick
import yardstick_tables
from tests.synthetic import network
from tests.test_groups import answering, faces, people


def invented_pictures(count=60):
    """Test sets of which each has all labels; one photograph has no face that is found."""
    labels = np.arange(count) % 6
    found = np.arange(count) > 0
    everything = {"ferplus": np.arange(count) % 8, "photographs": labels, "border": labels, "crops": labels[found]}
    return types.SimpleNamespace(
        labels=everything, units={name: np.arange(len(own)) for name, own in everything.items()}, found=found,
        people=people(count), faces={"portraits": faces(count)})


def right_answers(pictures):
    answers = {name: answering(labels) for name, labels in pictures.labels.items()}
    answers["photographs"][0] = np.nan
    return answers


class Yardstick(unittest.TestCase):
    def setUp(self):
        self.pictures = invented_pictures()
        self.answers = right_answers(self.pictures)

    def test_the_score_is_the_mean_of_both_macro_recalls(self):
        measured = yardstick.evaluate(self.answers, self.pictures)
        self.assertAlmostEqual(yardstick.selection_score(measured), (1 + (5 + 9 / 10) / 6) / 2)

    def test_there_is_no_score_below_the_floor_of_accuracy(self):
        self.answers["ferplus"] = answering(np.where(np.arange(60) < 12, 7, self.pictures.labels["ferplus"]))
        self.assertIsNone(yardstick.selection_score(yardstick.evaluate(self.answers, self.pictures)))

    def test_a_program_that_misses_all_faces_is_led_by_everything(self):
        nothing = {name: np.full_like(rows, np.nan) for name, rows in self.answers.items()}
        measured = yardstick.evaluate(nothing, self.pictures, ours=self.answers)
        self.assertEqual(measured["ferplus"]["lead"]["value"], 1)
        self.assertEqual(measured["photographs"]["found"], 0)

    def test_tables_show_all_programs_and_groups(self):
        measured = yardstick.evaluate(self.answers, self.pictures)
        other = yardstick.evaluate(self.answers, self.pictures, ours=self.answers)
        counted = groups.answers(self.pictures.people, self.pictures.faces["portraits"], answering(np.arange(60) % 2))
        text = yardstick_tables.as_text({
            "score": 0.5, "programs": {"emostream": measured, "other 1.0.0": other},
            "groups": groups.compare(self.pictures.people, counted)})
        for expected in ("(59 pictures of 59 people)", "other 1.0.0", "+0.0 (+0.0 to +0.0)", "sex: female", "no face",
                         "sex male: neutral +100.0", "Score for choosing: 50.00"):
            self.assertIn(expected, text)

    def test_networks_of_another_size_get_resized_crops_and_keep_their_answers(self):
        with tempfile.TemporaryDirectory() as name:
            file = Path(name) / "candidate.onnx"
            onnx.save(export.to_onnx(network()), file)
            small = np.random.default_rng(1).integers(0, 256, (3, 40, 40), dtype=np.uint8)
            candidate = yardstick.Network(file, Path(name))
            rows = candidate("ferplus", small)
            np.testing.assert_allclose(rows.sum(axis=1), 1)
            candidate.module = None
            np.testing.assert_array_equal(candidate("ferplus", small), rows)

    def test_pictures_without_a_face_have_no_probabilities(self):
        rows = yardstick.spread(answering([1, 2]), np.array([True, False, True]))
        self.assertEqual(rows[[0, 2]].argmax(axis=1).tolist(), [1, 2])
        self.assertTrue(np.isnan(rows[1]).all())


if __name__ == "__main__":
    unittest.main()
