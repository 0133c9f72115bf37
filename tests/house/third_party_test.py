"""Checks that THIRD_PARTY.md lists the packages of the build and of the server, and that CMake, npm and the changelog
agree on the project's version."""

import json
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def lock_file():
    return json.loads(read("package-lock.json"))


class ThirdParty(unittest.TestCase):
    def setUp(self):
        self.text = read("THIRD_PARTY.md")
        self.rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in self.text.splitlines()
                     if line.startswith("| ")]

    def test_lists_each_debian_package_of_the_build(self):
        for name in read("packaging/packages-build.txt").splitlines():
            if name and not name.startswith("#"):
                self.assertRegex(self.text, rf"(?<![\w.-]){re.escape(name)}(?![\w-])")

    def test_lists_each_npm_package_of_the_server_with_its_version(self):
        listed = {(row[0], row[2]) for row in self.rows if len(row) == 4}
        locked = {(path.removeprefix("node_modules/"), package["version"])
                  for path, package in lock_file()["packages"].items() if path and not package.get("dev")}
        self.assertEqual(listed - {("npm package", "version")}, locked)

    def test_has_a_licence_in_each_row(self):
        for row in self.rows:
            self.assertTrue(row[3], row)


class Version(unittest.TestCase):
    def test_is_the_same_in_cmake_and_npm(self):
        version = re.search(r"project\(emostream VERSION (\S+)", read("CMakeLists.txt"))[1]
        lock = lock_file()
        self.assertEqual({json.loads(read("package.json"))["version"], lock["version"], lock["packages"][""]["version"]},
                         {version})

    def test_has_a_section_in_the_changelog(self):
        version = re.search(r"project\(emostream VERSION (\S+)", read("CMakeLists.txt"))[1]
        self.assertRegex(read("CHANGELOG.md"), rf"(?m)^## \[?{re.escape(version)}\]?")


if __name__ == "__main__":
    unittest.main()
