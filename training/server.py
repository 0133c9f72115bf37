"""Runs the server's program on images."""

import hashlib
import json
import os
import subprocess
import tempfile
from pathlib import Path

import data


def server_program():
    """The server's program: $EMOSTREAM, or the one that the release preset builds."""
    return Path(os.environ.get("EMOSTREAM", data.ROOT / "build" / "release" / "emostream"))


def server_environment(model):
    """The environment in which the program loads the model of that folder and has defaults for all other settings."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("EMOSTREAM_")}
    return {**others, "EMOSTREAM_VISION_CLASSIFIER": str(model)}


def analyze_folder(folder, program, model):
    """The server's results for the images in a folder, in the order of their names."""
    process = subprocess.run([program, "analyze", folder], capture_output=True, text=True,
                             env=server_environment(model))
    if process.returncode != 0:
        raise RuntimeError(f"{program} analyze exited with {process.returncode}: {process.stderr}")
    return [json.loads(line) for line in process.stdout.splitlines()]


def analyze_images(images, program, model):
    """The server's results for encoded images, JPEG or PNG."""
    with tempfile.TemporaryDirectory() as folder:
        for index, encoded in enumerate(images):
            extension = "png" if encoded.startswith(b"\x89PNG") else "jpg"
            (Path(folder) / f"{index:05d}.{extension}").write_bytes(encoded)
        return analyze_folder(folder, program, model)


def sha256(file):
    """The SHA-256 of a file in hexadecimal."""
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()
