"""The other services with which the emotion service is compared, as kinds of servers."""

import importlib.metadata
import json
import subprocess
import sys

import for_opencv
from servers import PEERS, Kind, node_version


def fastapi(secret, detector, classifier, folder):
    version = importlib.metadata.version
    opencv = subprocess.run([sys.executable, "-c", "import cv2; print(cv2.__version__)"], check=True,
                            capture_output=True, text=True).stdout.strip()
    return Kind("fastapi", f"FastAPI {version('fastapi')}, python-socketio {version('python-socketio')}, OpenCV's dnn "
                           f"{opencv} with the same detector and the same classifier in float32, uvicorn {version('uvicorn')} with uvloop, "
                           f"Python {sys.version.split()[0]}",
                (sys.executable, str(PEERS / "fastapi/server.py"), str(detector),
                 str(for_opencv.write(classifier, folder / "opencv"))),
                {"JWT_SECRET": secret})


def human(secret, *_):
    folder = PEERS / "human"
    locked = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))["packages"]

    def version(name):
        return locked[f"node_modules/{name}"]["version"]

    return Kind("human", f"@vladmandic/human {version('@vladmandic/human')} on tfjs-backend-wasm "
                         f"{version('@tensorflow/tfjs-backend-wasm')} with SIMD, its own BlazeFace and emotion models, "
                         f"socket.io {version('socket.io')}, images by sharp {version('sharp')}, Node.js {node_version()}",
                ("node", str(folder / "server.mjs")), {"JWT_SECRET": secret})


KINDS = {"fastapi": fastapi, "human": human}
