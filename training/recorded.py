"""A computation on a GPU, recorded once and played again with other numbers of the same shapes.

A training step of a small network is some hundred kernels of some microseconds, and Python takes longer to
start them than the GPU to run them. A CUDA graph starts them all at once.
"""

import torch

WARM_UP = 3  # runs before the recording, as PyTorch's notes on CUDA graphs ask for


class Recorded:
    """`compute(*tensors)`, which must do the same work whatever the numbers are, and never wait for one.

    What it returns, and what it leaves behind (a gradient), stays where it was at the recording and is
    overwritten by the next call. The warm-up and the recording see the tensors given here.
    """

    def __init__(self, compute, *tensors):
        self.inputs = [tensor.clone() for tensor in tensors]
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(WARM_UP):
                compute(*self.inputs)
        torch.cuda.current_stream().wait_stream(aside)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.result = compute(*self.inputs)

    def __call__(self, *tensors):
        for own, given in zip(self.inputs, tensors):
            own.copy_(given)
        self.graph.replay()
        return self.result
