"""Expressions that other programs find in the same images: @vladmandic/human and @vladmandic/face-api, in Node.js.

`npm ci --ignore-scripts --prefix bench/peers/human` (or `.../face-api`) installs them. Their results are kept, so that
they run only once for an image.
"""

import json
import subprocess
import tempfile
from pathlib import Path

import data
import result_files
from scores import probabilities

FOLDER = data.ROOT / "bench" / "peers"
PEERS = ("human", "face-api")
CROP_SIDE = 112  # of crops for the peers, in pixels; face-api's classifier takes as much, human's 64


def version(peer):
    locked = json.loads((FOLDER / peer / "package-lock.json").read_text())["packages"]
    return locked[f"node_modules/@vladmandic/{peer}"]["version"]


def is_installed(peer):
    return (FOLDER / peer / "node_modules" / "@vladmandic" / peer).is_dir()


def expressions(peer, kind, images, folder):
    """The peer's probabilities [N, 8] for encoded images; NaN where it finds no face.

    `kind` is "picture", where the peer detects the face, or "crop", where only its classifier runs.
    """
    def compute(some):
        return _run(peer, kind, some)

    file = Path(folder) / f"{peer}-{version(peer)}-{kind}.jsonl"
    return probabilities(result_files.complete(file, images, compute, chunk=500))


def _run(peer, kind, images):
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{index:05d}" for index in range(len(images))]
        for file, image in zip(files, images):
            file.write_bytes(image)
        process = subprocess.run(["node", FOLDER / "expressions.mjs", peer, kind], capture_output=True, text=True,
                                 input="".join(f"{file}\n" for file in files))
    if process.returncode != 0:
        raise RuntimeError(f"{peer} failed: {process.stderr[-2000:]}")
    return [json.loads(line) for line in process.stdout.splitlines()]
