"""Answers of a trained network."""

import hashlib
from pathlib import Path

import torch

import recipes
from progress import Progress


def load_network(run):
    """The averaged network of a run's checkpoint, in eval mode, and the whole checkpoint."""
    state = torch.load(Path(run) / "checkpoint.pt", map_location="cpu")
    network = recipes.network(state["settings"])
    network.load_state_dict(state["average"])
    return network.eval(), state


def fingerprint(network):
    """A short text that tells networks apart by their weights."""
    values = hashlib.sha256()
    for name, tensor in sorted(network.state_dict().items()):
        values.update(name.encode() + tensor.cpu().contiguous().numpy().tobytes())
    return values.hexdigest()[:16]


def has_bfloat16(device):
    """Whether bfloat16 pays: on a GPU that supports it, or a CPU with matrix units or dot products for it."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    cpu = Path("/proc/cpuinfo")
    return cpu.is_file() and not {"amx_bf16", "avx512_bf16"}.isdisjoint(cpu.read_text().split())


@torch.no_grad()
def score(model, images, device, batch=512, mirrored=False, bfloat16=False, what=None):
    """images uint8 [N, 48, 48] -> logits float32 [N, 8] of the model in eval mode, on the CPU; with a
    progress line that begins with `what`, if that is given.

    bfloat16 is about four times as fast on a processor with matrix units for it, and off by some
    hundredths: good for teaching and for watching a run, not for the card's figures.
    """
    model.eval()
    answers = []
    progress = what and Progress(what, len(images))
    for start in range(0, len(images), batch):
        pixels = torch.from_numpy(images[start : start + batch]).to(device).float().unsqueeze(1)
        with torch.autocast(device.type, torch.bfloat16, enabled=bfloat16):
            answers.append(model(pixels.flip(3) if mirrored else pixels).float().cpu())
        if progress:
            progress.show(start + len(pixels))
    return torch.cat(answers)
