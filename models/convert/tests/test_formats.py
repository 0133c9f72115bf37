"""The readers and writers of file formats, on small examples."""

import struct
import unittest
from array import array

import numpy as np
import onnx
from onnx import helper, numpy_helper

import protobuf
from constant import floats, integers
from flatbuffer import Table, flexible_map
from onnx_writer import Graph
from tflite import Network


class FlatBuffers(unittest.TestCase):
    def setUp(self):
        #  0: offset of the root; 4: offsets of its three fields; 14: padding; 16: the root; 28: a string
        offsets = struct.pack("<5H", 10, 12, 4, 0, 8)
        table = struct.pack("<iii", 12, -5, 4)
        self.root = Table.root(struct.pack("<I", 16) + offsets + b"\0\0" + table + struct.pack("<I", 2) + b"ab\0\0")

    def test_reads_fields(self):
        self.assertEqual(self.root.scalar(0, "i"), -5)
        self.assertEqual(self.root.string(2), "ab")

    def test_absent_fields_have_defaults(self):
        for field in (1, 3):  # not stored, and unknown to the writer
            self.assertEqual(self.root.scalar(field, "i", 7), 7)
            self.assertEqual(self.root.vector(field, "i"), ())
            self.assertEqual(self.root.bytes(field), b"")
            self.assertIsNone(self.root.table(field))
            self.assertEqual(self.root.tables(field), [])

    def test_flexible_map_rejects_other_values(self):
        #         key a     size of keys, key, keys: offset, width; size, value, type (string), root
        buffer = b"a\0" + b"\x01\x03" + b"\x01\x01" + b"\x01\x00" + b"\x14" + b"\x02\x24\x01"
        with self.assertRaisesRegex(ValueError, "FlexBuffer type 5"):
            flexible_map(buffer)


class Protobuf(unittest.TestCase):
    def test_reads_what_it_writes(self):
        message = (protobuf.number(1, 300) + protobuf.number(2, -1) + protobuf.float32(3, 0.5) +
                   protobuf.content(16, "text"))
        self.assertEqual(list(protobuf.fields(message)),
                         [(1, 300), (2, 2**64 - 1), (3, struct.pack("<f", 0.5)), (16, b"text")])

    def test_rejects_groups(self):
        with self.assertRaisesRegex(ValueError, "wire type 3"):
            list(protobuf.fields(b"\x0b"))


class Constants(unittest.TestCase):
    def test_channels_first(self):
        weights = np.arange(2 * 3 * 4 * 5, dtype=np.float32).reshape(2, 3, 4, 5)
        moved = floats(weights.shape, weights.ravel()).channels_first()
        self.assertEqual(moved.shape, (2, 5, 3, 4))
        self.assertEqual(moved.values, array("f", weights.transpose(0, 3, 1, 2).ravel()))


class Onnx(unittest.TestCase):
    def setUp(self):
        graph = Graph("name")
        graph.input("in", ("N", 2))
        sum_ = graph.add("Add", "in", graph.constant(floats((2,), (1.5, -2))))
        graph.constant(integers(0, -1))
        graph.add("Some", sum_, output="out", ints=[1, -2], int=-3, float=0.5, string="s")
        graph.output("out", ("N", 3))
        self.model = onnx.load_model_from_string(graph.model("description"))

    def test_header(self):
        self.assertEqual((self.model.ir_version, self.model.doc_string), (8, "description"))
        self.assertEqual([(o.domain, o.version) for o in self.model.opset_import], [("", 16)])
        self.assertEqual(self.model.graph.name, "name")

    def test_nodes(self):
        first, second = self.model.graph.node
        self.assertEqual((first.op_type, first.input[0], list(first.output)), ("Add", "in", [second.input[0]]))
        attributes = {a.name: helper.get_attribute_value(a) for a in second.attribute}
        self.assertEqual(attributes, {"ints": [1, -2], "int": -3, "float": 0.5, "string": b"s"})

    def test_constants(self):
        values = [numpy_helper.to_array(i) for i in self.model.graph.initializer]
        np.testing.assert_array_equal(values[0], np.array([1.5, -2], np.float32), strict=True)
        np.testing.assert_array_equal(values[1], np.array([0, -1], np.int64), strict=True)

    def test_inputs_and_outputs(self):
        self.assertEqual(self.model.graph.input[0],
                         helper.make_tensor_value_info("in", onnx.TensorProto.FLOAT, ["N", 2]))
        self.assertEqual(self.model.graph.output[0],
                         helper.make_tensor_value_info("out", onnx.TensorProto.FLOAT, ["N", 3]))


class TensorFlowLite(unittest.TestCase):
    def test_rejects_other_files(self):
        with self.assertRaisesRegex(ValueError, "not a TensorFlow Lite file"):
            Network(b"\x1c\0\0\0TFL2")


if __name__ == "__main__":
    unittest.main()
