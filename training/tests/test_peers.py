"""Results of other programs are read and kept; no other program runs."""

import json
import subprocess
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import numpy as np

import peers


class Peers(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def expressions(self, images, results, returncode=0):
        def run(command, input, **_):
            self.assertEqual(command[2:], ["human", "picture"])
            self.assertEqual([Path(file).read_bytes() for file in input.splitlines()], images)
            return subprocess.CompletedProcess(command, returncode, "\n".join(map(json.dumps, results)), "no memory")

        with mock.patch.object(subprocess, "run", side_effect=run) as process:
            return peers.expressions("human", "picture", images, self.folder), process.call_count

    def test_reads_probabilities_and_runs_once_for_an_image(self):
        rows, _ = self.expressions([b"one", b"two"], [{"happiness": 0.5, "anger": 0.5}, None])
        np.testing.assert_allclose(rows[0], [0, 0.5, 0, 0, 0.5, 0, 0, 0])
        self.assertTrue(np.isnan(rows[1]).all())
        again, calls = self.expressions([b"one", b"two"], [])
        np.testing.assert_array_equal(again, rows)
        self.assertEqual(calls, 0)

    def test_an_error_is_reported(self):
        with self.assertRaisesRegex(RuntimeError, "human failed: no memory"):
            self.expressions([b"one"], [], returncode=1)

    def test_versions_are_those_of_the_lock_files(self):
        for peer in peers.PEERS:
            self.assertRegex(peers.version(peer), r"^\d+\.\d+\.\d+$")


if __name__ == "__main__":
    unittest.main()
