"""The rules of ARCHITECTURE.md that a compiler does not check, over the sources of the tree."""

import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ["base", "engineio", "socketio", "auth", "vision", "pipeline", "net", "server", "service", "metrics", "api",
           "evaluation", "cli"]
USES = {
    "base": [],
    "engineio": ["base"],
    "socketio": ["base"],
    "auth": ["base"],
    "vision": ["base"],
    "pipeline": ["base", "vision"],
    "net": ["base", "engineio"],
    "server": ["base", "engineio", "net", "socketio"],
    "service": ["base", "auth", "pipeline", "socketio", "vision"],
    "metrics": ["base", "net", "pipeline", "server", "service"],
    "api": ["base", "auth", "net", "pipeline", "service", "vision"],
    "evaluation": ["service", "vision"],
    "cli": FOLDERS[:-1],
}
# header → where alone it may be included (a folder or a file); all else hides behind that
FENCES = {
    r"boost/beast": ["net/"],
    r"boost/asio": ["net/", "server/"],
    r"openssl/(ssl|err|bio)\.h": ["net/tls.cpp"],
    r"onnxruntime": ["vision/models/onnx_model.cpp"],
    r"(jpeglib|turbojpeg)\.h": ["vision/image/decode_jpeg.cpp"],
    r"png\.h": ["vision/image/decode_png.cpp"],
    r"webp/": ["vision/image/decode_webp.cpp"],
    r"zlib\.h": ["net/deflate.cpp"],
    r"brotli/": ["net/http/brotli.cpp"],
    r"jwt\.h": ["auth/token.cpp"],
    r"prometheus/": ["metrics/exposition.cpp"],
    r"CLI/": ["cli/"],
}
# what GCC 12 miscompiles, see docs/adr
COROUTINES = re.compile(r"\bco_(await|return|yield)\b")


def sources(*patterns):
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
                            check=True, capture_output=True, text=True).stdout
    return [path for path in listed.split() if (ROOT / path).exists()]


def includes(path):
    text = (ROOT / path).read_text()
    return re.findall(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', text, re.MULTILINE)


class House(unittest.TestCase):
    def test_arrows_point_down_only(self):
        for path in sources("src/*.hpp", "src/*.cpp"):
            folder = path.split("/")[1]
            for header in includes(path):
                other = header.split("/")[0]
                if "/" in header and other in FOLDERS and other != folder:
                    self.assertIn(other, USES[folder], f"{path} includes {header}")

    def test_outside_libraries_stay_behind_their_wrappers(self):
        for path in sources("src/*.hpp", "src/*.cpp"):
            inside = path.removeprefix("src/")
            for header in includes(path):
                for fenced, allowed in FENCES.items():
                    if re.match(fenced, header):
                        self.assertTrue(inside.startswith(tuple(allowed)), f"{path} includes {header}")

    def test_no_coroutines(self):
        for path in sources("src/*.hpp", "src/*.cpp"):
            self.assertIsNone(COROUTINES.search((ROOT / path).read_text()), path)

    def test_files_stay_small(self):
        for path in sources("src/*.hpp", "src/*.cpp", "training/*.py"):
            self.assertLessEqual(len((ROOT / path).read_text().splitlines()), 450, path)

    def test_tests_never_sleep(self):
        sleeping = re.compile(r"sleep_for|sleep_until|\busleep\(|time\.sleep|asyncio\.sleep")
        for path in sources("tests/*.cpp", "tests/*.hpp", "tests/*.py", "tests/*.mjs"):
            if path != "tests/house/house_test.py":
                self.assertIsNone(sleeping.search((ROOT / path).read_text()), path)

    def test_documented_code_is_an_example_s(self):
        def flat(code):
            return [line.strip() for line in code.strip().splitlines()]

        example = "\n".join(flat((ROOT / "examples/tour/main.cpp").read_text()))
        blocks = re.findall(r"```cpp\n(.*?)```", (ROOT / "docs/socketio.md").read_text(), re.DOTALL)
        self.assertTrue(blocks)
        for block in blocks:
            self.assertIn("\n".join(flat(block)), example)

    def test_formatting(self):
        files = sources("src/*.hpp", "src/*.cpp", "tests/*.hpp", "tests/*.cpp", "examples/*.cpp", "fuzz/*.cpp")
        done = subprocess.run(["clang-format-14", "--dry-run", "--Werror", *files], cwd=ROOT, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr[:2000])


if __name__ == "__main__":
    unittest.main()
