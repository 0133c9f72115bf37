"""Runs the server's program: `analyze` for images, `serve` for streams of frames."""

import json
import os
import queue
import sched
import secrets
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import socketio

from media import ROOT, encode

NAMESPACE = "/emotion-detection"
TIMEOUT_S = 60
MAX_SLOWNESS = 1.2  # of a stream, beyond which it is reported: times matter to tracking
# Frames must not be dropped if the machine is busy: that is not measured here.
PATIENT = {"frames.deadline_ms": "60000"}


class Program:
    """The program with its default settings except `settings`, for example {"vision.max_measured": "4"}."""

    def __init__(self, settings=None, binary=None):
        self.binary = binary or os.environ.get("EMOSTREAM_BINARY", str(ROOT / "build" / "release" / "emostream"))
        self.settings = settings or {}

    def analyze(self, images, settings=None):
        """The faces in each of the images, which are files, passed on as they are, or PIL images. `settings` are added
        to those of the program."""
        with tempfile.TemporaryDirectory() as folder:
            # The program analyzes the files of a folder in the order of their names.
            for index, image in enumerate(images):
                encoded = image.read_bytes() if isinstance(image, Path) else encode(image, "PNG", compress_level=0)
                (Path(folder) / f"{index:06d}").write_bytes(encoded)
            done = subprocess.run([self.binary, "analyze", folder], cwd=ROOT, env=self.environment(settings or {}),
                                  capture_output=True, text=True)
        results = [json.loads(line) for line in done.stdout.splitlines()]
        errors = [result["error"] for result in results if "error" in result]
        if done.returncode != 0 or len(results) != len(images):
            raise RuntimeError(f"{self.binary} analyze: {', '.join(errors) or done.stderr.strip() or 'no result'}")
        return [result["faces"] for result in results]

    @contextmanager
    def serve(self):
        """A running server: its address and a token."""
        variables = self.environment(PATIENT) | {"EMOSTREAM_JWT_SECRET": secrets.token_hex(32)}
        token = subprocess.run([self.binary, "token", "--sub", "camera"], cwd=ROOT, env=variables, check=True,
                               capture_output=True, text=True).stdout.strip()
        server = subprocess.Popen([self.binary, "serve", "--host", "127.0.0.1", "--port", "0"], cwd=ROOT,
                                  env=variables, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            ready = next((line for line in server.stdout if line.startswith("ready ")), None)
            if ready is None:
                raise RuntimeError(f"{self.binary} serve ended before it was ready")
            yield ready.split()[1], token
        finally:
            server.terminate()
            server.wait(TIMEOUT_S)
            server.stdout.close()

    def environment(self, settings):
        """The environment variables in which the program has its settings and these."""
        others = {name: value for name, value in os.environ.items() if not name.startswith("EMOSTREAM_")}
        chosen = self.settings | settings
        return others | {f"EMOSTREAM_{key.replace('.', '_').upper()}": str(value) for key, value in chosen.items()}


def stream(server, frames, fps, config=None):
    """Sends encoded frames as a camera would, each when it is due and the one before has been answered; returns the
    faces in each. `server` is what `Program.serve` yields, `config` that of the session."""
    address, token = server
    results, faces = queue.Queue(), []
    client = socketio.Client(reconnection=False, request_timeout=TIMEOUT_S)
    client.on("detection_result", results.put, namespace=NAMESPACE)
    client.connect(address, namespaces=[NAMESPACE], auth={"token": token}, transports=["websocket"],
                   wait_timeout=TIMEOUT_S)

    def send(number):
        answer = client.call("video_frame", {"frame_id": number, "data": frames[number]}, NAMESPACE, TIMEOUT_S)
        if not answer["ok"]:
            raise RuntimeError(f"frame {number} was not processed: {answer}")
        faces.append(results.get(timeout=TIMEOUT_S)["faces"])

    started = time.monotonic()
    try:
        client.call("control", {"action": "start", "config": config}, NAMESPACE, TIMEOUT_S)
        in_time(send, len(frames), 1 / fps)
    finally:
        client.disconnect()
    if (taken := time.monotonic() - started) > MAX_SLOWNESS * len(frames) / fps:
        print(f"too slow: {len(frames)} frames took {taken:.1f} s, not {len(frames) / fps:.1f} s", file=sys.stderr)
    return faces


def in_time(action, count, interval, schedule=None):
    """Calls action(0), action(1), … at this interval in seconds. What is late delays all that follows: nothing is
    caught up."""
    schedule = schedule or sched.scheduler()

    def run(number, due):
        action(number)
        if number + 1 < count:
            due = max(due + interval, schedule.timefunc())
            schedule.enterabs(due, 0, run, (number + 1, due))

    if count:
        run(0, schedule.timefunc())
        schedule.run()
