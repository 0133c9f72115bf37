"""Measures the expression classifier beside others: ./bench.sh classifier (which builds and installs what this
needs)."""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(1, str(pathlib.Path(__file__).resolve().parents[1] / "socketio"))

import onnx  # noqa: E402

import networks  # noqa: E402
import table  # noqa: E402
from report import machine  # noqa: E402

ROOT = networks.ROOT
BUILD = ROOT / "build/bench"
ENOUGH_S = 300


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./bench.sh classifier", description=__doc__)
    parser.add_argument("--model", type=pathlib.Path, default=ROOT / "models/expression",
                        help="the served model's folder; nothing is recorded for another than the shipped one")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--smoke", action="store_true", help="runs everything, too briefly to mean anything")
    return parser.parse_args()


def prepare(served, folder):
    """Writes the folders that the program loads; {name: (folder, what it is)}."""
    network = onnx.load_model(str(served / "model.onnx"))
    eight = networks.is_quantised(network)
    made = {
        "served": ("the shipped model, in 8 bits" if eight else "the shipped model, in float32", network),
        **({"float32": ("the same network without rounding", networks.unquantised(network))} if eight else
           {"8 bits": ("the same network quantised, with ranges of no meaning", networks.quantised(network))}),
        "reference": ("a ResNet-18 of half the width for small pictures, random weights, in float32",
                      networks.reference()),
    }
    told = {}
    for name, (what, model) in made.items():
        to = folder / name.replace(" ", "_")
        to.mkdir(parents=True, exist_ok=True)
        shutil.copy(served / "model.toml", to / "model.toml")
        onnx.save_model(model, str(to / "model.onnx"))
        told[name] = (to, what)
    return told


def measure(made, rounds):
    """The program's rounds, by the networks' names."""
    folders = {str(folder): name for name, (folder, _) in made.items()}
    done = subprocess.run([BUILD / "bench/bench_classifier", str(rounds), *folders], check=True,
                          stdout=subprocess.PIPE, timeout=ENOUGH_S)
    return [{folders.get(key, key): figures for key, figures in told.items()} for told in json.loads(done.stdout)]


def main():
    arguments = parse_arguments()
    if arguments.smoke:
        arguments.rounds = 1
    made = prepare(arguments.model, BUILD / "classifier")
    told = {
        "machine": machine(), "rounds": arguments.rounds,
        "networks": {name: {"what": what, "bytes": os.path.getsize(folder / "model.onnx")}
                     for name, (folder, what) in made.items()},
        "results": measure(made, arguments.rounds),
    }
    print(table.as_text(told))
    if arguments.smoke or arguments.model != ROOT / "models/expression":
        return
    folder = ROOT / "docs/benchmarks"
    (folder / "classifier.json").write_text(json.dumps(table.rounded(told), indent=1) + "\n", encoding="utf-8")
    (folder / "classifier.md").write_text(table.as_markdown(told), encoding="utf-8")
    (folder / "classifier.svg").write_text(table.chart(told), encoding="utf-8")
    print("recorded in docs/benchmarks/classifier.md", file=sys.stderr)


if __name__ == "__main__":
    main()
