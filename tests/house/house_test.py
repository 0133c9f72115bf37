"""Checks the sources against rules of ARCHITECTURE.md and CONTRIBUTING.md that the compiler does not check.

The table "Folders" in ARCHITECTURE.md is the only list of the folders of src/ that each folder may use."""

import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
# header -> the folders and files that may include it; everything else uses their wrappers
WRAPPERS = {
    r"boost/beast": ["net/"],
    r"boost/asio": ["net/"],
    r"openssl/(ssl|err|bio)\.h": ["net/tls.cpp"],
    r"onnxruntime": ["vision/models/onnx_model.cpp"],
    r"(jpeglib|turbojpeg)\.h": ["vision/image/decode_jpeg.cpp"],
    r"gif_lib\.h": ["vision/image/decode_gif.cpp"],
    r"png\.h": ["vision/image/decode_png.cpp"],
    r"webp/": ["vision/image/decode_webp.cpp"],
    r"zlib\.h": ["net/deflate.cpp"],
    r"brotli/": ["net/http/brotli.cpp"],
    r"jwt\.h": ["auth/token.cpp"],
    r"prometheus/": ["metrics/exposition.cpp"],
    r"CLI/": ["cli/"],
}
# folder -> its subfolders, each of which may use only those before it
SUBFOLDERS = {"vision": ["image", "models", "landmarks", "detection", "search", "tracking", "expression"]}
# GCC 12 miscompiles coroutines, see docs/adr/0002-callbacks-not-coroutines.md.
COROUTINES = re.compile(r"\bco_(await|return|yield)\b")


def sources(*patterns):
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
                            check=True, capture_output=True, text=True).stdout
    return [path for path in listed.split() if (ROOT / path).exists()]


def includes(path):
    text = (ROOT / path).read_text()
    return re.findall(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', text, re.MULTILINE)


def allowed_uses():
    """{folder of src/: the folders that it may use}, in the order of the table in ARCHITECTURE.md."""
    rows = re.findall(r"^\| `src/(\w+)` \|[^|]*\|([^|]*)\|$", (ROOT / "ARCHITECTURE.md").read_text(), re.MULTILINE)
    return {folder: {name.strip() for name in uses.split(",") if name.strip()} for folder, uses in rows}


def included_folders(folder):
    """{another folder of src/: a file of `folder` that includes one of its headers}"""
    found = {}
    for path in sources(f"src/{folder}/*.hpp", f"src/{folder}/*.cpp"):
        for header in includes(path):
            other = header.split("/")[0]
            if "/" in header and other != folder and (ROOT / "src" / other).is_dir():
                found.setdefault(other, path)
    return found


def linked_folders(folder):
    """The folders of src/ that the CMakeLists.txt of `folder` links."""
    text = re.sub(r"#.*", "", (ROOT / f"src/{folder}/CMakeLists.txt").read_text())
    return set(re.findall(r"emostream::(\w+)", text)) - {folder}


class Architecture(unittest.TestCase):
    def test_the_table_has_a_row_for_each_folder(self):
        folders = {path.parent.name for path in (ROOT / "src").glob("*/CMakeLists.txt")}
        self.assertEqual(set(allowed_uses()), folders)

    def test_a_folder_uses_only_folders_above_it_in_the_table(self):
        above = set()
        for folder, uses in allowed_uses().items():
            self.assertLessEqual(uses, above, f"src/{folder} in ARCHITECTURE.md")
            above.add(folder)

    def test_includes_follow_the_table(self):
        for folder, uses in allowed_uses().items():
            included = included_folders(folder)
            for other, path in included.items():
                self.assertIn(other, uses, f"{path} includes a header of src/{other}; see the table in ARCHITECTURE.md")
            self.assertLessEqual(uses, set(included), f"ARCHITECTURE.md: src/{folder} does not use all folders listed")

    def test_link_lines_follow_the_table(self):
        for folder, uses in allowed_uses().items():
            self.assertEqual(linked_folders(folder), uses, f"src/{folder}/CMakeLists.txt; see the table in ARCHITECTURE.md")

    def test_subfolders_use_only_earlier_ones(self):
        for folder, ordered in SUBFOLDERS.items():
            for at, subfolder in enumerate(ordered):
                allowed = {f"{folder}/{name}" for name in ordered[:at + 1]}
                for path in sources(f"src/{folder}/{subfolder}/*.hpp", f"src/{folder}/{subfolder}/*.cpp"):
                    for header in includes(path):
                        if header.startswith(f"{folder}/"):
                            self.assertIn(header.rpartition("/")[0], allowed, f"{path} includes {header}")

    def test_external_libraries_are_included_by_their_wrappers_only(self):
        for path in sources("src/*.hpp", "src/*.cpp"):
            inside = path.removeprefix("src/")
            for header in includes(path):
                for pattern, allowed in WRAPPERS.items():
                    if re.match(pattern, header):
                        self.assertTrue(inside.startswith(tuple(allowed)), f"{path} includes {header}")


class Sources(unittest.TestCase):
    def test_do_not_use_coroutines(self):
        for path in sources("src/*.hpp", "src/*.cpp"):
            self.assertIsNone(COROUTINES.search((ROOT / path).read_text()), path)

    def test_have_at_most_450_lines(self):
        for path in sources("src/*.hpp", "src/*.cpp", "training/*.py", "models/*.py"):
            self.assertLessEqual(len((ROOT / path).read_text().splitlines()), 450, path)

    def test_tests_never_sleep(self):
        sleeping = re.compile(r"sleep_for|sleep_until|\busleep\(|time\.sleep|asyncio\.sleep")
        for path in sources("tests/*.cpp", "tests/*.hpp", "tests/*.py", "tests/*.mjs"):
            if path != "tests/house/house_test.py":
                self.assertIsNone(sleeping.search((ROOT / path).read_text()), path)

    def test_code_in_the_library_guide_is_taken_from_the_example(self):
        def unindented(code):
            return "\n".join(line.strip() for line in code.strip().splitlines())

        example = unindented((ROOT / "examples/tour/main.cpp").read_text())
        blocks = re.findall(r"```cpp\n(.*?)```", (ROOT / "docs/socketio.md").read_text(), re.DOTALL)
        self.assertTrue(blocks)
        for block in blocks:
            self.assertIn(unindented(block), example)

    def test_are_formatted_by_clang_format(self):
        files = sources("src/*.hpp", "src/*.cpp", "tests/*.hpp", "tests/*.cpp", "examples/*.cpp", "fuzz/*.cpp",
                        "bench/*.hpp", "bench/*.cpp")
        done = subprocess.run(["clang-format-14", "--dry-run", "--Werror", *files], cwd=ROOT, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr[:2000])


if __name__ == "__main__":
    unittest.main()
