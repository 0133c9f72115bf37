#!/usr/bin/env python3
"""Sends one image and prints the result.

usage: python_client.py [--transport websocket|polling] http://localhost:8000 TOKEN image.jpg

Needs Debian's python3-socketio with python3-requests and python3-websocket.
"""

import argparse
import json
import pathlib
import queue
import sys

import socketio

NAMESPACE = "/emotion-detection"
TIMEOUT = 20  # seconds


def analyze(server, token, image, transports=None):
    """Returns the `detection_result` for the bytes of an image. Raises RuntimeError with the server's message on an
    error, and queue.Empty if there is no answer in time."""
    answers = queue.Queue()
    client = socketio.Client(reconnection=False)
    for event in ("detection_result", "error_message", "connect_error"):
        client.on(event, lambda message, event=event: answers.put((event, message)), namespace=NAMESPACE)
    try:
        client.connect(server, socketio_path="/ws/socket.io/", namespaces=[NAMESPACE], auth={"token": token},
                       transports=transports)
        client.emit("initialize", {"client": "python_client.py"}, namespace=NAMESPACE)
        client.emit("control", {"action": "start"}, namespace=NAMESPACE)
        client.emit("video_frame", {"frame_id": 1, "data": image}, namespace=NAMESPACE)
        event, message = answers.get(timeout=TIMEOUT)
    except socketio.exceptions.ConnectionError as error:
        # The connect_error event has the reason, the exception does not.
        raise RuntimeError(answers.get_nowait()[1]["message"] if not answers.empty() else str(error)) from error
    finally:
        client.disconnect()
    if event != "detection_result":
        raise RuntimeError(message["message"])
    return message


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--transport", choices=["websocket", "polling"])
    parser.add_argument("server")
    parser.add_argument("token")
    parser.add_argument("image", type=pathlib.Path)
    arguments = parser.parse_args()
    transports = [arguments.transport] if arguments.transport else None
    try:
        result = analyze(arguments.server, arguments.token, arguments.image.read_bytes(), transports)
    except (RuntimeError, queue.Empty) as error:
        sys.exit(f"{str(error) or 'no answer'}")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
