"""Crops by the eyes in the server's results."""

import io
import unittest

import numpy as np
from PIL import Image

import alignment
import face_crops


def face_at(left, right, width):
    return {"landmarks": [list(left), list(right), [0, 0]], "box": {"x": 0, "y": 0, "width": width, "height": width}}


def encoded(pixels):
    png = io.BytesIO()
    Image.fromarray(pixels).save(png, "PNG")
    return png.getvalue()


class FaceCrops(unittest.TestCase):
    def test_crops_equal_those_of_the_reference(self):
        portrait = alignment.portrait_crop()
        for side, roll, size in ((56, 0, 64), (80, 20, 48), (110, -10, 24)):
            image = alignment.draw_crop(portrait, side, roll, (60, 62), (120, 120))
            left, right = alignment.eye_positions(*alignment.crop_transform(side, roll, (60, 62)))
            crop = face_crops.crop(encoded(image), face_at(left, right, 0.9 * side), size)
            expected = alignment.extract_crop(image, left, right, size)
            self.assertEqual((crop.shape, crop.dtype), ((size, size), np.uint8))
            self.assertLess(np.abs(crop - expected).mean(), 1, (side, roll, size))

    def test_the_border_of_a_picture_is_repeated(self):
        image = np.tile(np.linspace(0, 255, 60, dtype=np.uint8), (60, 1))
        crop = face_crops.crop(encoded(image), face_at((2, 30), (12, 30), 25))
        self.assertTrue((crop[:, 0] < 5).all())

    def test_eyes_that_are_close_together_are_moved_apart(self):
        left, right = face_crops.eyes(face_at((48, 50), (52, 50), 100))
        self.assertAlmostEqual(left, 31 + 50j)
        self.assertAlmostEqual(right, 69 + 50j)
        left, right = face_crops.eyes(face_at((50, 50), (50, 50), 100))
        self.assertAlmostEqual(right - left, 38)
        self.assertEqual(face_crops.eyes(face_at((30, 50), (70, 50), 100)), (30 + 50j, 70 + 50j))

    def test_the_border_surrounds_the_picture(self):
        bordered = Image.open(io.BytesIO(face_crops.with_border(encoded(np.full((20, 30), 200, np.uint8)))))
        self.assertEqual(bordered.size, (60, 40))
        pixels = np.asarray(bordered.convert("L"))
        self.assertTrue((pixels[10:30, 15:45] == 200).all())
        self.assertEqual(int((pixels == 200).sum()), 600)


if __name__ == "__main__":
    unittest.main()
