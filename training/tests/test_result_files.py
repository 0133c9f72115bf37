"""Results are computed once for an image, also after an interruption."""

import tempfile
import unittest
from pathlib import Path

import result_files


class ResultFiles(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "cache" / "sizes.jsonl"
        self.computed = []

    def sizes(self, images, chunk=2):
        def compute(some):
            self.computed += some
            return [len(image) for image in some]
        return result_files.complete(self.file, images, compute, chunk)

    def test_computes_only_what_is_missing(self):
        self.assertEqual(self.sizes([b"a", b"bb", b"ccc"]), [1, 2, 3])
        self.assertEqual(self.sizes([b"dddd", b"bb"]), [4, 2])
        self.assertEqual(self.computed, [b"a", b"bb", b"ccc", b"dddd"])

    def test_equal_images_are_computed_once(self):
        self.assertEqual(self.sizes([b"a", b"a", b"bb"]), [1, 1, 2])
        self.assertEqual(self.computed, [b"a", b"bb"])

    def test_continues_after_an_interruption(self):
        self.sizes([b"a", b"bb"])
        text = self.file.read_text()
        self.file.write_text(text[:-3])
        self.assertEqual(self.sizes([b"a", b"bb"]), [1, 2])
        self.assertEqual(self.computed, [b"a", b"bb", b"bb"])
        self.assertEqual(self.file.read_text(), text)

    def test_every_image_needs_a_result(self):
        with self.assertRaises(ValueError):
            result_files.complete(self.file, [b"a"], lambda some: [])


if __name__ == "__main__":
    unittest.main()
