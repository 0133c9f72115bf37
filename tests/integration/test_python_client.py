#!/usr/bin/env python3
"""The Python example client, with Debian's python3-socketio, against the server."""

import json
import os
import pathlib
import secrets
import signal
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("EMOSTREAM_BINARY", str(ROOT / "build" / "release" / "emostream"))
PORTRAIT = ROOT / "tests" / "media" / "portrait.jpg"
EXAMPLE = ROOT / "client_examples" / "socketio" / "python_client.py"
TIMEOUT = 30  # seconds

sys.path.insert(0, str(EXAMPLE.parent))
import python_client  # noqa: E402


class PythonClient(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("EMOSTREAM_")}
        cls.environment = {**inherited, "EMOSTREAM_JWT_SECRET": secrets.token_hex(32)}
        cls.server = subprocess.Popen([BINARY, "serve", "--host", "127.0.0.1", "--port", "0"], cwd=ROOT,
                                      env=cls.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in cls.server.stdout:
            if line.startswith("ready "):
                cls.address = line.split()[1]
                return
        raise RuntimeError(f"{BINARY} ended with {cls.server.wait(TIMEOUT)} before it was ready")

    @classmethod
    def tearDownClass(cls):
        cls.server.send_signal(signal.SIGTERM)
        code = cls.server.wait(TIMEOUT)
        cls.server.stdout.close()
        assert code == 0, f"the server ended with {code}"

    def token(self):
        return subprocess.run([BINARY, "token", "--sub", "python"], cwd=ROOT, env=self.environment, check=True,
                              capture_output=True, text=True, timeout=TIMEOUT).stdout.strip()

    def assert_happy(self, result):
        self.assertEqual(result["user_id"], "python")
        self.assertEqual([face["dominant_emotion"] for face in result["faces"]], ["happiness"])

    def test_analyzes_an_image_over_websocket(self):
        self.assert_happy(python_client.analyze(self.address, self.token(), PORTRAIT.read_bytes(), ["websocket"]))

    def test_analyzes_an_image_over_polling(self):
        self.assert_happy(python_client.analyze(self.address, self.token(), PORTRAIT.read_bytes(), ["polling"]))

    def test_analyzes_an_image_over_polling_upgraded_to_websocket(self):
        self.assert_happy(python_client.analyze(self.address, self.token(), PORTRAIT.read_bytes()))

    def test_raises_the_message_of_a_rejection(self):
        for transport in ("websocket", "polling"):
            with self.subTest(transport), self.assertRaisesRegex(RuntimeError, "Authentication failed"):
                python_client.analyze(self.address, "garbage", b"", [transport])

    def test_raises_the_error_for_a_bad_image(self):
        with self.assertRaisesRegex(RuntimeError, "Error processing frame: "):
            python_client.analyze(self.address, self.token(), b"this is not an image")

    def test_prints_the_result_as_a_program(self):
        done = subprocess.run([sys.executable, EXAMPLE, self.address, self.token(), PORTRAIT], check=True,
                              capture_output=True, text=True, timeout=TIMEOUT)
        self.assert_happy(json.loads(done.stdout))


if __name__ == "__main__":
    unittest.main()
