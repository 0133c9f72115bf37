"""Those events of docs/api.md that the benchmark uses, on FastAPI, python-socketio and OpenCV.

usage: server.py DETECTOR.onnx CLASSIFIER_FOLDER PORT      JWT_SECRET in the environment
"""

import asyncio
import concurrent.futures
import os
import sys
import threading
import time

import cv2
import jwt
import socketio
import uvicorn
from fastapi import FastAPI

from vision import Analyzer, BadImage

DETECTOR, CLASSIFIER, PORT = sys.argv[1], sys.argv[2], int(sys.argv[3])
NAMESPACE = "/emotion-detection"
cv2.setNumThreads(1)  # the pool below has a thread for each core

local = threading.local()


def load_models():
    local.analyze = Analyzer(DETECTOR, CLASSIFIER)


def analyze(data):
    return local.analyze(data)


workers = concurrent.futures.ThreadPoolExecutor(os.cpu_count(), initializer=load_models)
labels = Analyzer(DETECTOR, CLASSIFIER).labels
sio = socketio.AsyncServer(async_mode="asgi", cors_allowed_origins="*")
app = FastAPI()
app.mount("/ws", socketio.ASGIApp(sio, socketio_path="socket.io"))


def to_json(face):
    x, y, width, height = (round(float(v), 2) for v in face.box)
    best = int(face.probabilities.argmax())
    return {"confidence": round(face.confidence, 5), "box": {"x": x, "y": y, "width": width, "height": height},
            "landmarks": face.landmarks.round(2).tolist(), "dominant_emotion": labels[best],
            "emotions": {label: round(float(p), 5) for label, p in zip(labels, face.probabilities)}}


async def reject(sid, code, message, reason, frame_id):
    error = {"code": code, "message": message, "reason": reason, "timestamp": time.time(), "frame_id": frame_id}
    await sio.emit("error_message", error, to=sid, namespace=NAMESPACE)
    return {"ok": False, **error}


@sio.on("connect", namespace=NAMESPACE)
async def connect(sid, environ, auth):
    if not auth or "token" not in auth:
        raise socketio.exceptions.ConnectionRefusedError("Authentication required")
    try:
        claims = jwt.decode(auth["token"], os.environ["JWT_SECRET"], algorithms=["HS256"], leeway=30)
    except jwt.PyJWTError:
        raise socketio.exceptions.ConnectionRefusedError("Authentication failed") from None
    await sio.save_session(sid, {"user_id": claims["sub"], "is_processing": False, "busy": False}, namespace=NAMESPACE)


@sio.on("initialize", namespace=NAMESPACE)
async def initialize(sid, data):
    session = await sio.get_session(sid, namespace=NAMESPACE)
    answer = {"session_id": sid, "user_id": session["user_id"], "server_time": time.time(), "model": {"labels": labels}}
    await sio.emit("initialized", answer, to=sid, namespace=NAMESPACE)
    return {"ok": True, **answer}


@sio.on("control", namespace=NAMESPACE)
async def control(sid, data):
    session = await sio.get_session(sid, namespace=NAMESPACE)
    session["is_processing"] = data["action"] == "start"
    answer = {"state": "processing" if session["is_processing"] else "idle", "action": data["action"],
              "timestamp": time.time()}
    await sio.emit("status", answer, to=sid, namespace=NAMESPACE)
    return {"ok": True, **answer}


@sio.on("video_frame", namespace=NAMESPACE)
async def video_frame(sid, data):
    received = time.time()
    session = await sio.get_session(sid, namespace=NAMESPACE)
    frame_id = data.get("frame_id")
    if not session["is_processing"]:
        return await reject(sid, 400, "Processing not started", "not_started", frame_id)
    if session["busy"]:  # one frame per client at a time, so that frames do not wait long
        return {"ok": False, "frame_id": frame_id, "dropped": True, "reason": "busy"}
    session["busy"] = True
    try:
        width, height, faces = await asyncio.get_running_loop().run_in_executor(workers, analyze, data["data"])
    except BadImage as error:
        return await reject(sid, 500, str(error), "undecodable_image", frame_id)
    finally:
        session["busy"] = False
    result = {"session_id": sid, "user_id": session["user_id"], "frame_id": frame_id,
              "timestamp": data.get("timestamp", received), "processed_at": time.time(), "resolution": [width, height],
              "face_count": len(faces), "faces": [to_json(face) for face in faces]}
    await sio.emit("detection_result", result, to=sid, namespace=NAMESPACE)
    return {"ok": True, "frame_id": frame_id}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=PORT, loop="uvloop", http="httptools", ws="websockets",
                log_level="warning", ws_max_size=2_000_000)
