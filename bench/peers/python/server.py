"""python3-socketio on uvicorn with the handlers that all servers in the benchmark have."""

import sys

import socketio
import uvicorn

sio = socketio.AsyncServer(async_mode="asgi")


@sio.event
async def echo(sid, value):
    await sio.emit("echo", value, to=sid)


@sio.event
async def broadcast(sid, value):
    await sio.emit("broadcast", value)


if __name__ == "__main__":
    uvicorn.run(socketio.ASGIApp(sio), host="127.0.0.1", port=int(sys.argv[1]), loop="uvloop", http="httptools",
                ws="websockets", log_level="warning")
