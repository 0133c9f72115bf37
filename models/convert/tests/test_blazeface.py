"""BlazeFace, which the package contains too, converted so, is the published ONNX file that the server uses."""

import unittest

import onnx
import torch

from conversion import Output, convert
from tests import files
from tests.onnx_runner import run
from tflite import Network

OUTPUTS = (Output("classificators", "scores", (896, 1)), Output("regressors", "boxes", (896, 16)))


class BlazeFace(unittest.TestCase):
    def test_computes_exactly_what_the_published_file_computes(self):
        network = Network(files.packed()["face_detection_short_range.tflite"])
        model, published = convert(network, OUTPUTS, "blazeface", "a test"), onnx.load(str(files.BLAZEFACE))
        image = torch.rand(1, 128, 128, 3, generator=torch.Generator().manual_seed(1)) * 2 - 1
        ours = run(model, image.permute(0, 3, 1, 2))
        small_scores, large_scores, small_boxes, large_boxes = run(published, image).values()
        self.assertTrue(torch.equal(ours["scores"], torch.cat([small_scores, large_scores], 1)))
        self.assertTrue(torch.equal(ours["boxes"], torch.cat([small_boxes, large_boxes], 1)))


if __name__ == "__main__":
    unittest.main()
