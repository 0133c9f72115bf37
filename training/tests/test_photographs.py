"""The photographs are split by person, deterministically and evenly."""

import io
import tarfile
import tempfile
import unittest
from collections import Counter
from pathlib import Path

import numpy as np

import photographs


def collection():
    """Names of 600 people with one to three plain pictures, of whom 60 have a picture of a rare label each."""
    rng = np.random.default_rng(1)
    names = []
    for number in range(600):
        names += [f"{rng.choice(['neutral', 'happiness'])}/p{number}-{picture}.jpg"
                  for picture in range(rng.integers(1, 4))]
        if number < 60:
            names.append(f"{photographs.RARE[number % 4]}/p{number}-9.jpg")
    return [*names, *(f"disgust/p0-{picture}.jpg" for picture in range(10, 16)), "fear/p1-8.jpg"]


class Photographs(unittest.TestCase):
    def setUp(self):
        self.names = collection()
        self.parts = photographs.parts(self.names)

    def of(self, part):
        return [name for name, own in zip(self.names, self.parts) if own == part]

    def test_nobody_is_in_training_and_in_another_part(self):
        trained = set(photographs.persons(self.of("train")))
        self.assertTrue(trained.isdisjoint(photographs.persons(self.of("selection") + self.of("unused"))))

    def test_rare_labels_are_divided_evenly_and_others_are_limited(self):
        chosen, trained = (Counter(map(photographs.label, self.of(part))) for part in ("selection", "train"))
        for kind in photographs.RARE[:3]:
            self.assertLessEqual(abs(chosen[kind] - trained[kind]), 1)
        self.assertEqual(chosen["neutral"], photographs.PER_LABEL)
        self.assertEqual(chosen["happiness"], photographs.PER_LABEL)
        self.assertEqual(chosen["fear"], 0)

    def test_the_split_does_not_depend_on_the_order_of_the_names(self):
        order = np.random.default_rng(2).permutation(len(self.names))
        np.testing.assert_array_equal(photographs.parts([self.names[i] for i in order]), self.parts[order])

    def test_reads_names_labels_and_pictures(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "photos.tar"
            with tarfile.open(file, "w") as archive:
                for name in ("./happiness/b-2.jpg", "./anger/a-1.jpg"):
                    entry = tarfile.TarInfo(name)
                    entry.size = 3
                    archive.addfile(entry, io.BytesIO(name[-7:-4].encode()))
            names = photographs.names(file)
            self.assertEqual(names, ["anger/a-1.jpg", "happiness/b-2.jpg"])
            self.assertEqual(photographs.labels(names).tolist(), [4, 1])
            self.assertEqual(photographs.persons(names).tolist(), ["a", "b"])
            self.assertEqual(list(photographs.read(names[::-1], file)), [b"b-2", b"a-1"])

    def test_says_how_to_name_the_file_if_it_is_missing(self):
        with self.assertRaisesRegex(SystemExit, "EMOSTREAM_PHOTOGRAPHS"):
            photographs.names("missing.tar")


if __name__ == "__main__":
    unittest.main()
