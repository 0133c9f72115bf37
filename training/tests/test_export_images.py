"""Splits exported as folders of images."""

import contextlib
import io
import tempfile
import unittest
from pathlib import Path

import numpy as np
from PIL import Image

import data
import export_images

SAD, TIE_OF_SAD_AND_ANGRY, UNKNOWN, HAPPY = (
    [0, 0, 0, 9, 1, 0, 0, 0, 0, 0], [0, 0, 0, 5, 5, 0, 0, 0, 0, 0],
    [0, 0, 0, 0, 0, 0, 0, 0, 9, 1], [1, 9, 0, 0, 0, 0, 0, 0, 0, 0],
)


class Export(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.images = np.random.default_rng(1).integers(0, 256, (4, 48, 48), np.uint8)
        np.savez(self.folder / "valid.npz", images=self.images,
                 votes=np.array([SAD, TIE_OF_SAD_AND_ANGRY, UNKNOWN, HAPPY], np.uint8))

    def run_main(self, *more):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            export_images.main(["--data", str(self.folder), "--to", str(self.folder / "out"), *more])
        return printed.getvalue()

    def read(self, name):
        image = Image.open(self.folder / "out" / name)
        self.assertEqual(image.mode, "L")
        return np.asarray(image)

    def test_writes_each_kept_face_to_the_folder_of_its_label(self):
        self.assertIn("3 faces of valid", self.run_main())
        written = {str(p.relative_to(self.folder / "out")) for p in self.folder.glob("out/*/*")}
        self.assertEqual(
            written, {"sadness/00000.png", "sadness/00001.png", "happiness/00002.png"})
        np.testing.assert_array_equal(self.read("sadness/00001.png"), self.images[1])
        np.testing.assert_array_equal(self.read("happiness/00002.png"), self.images[3])

    def test_faces_without_a_majority_can_be_left_out(self):
        self.assertIn("2 faces of valid", self.run_main("--majority"))
        np.testing.assert_array_equal(self.read("sadness/00000.png"), self.images[0])
        np.testing.assert_array_equal(self.read("happiness/00001.png"), self.images[3])

    def test_every_label_has_a_folder(self):
        self.run_main()
        self.assertEqual({p.name for p in (self.folder / "out").iterdir()}, set(data.LABELS))

    def test_a_canvas_surrounds_the_face_with_gray(self):
        self.run_main("--canvas", "100", "--side", "48")
        image = self.read("happiness/00002.png")
        self.assertEqual(image.shape, (100, 100))
        np.testing.assert_array_equal(image[26:74, 26:74], self.images[3])
        image = image.copy()
        image[26:74, 26:74] = 128
        self.assertTrue((image == 128).all())

    def test_rejects_a_face_larger_than_the_canvas(self):
        with self.assertRaises(SystemExit), contextlib.redirect_stderr(io.StringIO()):
            self.run_main("--canvas", "100", "--side", "101")

    def test_rejects_a_folder_that_is_not_empty(self):
        self.run_main()
        with self.assertRaisesRegex(SystemExit, "not empty"):
            self.run_main()


if __name__ == "__main__":
    unittest.main()
