"""Shared by the benchmarks in Python: prints progress, limits the run time, and records the results."""

import json
import pathlib
import signal
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
RECORDED = ROOT / "docs/benchmarks"


def log(text):
    print(f"\033[1m▸ {text}\033[0m", file=sys.stderr, flush=True)


def limit_run_time(seconds):
    """Ends the program after that time, and on SIGTERM, by SystemExit, so that `with` blocks stop their servers."""
    for number in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, lambda received, _: sys.exit(f"terminated by {signal.Signals(received).name}"))
    signal.alarm(seconds)


def record(name, results, markdown, chart, folder=RECORDED):
    """Writes the results as JSON, the report and its chart."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    (folder / f"{name}.md").write_text(markdown, encoding="utf-8")
    (folder / f"{name}.svg").write_text(chart, encoding="utf-8")
    log(f"recorded in {(folder / name).relative_to(ROOT)}.md")
