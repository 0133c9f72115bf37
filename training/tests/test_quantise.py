"""ONNX graphs run with PyTorch, and quantised graphs, on synthetic faces."""

import unittest

import numpy as np
import onnx
import torch
from onnx import numpy_helper

import export
import model
import quantise
from onnx_graph import OPERATORS, Graph, run_model


def faces(count=32):
    """Bright blobs at random positions: uint8 [count, 48, 48]."""
    rng = np.random.default_rng(1)
    y, x = np.mgrid[:48, :48]
    centres = rng.uniform(8, 40, (count, 2, 1, 1))
    blobs = 200 * np.exp(-((x - centres[:, 0]) ** 2 + (y - centres[:, 1]) ** 2) / 60)
    return (blobs + rng.uniform(0, 40, (count, 48, 48))).astype(np.uint8)


def with_random_batch_norms(net):
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, 0, 0.2)
    return net.eval()


def network(**options):
    torch.manual_seed(1)
    return with_random_batch_norms(model.ExpressionNet([8, 16, 16, 24], depths=[1, 2, 1, 1], **options))


VARIANTS = ({}, {"fine_stem": True, "attention": True})


def networks():
    """A network of each variant, with its name."""
    for options in VARIANTS:
        yield str(options), network(**options)


class Running(unittest.TestCase):
    def test_a_graph_gives_the_logits_of_its_network(self):
        for name, net in networks():
            with self.subTest(name):
                pixels = torch.from_numpy(faces(5)).float().unsqueeze(1)
                with torch.no_grad():
                    expected = net(pixels)
                logits = run_model(export.to_onnx(net), faces(5), batch=2)
                self.assertTrue(torch.allclose(logits, expected, atol=1e-4))

    def test_the_observer_gets_every_computed_tensor(self):
        observed = {}
        graph = Graph(export.to_onnx(network()))
        output = graph.run(torch.zeros(3, 1, 48, 48), lambda name, value: observed.update({name: value}))
        self.assertEqual(len(observed), len(graph.nodes))
        self.assertIs(observed["logits"], output)

    def test_rounds_as_specified_by_onnx(self):
        scale, zero = torch.tensor(0.5), torch.tensor(10, dtype=torch.uint8)
        steps = OPERATORS["QuantizeLinear"](None, torch.tensor([0.25, 0.75, -9.0, 900.0]), scale, zero)
        self.assertEqual(steps.tolist(), [10, 12, 0, 255])  # rounds halves to even
        self.assertEqual(OPERATORS["DequantizeLinear"](None, steps, scale, zero).tolist(), [0, 1, -5, 122.5])


class Ranges(unittest.TestCase):
    def test_zero_is_represented_exactly(self):
        for low, high in ((0.0, 3.0), (-1.7, 2.9), (1.0, 2.0), (-3.0, -1.0), (0.0, 0.0)):
            scale, zero = quantise.scale_and_zero_point(low, high)
            self.assertEqual(quantise.quantise_dequantise(np.zeros(1), scale, zero)[0], 0)
            for end in (low, high):
                self.assertLessEqual(abs(quantise.quantise_dequantise(np.array([end]), scale, zero)[0] - end), scale)

    def test_rare_extreme_values_are_clipped(self):
        common = np.abs(np.random.default_rng(1).normal(0, 1, 1_000_000))
        scale, _ = quantise.best_range(np.append(common, 20.0), 0.0, 20.0)
        self.assertLess(255 * scale, 15)
        scale, _ = quantise.best_range(common, 0.0, common.max())
        self.assertGreater(255 * scale, 3)


class EightBits(unittest.TestCase):
    def test_logits_hardly_change(self):
        for name, net in networks():
            with self.subTest(name):
                before = export.to_onnx(net)
                serialized = before.SerializeToString()
                after = quantise.quantise(before, faces())
                self.assertEqual(before.SerializeToString(), serialized)
                expected, logits = run_model(before, faces()), run_model(after, faces())
                self.assertLess(((logits - expected).std() / expected.std()).item(), 0.03)

    def test_all_but_the_first_and_last_layers_are_quantised(self):
        graph = Graph(quantise.quantise(export.to_onnx(network(**VARIANTS[1])), faces()))
        producer = {node.output[0]: node for node in graph.nodes}
        consumers = graph.consumers()
        first, *rest = [node for node in graph.nodes if node.op_type == "Conv"]
        self.assertEqual(graph.constants[first.input[1]].dtype, np.float32)
        for node in rest:
            inputs = [graph.constants.get(producer[name].input[0]) for name in node.input]
            self.assertIsNone(inputs[0])
            self.assertEqual([constant.dtype for constant in inputs[1:]], [np.int8, np.int32])
            self.assertEqual(consumers[node.input[0]][0].op_type, "Conv")
        for node in graph.nodes:
            if node.op_type in ("Add", "Mul") and "/blocks/" in node.name:
                for name in node.input:
                    self.assertEqual(producer[name].op_type, "DequantizeLinear")
            if node.op_type == "QuantizeLinear":
                self.assertEqual(graph.constants[node.input[2]].dtype, np.uint8)
            self.assertNotEqual(node.op_type, "Unsqueeze")

    def test_quantises_a_channel_whose_weights_are_all_zero(self):
        weight = np.random.default_rng(1).normal(size=(3, 2, 3, 3)).astype(np.float32)
        weight[1] = 0
        steps, scale = quantise.quantise_weight(weight)
        self.assertEqual(steps.dtype, np.int8)
        restored = (steps.astype(np.float32) - quantise.WEIGHT_ZERO_POINT) * scale[:, None, None, None]
        self.assertTrue((np.abs(restored - weight) <= 0.5001 * scale[:, None, None, None]).all())
        self.assertTrue((restored[1] == 0).all())

    def test_the_quantised_model_is_less_than_half_the_size(self):
        before = export.to_onnx(network())
        after = quantise.quantise(before, faces())
        size = lambda m: sum(numpy_helper.to_array(i).nbytes for i in m.graph.initializer)  # noqa: E731
        self.assertLess(size(after), 0.5 * size(before))
        onnx.checker.check_model(after, full_check=True)

    def test_samples_the_same_faces_every_time(self):
        class Split(list):
            images = faces(20)
        split = Split(range(20))
        sample = quantise.sample_faces(split, 8)
        self.assertEqual(sample.shape, (8, 48, 48))
        self.assertTrue((sample == quantise.sample_faces(split, 8)).all())


if __name__ == "__main__":
    unittest.main()
