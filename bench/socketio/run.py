"""Compares Socket.IO servers. Run it by ./bench.sh socketio, which installs and builds everything needed."""

import argparse
import contextlib
import pathlib
import resource
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(1, str(pathlib.Path(__file__).resolve().parents[1] / "common"))

import machine  # noqa: E402
import report  # noqa: E402
import tables  # noqa: E402
from kinds import kinds  # noqa: E402
from runner import limit_run_time, log, record  # noqa: E402
from servers import Server  # noqa: E402

MAX_RUN_TIME_S = 600

ECHOES = {
    "text 64 B": {"bytes": 64},
    "binary 16 KB": {"bytes": 16 * 1024, "binary": True},
    "text 64 KB": {"bytes": 64 * 1024},
}


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./bench.sh socketio", description=__doc__)
    parser.add_argument("--servers", help="measure only these, for example emostream,floor; the results are not recorded")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.5, help="duration of each load in each round")
    parser.add_argument("--idle", type=int, default=10_000, help="number of idle connections")
    parser.add_argument("--smoke", action="store_true", help="run every load only briefly, to test the benchmark itself")
    return parser.parse_args()


class Run:
    """The figures of one run: results[load][server] is a list with one entry per round."""

    def __init__(self, arguments):
        self.seconds = arguments.seconds
        self.results = {}
        self.rates = {}
        self.failures = 0

    def measure(self, name, server, load, **options):
        try:
            figures = server.measure(load, self.seconds + 150, **options)
        except (RuntimeError, subprocess.TimeoutExpired) as failure:  # shown as a dash in the table
            log(f"failed: {failure}")
            self.failures += 1
            figures = {}
        self.results.setdefault(name, {}).setdefault(server.kind.name, []).append(figures)

    def measure_round(self, servers):
        timing = {"seconds": self.seconds, "warm_up": min(0.3, self.seconds)}
        for name, event in ECHOES.items():
            for server in servers:
                self.measure(f"echo {name}", server, "echo", **event, **timing)
        for server in servers:
            self.measure("broadcast", server, "broadcast", **timing)
        for name, event in ECHOES.items():
            rate = self.rates.setdefault(f"same load, {name}", self.quarter_of_node(f"echo {name}"))
            for server in servers:
                self.measure(f"same load, {name}", server, "echo", **event, **timing, rate=rate)

    def quarter_of_node(self, load):
        """A quarter of the events per second that Node handled in the first round, or that the first server handled if Node is not
        measured; of 2,000 if that failed."""
        of_load = self.results[load]
        return round(0.25 * of_load.get("node", next(iter(of_load.values())))[0].get("per_second", 2000))

    def measure_idle(self, chosen, connections):
        for kind in chosen:
            with Server(kind) as server:
                self.measure("idle", server, "idle", connections=connections)


def allow_open_files(wanted):
    """Raises the limit of open files for this process and its children; returns the new limit."""
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
    limit_run_time(MAX_RUN_TIME_S)

    wanted_files = arguments.idle + 500
    arguments.idle = min(arguments.idle, allow_open_files(wanted_files) - 500)
    chosen = kinds()
    if arguments.servers:
        chosen = [kind for kind in chosen if kind.name in arguments.servers.split(",")]

    machine_before = machine.describe()
    run = Run(arguments)
    with contextlib.ExitStack() as running:
        servers = [running.enter_context(Server(kind)) for kind in chosen]
        for i in range(arguments.rounds):
            log(f"round {i + 1} of {arguments.rounds}")
            run.measure_round(servers)
    log(f"{arguments.idle:,} idle connections")
    run.measure_idle(chosen, arguments.idle)

    rows = report.table(run.results, chosen)
    print(tables.as_text(rows))
    if run.failures:
        sys.exit(f"{run.failures} measurements failed; the results are not recorded")
    if arguments.smoke or arguments.servers:
        return
    results = {"machine": machine_before, "rounds": arguments.rounds, "seconds": arguments.seconds, "rates": run.rates,
               "idle_connections": arguments.idle, "servers": {kind.name: kind.what for kind in chosen},
               "results": run.results}
    record("socketio", results, report.as_markdown(results, chosen, rows), report.chart(run.results, chosen))


if __name__ == "__main__":
    main()
