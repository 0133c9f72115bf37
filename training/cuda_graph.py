"""Captures a computation as a CUDA graph and replays it on other inputs of the same shapes.

A training step of a small network runs some hundred kernels of a few microseconds each. Python needs longer to
launch them than the GPU to run them. A CUDA graph launches them all at once.
"""

import torch

WARM_UP = 3  # runs before the capture, which PyTorch's notes on CUDA graphs require


class CudaGraph:
    """Replays `compute(*tensors)`, whose work must not depend on the values and which must not synchronise.

    The result and side effects such as gradients keep the addresses that they had at the capture; the next call
    overwrites them. The constructor first runs `compute` on copies of its tensors, as a warm-up with all side effects.
    """

    def __init__(self, compute, *tensors):
        self.inputs = [tensor.clone() for tensor in tensors]
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(WARM_UP):
                compute(*self.inputs)
        torch.cuda.current_stream().wait_stream(stream)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.result = compute(*self.inputs)

    def __call__(self, *tensors):
        for captured, tensor in zip(self.inputs, tensors):
            captured.copy_(tensor)
        self.graph.replay()
        return self.result
