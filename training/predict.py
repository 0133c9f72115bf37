"""Loads a trained network and computes its predictions."""

import hashlib
import os
from pathlib import Path

import torch

import recipes
from progress import Progress


def load_network(run):
    """The averaged network of a run's checkpoint, in eval mode, and the whole checkpoint."""
    state = torch.load(Path(run) / "checkpoint.pt", map_location="cpu")
    state["settings"] = recipes.with_current_names(state["settings"])
    network = recipes.build_network(state["settings"])
    network.load_state_dict(state["average"])
    return network.eval(), state


def fingerprint(network):
    """A short hash of the network's weights."""
    values = hashlib.sha256()
    for name, tensor in sorted(network.state_dict().items()):
        values.update(name.encode() + tensor.cpu().contiguous().numpy().tobytes())
    return values.hexdigest()[:16]


def has_fast_bfloat16(device):
    """Whether the device computes bfloat16 in hardware: a GPU that supports it, or a CPU with AMX or AVX-512 BF16."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    # oneDNN needs AVX-512 for bfloat16, and this variable can exclude it.
    if os.environ.get("DNNL_MAX_CPU_ISA", "").upper() in ("SSE41", "AVX", "AVX2", "AVX2_VNNI"):
        return False
    cpu = Path("/proc/cpuinfo")
    return cpu.is_file() and not {"amx_bf16", "avx512_bf16"}.isdisjoint(cpu.read_text().split())


@torch.no_grad()
def predict(model, images, device, batch=512, mirrored=False, bfloat16=False, label=None):
    """images uint8 [N, 48, 48] -> logits float32 [N, 8] of the model in eval mode, on the CPU.

    Shows a progress line that starts with `label` if one is given. bfloat16 is about four times as fast on a
    processor with AMX and changes logits by some hundredths. That is accurate enough for distillation and for
    monitoring a run, but not for the figures of the model card.
    """
    model.eval()
    logits = []
    progress = label and Progress(label, len(images))
    for start in range(0, len(images), batch):
        pixels = torch.from_numpy(images[start : start + batch]).to(device).float().unsqueeze(1)
        with torch.autocast(device.type, torch.bfloat16, enabled=bfloat16):
            logits.append(model(pixels.flip(3) if mirrored else pixels).float().cpu())
        if progress:
            progress.show(start + len(pixels))
    return torch.cat(logits)
