"""The servers that ./bench.sh socketio compares."""

import importlib.metadata
import json
import sys

from servers import PEERS, PROGRAMS, Kind, node_version


def kinds():
    """All kinds in the order of the table: this library first, the floor last."""
    package = json.loads((PEERS / "node/node_modules/socket.io/package.json").read_text())
    ws = json.loads((PEERS / "node/node_modules/ws/package.json").read_text())
    version = importlib.metadata.version
    return [
        Kind("emostream", "this library, Release build", (str(PROGRAMS / "bench_emostream"),)),
        Kind("node", f"socket.io {package['version']} on ws {ws['version']}, Node.js {node_version()}",
             ("node", str(PEERS / "node/server.mjs"))),
        Kind("python", f"python-socketio {version('python-socketio')} on uvicorn {version('uvicorn')} "
                       f"(uvloop, httptools, websockets {version('websockets')}), Python {sys.version.split()[0]}",
             (sys.executable, str(PEERS / "python/server.py"))),
        Kind("floor", "an epoll loop that parses only the headers of WebSocket frames", (str(PROGRAMS / "bench_floor"),)),
    ]
