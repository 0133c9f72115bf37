"""The reading of TensorFlow.js weights."""

import json
import tempfile
import unittest
from pathlib import Path

import numpy as np

from tfjs import read_weights


class ReadWeights(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.manifest = Path(folder.name) / "graph.json"

    def write(self, entries, data, graph=True):
        groups = [{"weights": entries, "paths": ["a.bin", "b.bin"]}]
        self.manifest.write_text(json.dumps({"weightsManifest": groups} if graph else groups))
        (self.manifest.parent / "a.bin").write_bytes(data[:5])
        (self.manifest.parent / "b.bin").write_bytes(data[5:])

    def test_reads_arrays_of_each_type_across_shards(self):
        entries = [
            {"name": "plain", "shape": [2], "dtype": "float32"},
            {"name": "half", "shape": [1, 3], "dtype": "float32", "quantization": {"dtype": "float16"}},
            {"name": "scalar", "shape": [], "dtype": "int32"},
            {"name": "packed", "shape": [3], "dtype": "float32",
             "quantization": {"dtype": "uint8", "scale": 0.5, "min": -1.0}},
        ]
        data = b"".join(values.tobytes() for values in (
            np.float32([1.5, -2]), np.float16([-1, 0, 6.5]), np.int32(7), np.uint8([0, 2, 255])))
        for graph in (True, False):
            with self.subTest(graph=graph):
                self.write(entries, data, graph)
                found = read_weights(self.manifest)
                self.assertEqual(found["plain"].tolist(), [1.5, -2])
                self.assertEqual(found["half"].tolist(), [[-1, 0, 6.5]])
                self.assertEqual(found["scalar"].tolist(), 7)
                self.assertEqual(found["packed"].tolist(), [-1, 0, 126.5])

    def test_rejects_shards_of_another_size(self):
        self.write([{"name": "plain", "shape": [2], "dtype": "float32"}], bytes(9))
        with self.assertRaisesRegex(SystemExit, "differ in size"):
            read_weights(self.manifest)

    def test_a_missing_package_names_the_command_that_installs_it(self):
        with self.assertRaisesRegex(SystemExit, "npm ci"):
            read_weights(self.manifest)


if __name__ == "__main__":
    unittest.main()
