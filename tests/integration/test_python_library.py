#!/usr/bin/env python3
"""Debian's python3-socketio against the library: acknowledgements, bytes, rooms and namespaces, on each transport."""

import os
import pathlib
import queue
import signal
import subprocess
import unittest

import socketio

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("EMOSTREAM_LIBRARY_SERVER",
                         str(ROOT / "build" / "release" / "tests" / "integration" / "library_server"))
DEADLINE = 20  # seconds


class Peer:
    """A client that keeps what arrives."""

    def __init__(self, address, transports, namespace="/"):
        self.namespace = namespace
        self.arrived = queue.Queue()
        self.gone = queue.Queue()
        self.client = socketio.Client(reconnection=False)
        self.client.on("said", lambda *args: self.arrived.put(args), namespace=namespace)
        self.client.on("echo", lambda *args: self.arrived.put(args), namespace=namespace)
        self.client.on("question", lambda what: {"heard": what}, namespace=namespace)
        self.client.on("disconnect", lambda: self.gone.put(True), namespace=namespace)
        self.client.connect(address, transports=transports, namespaces=[namespace], wait_timeout=DEADLINE)

    def ask(self, event, *args):
        return self.client.call(event, args, namespace=self.namespace, timeout=DEADLINE)

    def next(self):
        return self.arrived.get(timeout=DEADLINE)


class Library:
    """What is true on every transport; mixed into a test case for each."""

    transports = None

    @classmethod
    def setUpClass(cls):
        cls.server = subprocess.Popen([PROGRAM], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = cls.server.stdout.readline()
        if not line.startswith("ready "):
            raise RuntimeError(f"{PROGRAM} ended with {cls.server.wait(DEADLINE)} before it was ready")
        cls.address = line.split()[1]

    @classmethod
    def tearDownClass(cls):
        cls.server.send_signal(signal.SIGTERM)
        code = cls.server.wait(DEADLINE)
        cls.server.stdout.close()
        assert code == 0, f"the server ended with {code}"

    def peer(self, namespace="/"):
        one = Peer(self.address, self.transports, namespace)
        self.addCleanup(one.client.disconnect)
        return one

    def test_values_and_bytes(self):
        peer = self.peer()
        for value in (None, True, 0, -1, 2**53 - 1, 0.5, "", "é€😀", "x" * 70_000, [], {}, [[1], {"a": {"b": [None]}}],
                      b"", b"\x00\xff", bytes(range(256)) * 300, {"deep": [b"one", "between", b"two"]}):
            self.assertEqual(peer.ask("echo", value), value)
        self.assertEqual(peer.ask("echo", 1, b"two", {"three": 3}), (1, b"two", {"three": 3}))

    def test_events_both_ways(self):
        peer = self.peer()
        peer.client.emit("echo", ("one", b"two"))
        self.assertEqual(peer.next(), ("one", b"two"))

    def test_the_server_asks(self):
        self.assertEqual(self.peer().ask("ask me", "why"), {"heard": "why"})
        self.assertEqual(self.peer().ask("ask me", b"bytes"), {"heard": b"bytes"})

    def test_rooms(self):
        speaker, listener = self.peer(), self.peer()
        self.assertIs(listener.ask("join", "room"), True)
        self.assertEqual(set(listener.ask("who")["rooms"]), {listener.client.get_sid(), "room"})
        speaker.ask("say", "room", "hello", b"bytes")
        self.assertEqual(listener.next(), ("hello", b"bytes"))
        listener.ask("leave", "room")
        speaker.ask("say", "room", "nobody is here")
        listener.ask("join", "room")
        speaker.ask("say", "room", "again")
        self.assertEqual(listener.next(), ("again",))
        self.assertTrue(speaker.arrived.empty(), "it does not hear itself")

    def test_namespaces(self):
        elsewhere, here = self.peer("/other"), self.peer()
        elsewhere.ask("join", "room")
        here.ask("join", "room")
        self.peer("/other").ask("say", "room", "for the others")
        self.assertEqual(elsewhere.next(), ("for the others",))
        here.ask("who")
        self.assertTrue(here.arrived.empty())

    def test_refusals(self):
        for namespace, message in (("/closed", "closed"), ("/nowhere", "Invalid namespace")):
            with self.subTest(namespace):
                client, reasons = socketio.Client(reconnection=False), queue.Queue()
                client.on("connect_error", reasons.put, namespace=namespace)
                client.connect(self.address, transports=self.transports, namespaces=[namespace], wait=False)
                self.addCleanup(client.disconnect)
                self.assertEqual(reasons.get(timeout=DEADLINE)["message"], message)

    def test_farewell(self):
        peer = self.peer()
        peer.client.emit("leave me")
        self.assertTrue(peer.gone.get(timeout=DEADLINE))

    def test_transport(self):
        peer = self.peer()
        self.assertEqual(peer.ask("who")["transport"], self.transports[-1] if self.transports else "websocket")
        self.assertEqual(peer.client.transport(), self.transports[-1] if self.transports else "websocket")


class WebSocket(Library, unittest.TestCase):
    transports = ["websocket"]


class Polling(Library, unittest.TestCase):
    transports = ["polling"]


class Upgraded(Library, unittest.TestCase):
    transports = None


if __name__ == "__main__":
    unittest.main()
