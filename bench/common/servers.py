"""Servers that a benchmark measures, as child processes that are stopped at the end of a `with` block."""

import dataclasses
import json
import os
import socket
import subprocess
import time

from runner import ROOT

PEERS = ROOT / "bench/peers"
PROGRAMS = ROOT / "build/bench/bench"
START_TIMEOUT_S = 20


@dataclasses.dataclass(frozen=True)
class Kind:
    """A kind of server: its name in tables, its description, its command (the port is appended), and additional environment
    variables."""

    name: str
    what: str
    command: tuple
    environment: dict = dataclasses.field(default_factory=dict)


class Server:
    """One running server of a kind."""

    def __init__(self, kind):
        self.kind = kind

    def __enter__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = ["setpriv", "--pdeathsig", "KILL", *self.kind.command, str(self.port)]  # it must not outlive this process
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment(self.kind.environment))
        try:
            self._await_listening()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.kill()  # it has no state to save
        self.process.wait()

    def measure(self, load, timeout_s, **options):
        """Runs a load of bench/load/loads.hpp against the server and returns the figures."""
        words = [word for name, value in options.items() for word in _option(name, value)]
        command = [PROGRAMS / "bench_load", load, "--port", self.port, "--pid", self.process.pid, *words]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=timeout_s)
        if done.returncode != 0:
            raise RuntimeError(f"{self.kind.name}, {load}: {done.stderr.strip() or done.returncode}")
        return json.loads(done.stdout)

    def _await_listening(self):
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.kind.name} exited with status {self.process.returncode}")
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise RuntimeError(f"{self.kind.name} does not listen") from None
                time.sleep(0.05)


def environment(additional):
    """The environment of this process without EMOSTREAM_ settings, with additional variables."""
    return {name: value for name, value in os.environ.items() if not name.startswith("EMOSTREAM_")} | additional


def node_version():
    return subprocess.run(["node", "--version"], check=True, capture_output=True, text=True).stdout.strip()


def _option(name, value):
    flag = "--" + name.replace("_", "-")
    if value is True:
        return [flag]
    if isinstance(value, (list, tuple)):
        return [flag, *value]
    return [] if value is False else [flag, value]
