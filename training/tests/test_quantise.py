"""Running an ONNX graph with torch, and the graph in 8 bits, on synthetic faces."""

import unittest

import numpy as np
import onnx
import torch
from onnx import numpy_helper

import export
import model
import quantise
from graph import OPERATORS, Graph, answers


def faces(count=32):
    """Bright blobs at random places: uint8 [count, 48, 48]."""
    random = np.random.default_rng(1)
    y, x = np.mgrid[:48, :48]
    at = random.uniform(8, 40, (count, 2, 1, 1))
    blobs = 200 * np.exp(-((x - at[:, 0]) ** 2 + (y - at[:, 1]) ** 2) / 60)
    return (blobs + random.uniform(0, 40, (count, 48, 48))).astype(np.uint8)


def settled(net):
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, 0, 0.2)
    return net.eval()


def network(**options):
    torch.manual_seed(1)
    return settled(model.ExpressionNet([8, 16, 16, 24], depths=[1, 2, 1, 1], **options))


KINDS = ({}, {"fine_stem": True, "attention": True})


def networks():
    """One of each kind, by its name."""
    for options in KINDS:
        yield str(options), network(**options)


class Running(unittest.TestCase):
    def test_answers_as_the_network_does(self):
        for name, net in networks():
            with self.subTest(name):
                pixels = torch.from_numpy(faces(5)).float().unsqueeze(1)
                with torch.no_grad():
                    expected = net(pixels)
                found = answers(export.to_onnx(net), faces(5), batch=2)
                self.assertTrue(torch.allclose(found, expected, atol=1e-4))

    def test_shows_what_it_computes(self):
        seen = {}
        graph = Graph(export.to_onnx(network()))
        last = graph.run(torch.zeros(3, 1, 48, 48), lambda name, value: seen.update({name: value}))
        self.assertEqual(len(seen), len(graph.nodes))
        self.assertIs(seen["logits"], last)

    def test_rounds_as_onnx_says(self):
        scale, zero = torch.tensor(0.5), torch.tensor(10, dtype=torch.uint8)
        steps = OPERATORS["QuantizeLinear"](None, torch.tensor([0.25, 0.75, -9.0, 900.0]), scale, zero)
        self.assertEqual(steps.tolist(), [10, 12, 0, 255])  # halves go to the even neighbour
        self.assertEqual(OPERATORS["DequantizeLinear"](None, steps, scale, zero).tolist(), [0, 1, -5, 122.5])


class Ranges(unittest.TestCase):
    def test_zero_is_exact(self):
        for low, high in ((0.0, 3.0), (-1.7, 2.9), (1.0, 2.0), (-3.0, -1.0), (0.0, 0.0)):
            scale, zero = quantise.spread(low, high)
            self.assertEqual(quantise.rounded(np.zeros(1), scale, zero)[0], 0)
            for end in (low, high):
                self.assertLessEqual(abs(quantise.rounded(np.array([end]), scale, zero)[0] - end), scale)

    def test_what_is_rare_is_cut_off(self):
        common = np.abs(np.random.default_rng(1).normal(0, 1, 1_000_000))
        scale, _ = quantise.best_range(np.append(common, 20.0), 0.0, 20.0)
        self.assertLess(255 * scale, 15)
        scale, _ = quantise.best_range(common, 0.0, common.max())
        self.assertGreater(255 * scale, 3)


class EightBits(unittest.TestCase):
    def test_answers_hardly_change(self):
        for name, net in networks():
            with self.subTest(name):
                before = export.to_onnx(net)
                untouched = before.SerializeToString()
                after = quantise.quantise(before, faces())
                self.assertEqual(before.SerializeToString(), untouched)
                expected, found = answers(before, faces()), answers(after, faces())
                self.assertLess(((found - expected).std() / expected.std()).item(), 0.03)

    def test_all_but_the_ends_is_integer(self):
        graph = Graph(quantise.quantise(export.to_onnx(network(**KINDS[1])), faces()))
        maker = {node.output[0]: node for node in graph.nodes}
        users = graph.users()
        first, *rest = [node for node in graph.nodes if node.op_type == "Conv"]
        self.assertEqual(graph.constants[first.input[1]].dtype, np.float32)
        for node in rest:
            kinds = [graph.constants.get(maker[name].input[0]) for name in node.input]
            self.assertIsNone(kinds[0])
            self.assertEqual([k.dtype for k in kinds[1:]], [np.int8, np.int32])
            self.assertEqual(users[node.input[0]][0].op_type, "Conv")
        for node in graph.nodes:
            if node.op_type in ("Add", "Mul") and "/blocks/" in node.name:
                for name in node.input:
                    self.assertEqual(maker[name].op_type, "DequantizeLinear")
            if node.op_type == "QuantizeLinear":
                self.assertEqual(graph.constants[node.input[2]].dtype, np.uint8)
            self.assertNotEqual(node.op_type, "Unsqueeze")

    def test_a_channel_without_weights_is_no_harm(self):
        weight = np.random.default_rng(1).normal(size=(3, 2, 3, 3)).astype(np.float32)
        weight[1] = 0
        steps, scale = quantise.quantised_weight(weight)
        self.assertEqual(steps.dtype, np.int8)
        back = (steps.astype(np.float32) - quantise.WEIGHT_ZERO) * scale[:, None, None, None]
        self.assertTrue((np.abs(back - weight) <= 0.5001 * scale[:, None, None, None]).all())
        self.assertTrue((back[1] == 0).all())

    def test_is_smaller(self):
        before = export.to_onnx(network())
        after = quantise.quantise(before, faces())
        count = lambda m: sum(numpy_helper.to_array(i).nbytes for i in m.graph.initializer)  # noqa: E731
        self.assertLess(count(after), 0.5 * count(before))
        onnx.checker.check_model(after, full_check=True)

    def test_faces_are_drawn_alike(self):
        class Split(list):
            images = faces(20)
        split = Split(range(20))
        drawn = quantise.some_faces(split, 8)
        self.assertEqual(drawn.shape, (8, 48, 48))
        self.assertTrue((drawn == quantise.some_faces(split, 8)).all())


if __name__ == "__main__":
    unittest.main()
