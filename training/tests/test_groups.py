"""Shares of answers by group, their intervals and gaps."""

import tempfile
import unittest
from pathlib import Path

import numpy as np
from PIL import Image

import groups


def people(count):
    """People of whom half are male, a third each of an age group, all from two regions."""
    return [{"file": Path(f"{i}.jpg"), "age": 20 + i, "sex": ("male", "female")[i % 2],
             "age group": groups.AGES[i % 3][0], "region": ("Africa", "Asia")[i // 2 % 2],
             "face": ("plain", "smile", None)[i % 3]} for i in range(count)]


def faces(count):
    return [{"quality": {"flags": []}, "box": {"x": 0, "y": 0, "width": 9, "height": 9}} for _ in range(count)]


def answering(indices):
    rows = np.full((len(indices), 8), 0.02)
    rows[np.arange(len(indices)), indices] = 0.86
    return rows


class Groups(unittest.TestCase):
    def test_shares_have_wilson_intervals(self):
        measured = groups.share(8, 10)
        self.assertAlmostEqual(measured["low"], 0.4902, 3)
        self.assertAlmostEqual(measured["high"], 0.9433, 3)
        self.assertEqual(groups.share(10, 10)["high"], 1)
        self.assertIsNone(groups.share(0, 0))

    def test_differences_have_newcombe_intervals(self):
        measured = groups.difference(groups.share(56, 70), groups.share(48, 80))  # Newcombe 1998, table II, (a)
        self.assertAlmostEqual(measured["value"], 0.2)
        self.assertAlmostEqual(measured["low"], 0.0524, 3)
        self.assertAlmostEqual(measured["high"], 0.3339, 3)

    def test_reports_gaps_beyond_noise_only(self):
        some = people(120)
        smiling_women = answering([int(person["sex"] == "female") for person in some])
        result = groups.compare(some, groups.answers(some, faces(120), smiling_women))
        happy = [gap for gap in result["gaps"] if gap["answer"] == "happiness"]
        self.assertEqual([(gap["group"], gap["value"]) for gap in happy], [("female", 1.0), ("male", -1.0)])

    def test_faces_that_are_not_found_count_only_as_such(self):
        some, found = people(6), faces(6)
        found[0] = None
        rows = answering([1] * 6)
        rows[0] = np.nan
        counted = groups.answers(some, found, rows)
        self.assertEqual(counted["found"][0].tolist(), [False] + [True] * 5)
        self.assertEqual(counted["happiness"][1].tolist(), [False] + [True] * 5)
        self.assertEqual(counted["happiness, of plain faces"][1].tolist(), [False, False, False, True, False, False])

    def test_reads_people_and_draws_a_contact_sheet(self):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "portraits.csv").write_text(
                "file,sex,age,country\nfemale-12.jpg,female,70,Malawi\nmale-01.jpg,male,29,\"Virgin Islands, U.S.\"\n")
            for stem in ("female-12", "male-01"):
                Image.new("RGB", (40, 40), "gray").save(folder / f"{stem}.jpg")
            some = groups.read_people(folder)
            self.assertEqual([(person["age group"], person["region"], person["face"]) for person in some],
                             [("over 55", "Africa", "plain"), ("under 30", "Americas", None)])
            rows = answering([0, 1])
            rows[1] = np.nan
            groups.contact_sheet(some, [faces(1)[0], None], rows, folder / "sheet.png", columns=2, side=50)
            with Image.open(folder / "sheet.png") as sheet:
                self.assertEqual(sheet.size, (100, 80))


if __name__ == "__main__":
    unittest.main()
