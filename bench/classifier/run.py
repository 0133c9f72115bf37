"""Compares the expression classifier with other networks. Run it by ./bench.sh classifier, which installs and builds
everything needed."""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(1, str(pathlib.Path(__file__).resolve().parents[1] / "common"))

import onnx  # noqa: E402

import machine  # noqa: E402
import networks  # noqa: E402
import report  # noqa: E402
from runner import ROOT, record  # noqa: E402
from tables import rounded  # noqa: E402

BUILD = ROOT / "build/bench"
MAX_RUN_TIME_S = 300


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./bench.sh classifier", description=__doc__)
    parser.add_argument("--model", type=pathlib.Path, default=ROOT / "models/expression",
                        help="model folder; the results are recorded only for the shipped model")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--smoke", action="store_true", help="run a single round, to test the benchmark itself")
    return parser.parse_args()


def prepare(served, folder):
    """Writes the model folders that bench_classifier loads; returns {name: (folder, description)}."""
    network = onnx.load_model(str(served / "model.onnx"))
    quantised = networks.is_quantised(network)
    models = {
        "served": ("the shipped model, in 8 bits" if quantised else "the shipped model, in float32", network),
        **({"float32": ("the same weights, computed in float32", networks.unquantised(network))} if quantised else
           {"8 bits": ("the same network quantised, with arbitrary ranges", networks.quantised(network))}),
        "reference": ("a ResNet-18 of half the width for small images, random weights, in float32",
                      networks.reference()),
    }
    written = {}
    for name, (what, model) in models.items():
        target = folder / name.replace(" ", "_")
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(served / "model.toml", target / "model.toml")
        onnx.save_model(model, str(target / "model.onnx"))
        written[name] = (target, what)
    return written


def measure(models, rounds):
    """Runs bench_classifier; returns its rounds with folders replaced by the networks' names."""
    folders = {str(folder): name for name, (folder, _) in models.items()}
    done = subprocess.run([BUILD / "bench/bench_classifier", str(rounds), *folders], check=True,
                          stdout=subprocess.PIPE, timeout=MAX_RUN_TIME_S)
    return [{folders.get(key, key): figures for key, figures in each.items()} for each in json.loads(done.stdout)]


def main():
    arguments = parse_arguments()
    if arguments.smoke:
        arguments.rounds = 1
    machine_before = machine.describe()
    models = prepare(arguments.model, BUILD / "classifier")
    run = {
        "machine": machine_before, "rounds": arguments.rounds,
        "networks": {name: {"what": what, "bytes": os.path.getsize(folder / "model.onnx")}
                     for name, (folder, what) in models.items()},
        "results": measure(models, arguments.rounds),
    }
    print(report.as_text(run))
    if not arguments.smoke and arguments.model == ROOT / "models/expression":
        record("classifier", rounded(run), report.as_markdown(run), report.chart(run))


if __name__ == "__main__":
    main()
