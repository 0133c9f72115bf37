"""Measures Socket.IO servers side by side: ./bench.sh socketio (which builds and installs what this needs)."""

import argparse
import contextlib
import json
import pathlib
import resource
import signal
import subprocess
import sys

sys.dont_write_bytecode = True

import report  # noqa: E402
from servers import Server, kinds  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENOUGH_S = 600  # what goes wrong is to end by itself

ECHOES = {
    "text 64 B": {"bytes": 64},
    "binary 16 KB": {"bytes": 16 * 1024, "binary": True},
    "text 64 KB": {"bytes": 64 * 1024},
}


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./bench.sh socketio", description=__doc__)
    parser.add_argument("--servers", help="only these, as in emostream,floor; nothing is recorded then")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.5, help="of each load in each round")
    parser.add_argument("--idle", type=int, default=10_000, help="idle connections")
    parser.add_argument("--smoke", action="store_true", help="runs everything, too briefly to mean anything")
    return parser.parse_args()


def say(text):
    print(f"\033[1m▸ {text}\033[0m", file=sys.stderr, flush=True)


class Run:
    """The figures of one run: results[load][server] is a list, one entry a round."""

    def __init__(self, arguments):
        self.seconds = arguments.seconds
        self.results = {}
        self.rates = {}
        self.failures = 0

    def take(self, name, server, load, **options):
        try:
            figures = server.measure(load, self.seconds + 150, **options)
        except (RuntimeError, subprocess.TimeoutExpired) as failure:  # a dash in the table
            say(f"failed: {failure}")
            self.failures += 1
            figures = {}
        self.results.setdefault(name, {}).setdefault(server.kind.name, []).append(figures)

    def round(self, servers):
        timing = {"seconds": self.seconds, "warm_up": min(0.3, self.seconds)}
        for name, event in ECHOES.items():
            for server in servers:
                self.take(f"echo {name}", server, "echo", **event, **timing)
        for server in servers:
            self.take("broadcast", server, "broadcast", **timing)
        for name, event in ECHOES.items():
            rate = self.rates.setdefault(f"same load, {name}", self.quarter_of_node(f"echo {name}"))
            for server in servers:
                self.take(f"same load, {name}", server, "echo", **event, **timing, rate=rate)

    def quarter_of_node(self, load):
        """Events a second; where Node is not measured, of whom is."""
        of_load = self.results[load]
        return round(0.25 * of_load.get("node", next(iter(of_load.values())))[0].get("per_second", 2000))

    def idle(self, chosen, connections):
        for kind in chosen:
            with Server(kind) as server:
                self.take("idle", server, "idle", connections=connections)


def allow_open_files(wanted):
    """Raises the limit for this process and its children; returns how many connections it allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        with contextlib.suppress(ValueError, PermissionError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, wanted))
            hard = wanted
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted if hard == resource.RLIM_INFINITY else hard, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def main():
    arguments = parse_arguments()
    if arguments.smoke:
        arguments.rounds, arguments.seconds, arguments.idle = 1, 0.1, 100
    for ends in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(ends, lambda number, _: sys.exit(f"ended by {signal.Signals(number).name}"))
    signal.alarm(ENOUGH_S)

    wanted_files = arguments.idle + 500
    arguments.idle = min(arguments.idle, allow_open_files(wanted_files) - 500)
    chosen = kinds()
    if arguments.servers:
        chosen = [kind for kind in chosen if kind.name in arguments.servers.split(",")]

    machine = report.machine()
    run = Run(arguments)
    with contextlib.ExitStack() as running:
        servers = [running.enter_context(Server(kind)) for kind in chosen]
        for i in range(arguments.rounds):
            say(f"round {i + 1} of {arguments.rounds}")
            run.round(servers)
    say(f"{arguments.idle:,} idle connections")
    run.idle(chosen, arguments.idle)

    lines = report.table(run.results, chosen)
    print(report.as_text(lines))
    if run.failures:
        sys.exit(f"{run.failures} measurements failed; nothing is recorded")
    if arguments.smoke or arguments.servers:
        return
    told = {"machine": machine, "rounds": arguments.rounds, "seconds": arguments.seconds, "rates": run.rates,
            "idle_connections": arguments.idle, "servers": {kind.name: kind.what for kind in chosen},
            "results": run.results}
    folder = ROOT / "docs/benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "socketio.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    (folder / "socketio.md").write_text(report.as_markdown(told, chosen, lines), encoding="utf-8")
    (folder / "socketio.svg").write_text(report.chart(run.results, chosen), encoding="utf-8")
    say("recorded in docs/benchmarks/socketio.md")


if __name__ == "__main__":
    main()
