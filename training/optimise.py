"""The means of one optimisation step: loss, learning rate, weight decay, averaging, SAM."""

import contextlib
import math

import torch
from torch import nn


def learning_rate(step, steps, peak, warmup):
    """Rise in a line to `peak` over the `warmup` share of the steps, then fall as a cosine to 0."""
    start = warmup * steps
    if step < start:
        return peak * (step + 1) / start
    return peak * 0.5 * (1 + math.cos(math.pi * (step - start) / (steps - start)))


def soft_cross_entropy(logits, targets):
    """Cross entropy of logits [N, 8] against distributions [N, 8], averaged over the batch."""
    return -(targets * torch.log_softmax(logits, dim=1)).sum(dim=1).mean()


def parameter_groups(model, weight_decay):
    """Decay the kernels, not the biases and the batch norms."""
    kernels = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    return [
        {"params": kernels, "weight_decay": weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]


@torch.no_grad()
def follow(average, model, step, decay):
    """Move the averaged model towards the trained one; faster in the first steps."""
    keep = min(decay, (1 + step) / (10 + step))
    pairs = list(zip(average.state_dict().values(), model.state_dict().values()))
    means, now = zip(*(pair for pair in pairs if pair[0].is_floating_point()))
    torch._foreach_mul_(means, keep)  # all at once: on a GPU their number is what takes time
    torch._foreach_add_(means, now, alpha=1 - keep)
    for mean, now in pairs:
        if not mean.is_floating_point():
            mean.copy_(now)


@contextlib.contextmanager
def _still_statistics(model):
    """Inside, the running statistics of the batch norms do not move."""
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    before = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 0.0
    try:
        yield
    finally:
        for norm, momentum in zip(norms, before):
            norm.momentum = momentum


def gradient(model, loss_of, rho):
    """Leave in the parameters' `.grad` the gradient of `loss_of()`; returns that loss, a scalar tensor.

    With rho > 0 it is taken at the worst point within rho of the weights, estimated by one step up
    the gradient (sharpness-aware minimisation, Foret et al. 2021, arXiv:2010.01412); that costs a
    second pass. The weights end where they began.
    """
    model.zero_grad(set_to_none=True)
    loss = loss_of()
    loss.backward()
    if rho > 0:
        moved = [p for p in model.parameters() if p.grad is not None]
        with torch.no_grad():
            length = torch.stack([p.grad.norm() for p in moved]).norm() + 1e-12
            before = [p.clone() for p in moved]
            for p in moved:
                p.add_(p.grad, alpha=float(rho / length))
        model.zero_grad(set_to_none=True)
        with _still_statistics(model):
            loss_of().backward()
        with torch.no_grad():
            for p, old in zip(moved, before):
                p.copy_(old)
    return loss.detach()
