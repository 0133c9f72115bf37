"""The parts of an optimisation step: loss, learning rate schedule, weight decay, EMA, sharpness-aware minimisation."""

import contextlib
import math

import torch
from torch import nn


def learning_rate(step, steps, peak, warmup):
    """Linear warm-up to `peak` over the fraction `warmup` of the steps, then cosine decay to 0."""
    warmup_steps = warmup * steps
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    return peak * 0.5 * (1 + math.cos(math.pi * (step - warmup_steps) / (steps - warmup_steps)))


def soft_cross_entropy(logits, targets):
    """Cross entropy of logits [N, 8] against distributions [N, 8], averaged over the batch."""
    return -(targets * torch.log_softmax(logits, dim=1)).sum(dim=1).mean()


def parameter_groups(model, weight_decay):
    """Optimiser groups that apply weight decay to kernels, but not to biases and batch norms."""
    trained = [p for p in model.parameters() if p.requires_grad]
    kernels = [p for p in trained if p.ndim > 1]
    others = [p for p in trained if p.ndim <= 1]
    return [
        {"params": kernels, "weight_decay": weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]


def freeze(model, blocks):
    """Fixes the weights of the stem and of the first blocks, if `blocks` is not 0."""
    for part in [model.stem, *model.blocks[:blocks]] if blocks else []:
        part.requires_grad_(False)


def set_training_mode(model, frozen_blocks):
    """Sets the model to training mode; with frozen blocks, all batch norms keep their statistics."""
    model.train()
    if frozen_blocks:
        for norm in _batch_norms(model):
            norm.eval()


@torch.no_grad()
def ema_update(average, model, step, decay):
    """Updates the exponential moving average of the model's weights; the decay is smaller in the first steps."""
    decay = min(decay, (1 + step) / (10 + step))
    pairs = list(zip(average.state_dict().values(), model.state_dict().values()))
    means, values = zip(*(pair for pair in pairs if pair[0].is_floating_point()))
    # One call for all tensors: on a GPU the number of kernel launches dominates the time.
    torch._foreach_mul_(means, decay)
    torch._foreach_add_(means, values, alpha=1 - decay)
    for mean, value in pairs:
        if not mean.is_floating_point():
            mean.copy_(value)


def _batch_norms(model):
    return [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]


@contextlib.contextmanager
def _frozen_batch_norm_statistics(model):
    """A context in which the batch norms do not update their running statistics."""
    norms = _batch_norms(model)
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 0.0
    try:
        yield
    finally:
        for norm, momentum in zip(norms, momenta):
            norm.momentum = momentum


def compute_gradient(model, compute_loss, rho):
    """Stores the gradient of `compute_loss()` in the parameters' `.grad` and returns the loss, a scalar tensor.

    With rho > 0 the gradient is taken at the point of highest loss within the radius rho of the weights, estimated
    by one step along the gradient (sharpness-aware minimisation, Foret et al. 2021, arXiv:2010.01412). This costs a
    second forward and backward pass. The weights are restored afterwards.
    """
    model.zero_grad(set_to_none=True)
    loss = compute_loss()
    loss.backward()
    if rho > 0:
        parameters = [p for p in model.parameters() if p.grad is not None]
        with torch.no_grad():
            norm = torch.stack([p.grad.norm() for p in parameters]).norm() + 1e-12
            originals = [p.clone() for p in parameters]
            for p in parameters:
                p.add_(p.grad, alpha=float(rho / norm))
        model.zero_grad(set_to_none=True)
        with _frozen_batch_norm_statistics(model):
            compute_loss().backward()
        with torch.no_grad():
            for p, original in zip(parameters, originals):
                p.copy_(original)
    return loss.detach()
