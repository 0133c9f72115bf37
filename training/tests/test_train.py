"""Training runs on synthetic faces: checkpoints, resuming, limits, initial weights."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

import data
import predict
import train
from tests.synthetic import options, quiet, write_faces

# Trains two networks under the conditions of the oneDNN bug (see synthetic.py): one and two threads, odd batch sizes.
QUICK_RUNS = """
import tempfile, train
from tests.synthetic import options, write_faces
for threads in ("1", "2"):
    with tempfile.TemporaryDirectory() as folder:
        write_faces(folder)
        train.train(options(folder, "--epochs", "1", "--batch", "31", "--threads", threads))
"""


class Training(unittest.TestCase):
    def test_a_resumed_run_equals_an_uninterrupted_run(self):
        with tempfile.TemporaryDirectory() as folder, quiet():
            write_faces(folder)
            uninterrupted = train.train(options(folder, "--epochs", "2"))
            split = data.load(folder, "train"), data.load(folder, "valid")
            stopped = train.Run(options(folder, "--epochs", "2"), *split)
            stopped.options.run = Path(folder) / "stopped"
            loss = stopped.train_epoch()
            stopped.epoch = 1
            stopped.save()
            resumed = train.Run(stopped.options, *split)
            resumed.resume()
            resumed.fit()
            self.assertEqual(resumed.epoch, 2)
            self.assertAlmostEqual(loss, uninterrupted.log[0]["train_loss"], places=4)
            for one, two in zip(uninterrupted.average.parameters(), resumed.average.parameters()):
                self.assertTrue(torch.allclose(one, two, atol=1e-6))

    def test_rejects_resuming_with_other_settings(self):
        with tempfile.TemporaryDirectory() as folder, quiet():
            write_faces(folder)
            train.train(options(folder, "--epochs", "1"))
            with self.assertRaises(SystemExit):
                train.train(options(folder, "--epochs", "1", "--lr", "0.5", "--resume"))

    def test_resumes_a_checkpoint_with_old_setting_names(self):
        with tempfile.TemporaryDirectory() as folder, quiet():
            write_faces(folder)
            run = train.train(options(folder, "--epochs", "1"))
            state = torch.load(run.checkpoint)
            for old, new in (("cover", "occlusion"), ("degrade", "degradation"), ("sam", "sam_rho")):
                state["settings"][old] = state["settings"].pop(new)
            torch.save(state, run.checkpoint)
            self.assertEqual(train.train(options(folder, "--epochs", "1", "--resume")).epoch, 1)

    def test_does_not_overwrite_a_run(self):
        with tempfile.TemporaryDirectory() as folder, quiet():
            write_faces(folder)
            run = train.train(options(folder, "--epochs", "1"))
            before = run.checkpoint.read_bytes()
            with self.assertRaisesRegex(SystemExit, "--resume"):
                train.train(options(folder, "--epochs", "1"))
            self.assertEqual(run.checkpoint.read_bytes(), before)

    def test_sharpness_aware_steps_start_at_sam_start(self):
        def weights(*arguments):
            with tempfile.TemporaryDirectory() as folder, quiet():
                write_faces(folder)
                run = train.train(options(folder, "--epochs", "1", *arguments))
                return predict.fingerprint(run.model)

        plain = weights()
        self.assertEqual(weights("--sam-rho", "0.5", "--sam-start", "1"), plain)
        self.assertNotEqual(weights("--sam-rho", "0.5", "--sam-start", "0.6"), plain)

    def test_a_finished_run_can_be_resumed_with_other_faces(self):
        with tempfile.TemporaryDirectory() as folder, quiet():
            write_faces(folder)
            train.train(options(folder, "--epochs", "1"))
            arguments = ["--limit", "64", "--resume"]
            self.assertEqual(train.train(options(folder, "--epochs", "1", *arguments)).epoch, 1)

    def test_an_unfinished_run_cannot_be_resumed_with_other_faces(self):
        with tempfile.TemporaryDirectory() as folder, quiet():
            write_faces(folder)
            arguments = ["--epochs", "2", "--minutes", "0.00001"]
            train.train(options(folder, *arguments))
            with self.assertRaises(SystemExit):
                train.train(options(folder, *arguments, "--limit", "64", "--resume"))

    def test_the_time_limit_stops_between_epochs(self):
        with tempfile.TemporaryDirectory() as folder, quiet():
            write_faces(folder)
            arguments = ["--epochs", "3", "--minutes", "0.00001"]
            self.assertEqual(train.train(options(folder, *arguments)).epoch, 1)
            self.assertEqual(train.train(options(folder, *arguments, "--resume")).epoch, 2)
            self.assertEqual(train.train(options(folder, "--epochs", "3", "--resume")).epoch, 3)

    def test_a_run_can_start_from_the_weights_of_another(self):
        with tempfile.TemporaryDirectory() as folder, quiet():
            write_faces(folder)
            first = train.train(options(folder, "--epochs", "1"))
            split = data.load(folder, "train"), data.load(folder, "valid")
            arguments = ["--init-from", str(first.options.run)]
            second = train.Run(options(folder, *arguments), *split)
            init_from = second.settings()["init_from"]
            self.assertEqual((init_from["run"], init_from["epochs"]), ("run", 1))
            self.assertEqual(init_from["settings"], first.settings())
            for one, two in zip(first.average.parameters(), second.model.parameters()):
                self.assertTrue(torch.equal(one, two))
            with self.assertRaises(RuntimeError):
                train.Run(options(folder, *arguments, "--depths", "1", "2", "1", "1"), *split)

    def test_near_duplicates_of_validation_faces_are_left_out(self):
        with tempfile.TemporaryDirectory() as folder, quiet():
            write_faces(folder)
            with np.load(Path(folder) / "train.npz") as arrays:
                images, votes = arrays["images"], arrays["votes"]
            np.savez(Path(folder) / "valid.npz", images=images[:3], votes=votes[:3])
            run = train.train(options(folder, "--epochs", "1", "--batch", "31"))
            self.assertEqual(len(run.images), 93)

    def test_trains_without_heap_corruption_by_avx2_kernels(self):
        # A heap error ends the process. glibc's malloc checks, where available, find it reliably.
        environment = {**os.environ, "DNNL_MAX_CPU_ISA": "AVX2", "MALLOC_CHECK_": "3",
                       "LD_PRELOAD": "libc_malloc_debug.so.0"}
        process = subprocess.run([sys.executable, "-c", QUICK_RUNS], cwd=Path(train.__file__).parent, env=environment,
                                 capture_output=True, text=True)
        self.assertEqual(process.returncode, 0, process.stderr)


if __name__ == "__main__":
    unittest.main()
