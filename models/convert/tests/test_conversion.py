"""What the converter refuses, and what it leaves out."""

import unittest

import onnx

from conversion import Output, convert
from tests import files
from tflite import Network


class Conversion(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.network = Network(files.packed()["face_landmark_with_attention.tflite"])

    def convert(self, *outputs):
        return onnx.load_model_from_string(convert(self.network, outputs, "graph", "a test"))

    def test_leaves_out_what_the_outputs_do_not_need(self):
        features = Output("p_re_lu_3", "features", (32, 48, 48))
        iris = Output("output_left_iris", "iris", (5, 2))
        convolutions = [sum(node.op_type == "Conv" for node in self.convert(*outputs).graph.node)
                        for outputs in ([features], [features, iris])]
        self.assertEqual(convolutions[0], 7 + 1)  # one pads channels
        self.assertGreater(convolutions[1], 50)

    def test_refuses_operators_that_it_does_not_know(self):
        with self.assertRaisesRegex(ValueError, "operator number 45 is not supported"):
            self.convert(Output("output_mesh_identity", "points", (468, 3)))

    def test_refuses_outputs_that_do_not_exist(self):
        with self.assertRaisesRegex(ValueError, "0 tensors have the name ears"):
            self.convert(Output("ears", "ears", (1,)))


if __name__ == "__main__":
    unittest.main()
