#!/usr/bin/env python3
"""Debian's python3-socketio against Emostream's Socket.IO library: acknowledgements, bytes, rooms and namespaces, on
each transport."""

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
TIMEOUT = 20  # seconds


class Peer:
    """A client that queues the events `said` and `echo`, and answers `question`."""

    def __init__(self, address, transports, namespace="/"):
        self.namespace = namespace
        self.received = queue.Queue()
        self.disconnected = queue.Queue()
        self.client = socketio.Client(reconnection=False)
        self.client.on("said", lambda *args: self.received.put(args), namespace=namespace)
        self.client.on("echo", lambda *args: self.received.put(args), namespace=namespace)
        self.client.on("question", lambda what: {"heard": what}, namespace=namespace)
        self.client.on("disconnect", lambda: self.disconnected.put(True), namespace=namespace)
        self.client.connect(address, transports=transports, namespaces=[namespace], wait_timeout=TIMEOUT)

    def ask(self, event, *args):
        return self.client.call(event, args, namespace=self.namespace, timeout=TIMEOUT)

    def next(self):
        return self.received.get(timeout=TIMEOUT)


class LibraryTests:
    """The tests. One subclass per transport runs them."""

    transports = None

    @classmethod
    def setUpClass(cls):
        cls.server = subprocess.Popen([PROGRAM], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = cls.server.stdout.readline()
        if not line.startswith("ready "):
            raise RuntimeError(f"{PROGRAM} ended with {cls.server.wait(TIMEOUT)} before it was ready")
        cls.address = line.split()[1]

    @classmethod
    def tearDownClass(cls):
        cls.server.send_signal(signal.SIGTERM)
        code = cls.server.wait(TIMEOUT)
        cls.server.stdout.close()
        assert code == 0, f"the server ended with {code}"

    def peer(self, namespace="/"):
        one = Peer(self.address, self.transports, namespace)
        self.addCleanup(one.client.disconnect)
        return one

    def test_values_and_bytes_are_echoed(self):
        peer = self.peer()
        for value in (None, True, 0, -1, 2**53 - 1, 0.5, "", "é€😀", "x" * 70_000, [], {}, [[1], {"a": {"b": [None]}}],
                      b"", b"\x00\xff", bytes(range(256)) * 300, {"deep": [b"one", "between", b"two"]}):
            self.assertEqual(peer.ask("echo", value), value)
        self.assertEqual(peer.ask("echo", 1, b"two", {"three": 3}), (1, b"two", {"three": 3}))

    def test_events_arrive_in_both_directions(self):
        peer = self.peer()
        peer.client.emit("echo", ("one", b"two"))
        self.assertEqual(peer.next(), ("one", b"two"))

    def test_the_server_receives_acknowledgements(self):
        self.assertEqual(self.peer().ask("ask back", "why"), {"heard": "why"})
        self.assertEqual(self.peer().ask("ask back", b"bytes"), {"heard": b"bytes"})

    def test_broadcasts_reach_the_other_members_of_a_room(self):
        sender, receiver = self.peer(), self.peer()
        self.assertIs(receiver.ask("join", "room"), True)
        self.assertEqual(set(receiver.ask("who")["rooms"]), {receiver.client.get_sid(), "room"})
        sender.ask("say", "room", "hello", b"bytes")
        self.assertEqual(receiver.next(), ("hello", b"bytes"))
        receiver.ask("leave", "room")
        sender.ask("say", "room", "to an empty room")
        receiver.ask("join", "room")
        sender.ask("say", "room", "again")
        self.assertEqual(receiver.next(), ("again",))
        self.assertTrue(sender.received.empty(), "the sender does not receive its own broadcast")

    def test_rooms_of_namespaces_are_separate(self):
        elsewhere, here = self.peer("/other"), self.peer()
        elsewhere.ask("join", "room")
        here.ask("join", "room")
        self.peer("/other").ask("say", "room", "for the others")
        self.assertEqual(elsewhere.next(), ("for the others",))
        here.ask("who")  # a broadcast to `here` would have arrived before this acknowledgement
        self.assertTrue(here.received.empty())

    def test_rejections_have_a_message(self):
        for namespace, message in (("/closed", "closed"), ("/nowhere", "Invalid namespace")):
            with self.subTest(namespace):
                client, errors = socketio.Client(reconnection=False), queue.Queue()
                client.on("connect_error", errors.put, namespace=namespace)
                client.connect(self.address, transports=self.transports, namespaces=[namespace], wait=False)
                self.addCleanup(client.disconnect)
                self.assertEqual(errors.get(timeout=TIMEOUT)["message"], message)

    def test_the_server_can_disconnect_a_client(self):
        peer = self.peer()
        peer.client.emit("disconnect me")
        self.assertTrue(peer.disconnected.get(timeout=TIMEOUT))

    def test_client_and_server_report_the_same_transport(self):
        peer = self.peer()
        self.assertEqual(peer.ask("who")["transport"], self.transports[-1] if self.transports else "websocket")
        self.assertEqual(peer.client.transport(), self.transports[-1] if self.transports else "websocket")


class WebSocket(LibraryTests, unittest.TestCase):
    transports = ["websocket"]


class Polling(LibraryTests, unittest.TestCase):
    transports = ["polling"]


class Upgraded(LibraryTests, unittest.TestCase):
    transports = None


if __name__ == "__main__":
    unittest.main()
