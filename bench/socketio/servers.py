"""The servers that the benchmark measures, as processes that are gone when their `with` block is."""

import dataclasses
import importlib.metadata
import json
import os
import pathlib
import socket
import subprocess
import sys
import time

BENCH = pathlib.Path(__file__).resolve().parents[1]
PROGRAMS = BENCH.parent / "build/bench/bench"
START_PATIENCE_S = 20


@dataclasses.dataclass(frozen=True)
class Kind:
    """A server: its name in tables, what it is, the command that serves on the port appended to it, and what its
    environment has beside ours."""

    name: str
    what: str
    command: tuple
    environment: dict = dataclasses.field(default_factory=dict)


def kinds():
    """All that there are, in the order of the table: this library first, the floor last."""
    package = json.loads((BENCH / "peers/node/node_modules/socket.io/package.json").read_text())
    ws = json.loads((BENCH / "peers/node/node_modules/ws/package.json").read_text())
    node = subprocess.run(["node", "--version"], check=True, capture_output=True, text=True).stdout.strip()
    version = importlib.metadata.version
    return [
        Kind("emostream", "this library, Release build", (str(PROGRAMS / "bench_emostream"),)),
        Kind("node", f"socket.io {package['version']} on ws {ws['version']}, Node.js {node}",
             ("node", str(BENCH / "peers/node/server.mjs"))),
        Kind("python", f"python-socketio {version('python-socketio')} on uvicorn {version('uvicorn')} "
                       f"(uvloop, httptools, websockets {version('websockets')}), Python {sys.version.split()[0]}",
             (sys.executable, str(BENCH / "peers/python/server.py"))),
        Kind("floor", "an epoll loop that parses nothing", (str(PROGRAMS / "bench_floor"),)),
    ]


class Server:
    """One running server of a kind."""

    def __init__(self, kind):
        self.kind = kind

    def __enter__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = ["setpriv", "--pdeathsig", "KILL", *self.kind.command, str(self.port)]  # it does not outlive us
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL,  env=environment(self.kind.environment))
        try:
            self._await_listening()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.kill()  # it has nothing to save
        self.process.wait()

    def measure(self, load, timeout_s, **options):
        """Runs one load against it and returns the figures; see bench/load/loads.hpp."""
        words = [word for name, value in options.items() for word in _option(name, value)]
        command = [PROGRAMS / "bench_load", load, "--port", self.port, "--pid", self.process.pid, *words]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=timeout_s)
        if done.returncode != 0:
            raise RuntimeError(f"{self.kind.name}, {load}: {done.stderr.strip() or done.returncode}")
        return json.loads(done.stdout)

    def _await_listening(self):
        deadline = time.monotonic() + START_PATIENCE_S
        while True:
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.kind.name} ended with {self.process.returncode}")
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise RuntimeError(f"{self.kind.name} does not listen") from None
                time.sleep(0.05)


def environment(more):
    """Ours without the settings of the service that somebody may have made, and more."""
    return {name: value for name, value in os.environ.items() if not name.startswith("EMOSTREAM_")} | more


def _option(name, value):
    flag = "--" + name.replace("_", "-")
    if value is True:
        return [flag]
    if isinstance(value, (list, tuple)):
        return [flag, *value]
    return [] if value is False else [flag, value]
