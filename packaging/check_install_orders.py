#!/usr/bin/python3
"""Checks that the three package lists install in every order on a minimal Debian.

`packaging/install.sh` may be called for building, testing and benchmarking in any order, and which of several
alternative dependencies apt chooses depends on what is installed already. This script lets apt resolve every sequence
of calls in which each call adds only new lists, against a simulated system that starts with the essential packages and
apt alone. Nothing is installed. It uses apt's package lists of this machine; if there are none, it downloads them to a
temporary folder.

usage: packaging/check_install_orders.py [-v] [LIST_FOLDER]     exit status: 0 all resolve, 1 some do not, 77 no package lists
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

PACKAGING = pathlib.Path(__file__).resolve().parent
CALLS = [(), ("test",), ("bench",), ("test", "bench")]  # the arguments of packaging/install.sh
BASE = ["?essential", "apt"]
NODE = {"nodejs", "npm"}  # installed by install.sh if their commands are missing, as on a minimal system
SKIPPED = 77


class Apt:
    """apt on a simulated system: `status` is the content used in place of /var/lib/dpkg/status."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        (self.folder / "archives/partial").mkdir(parents=True)
        self.options = ["-o", f"Dir::Cache={folder}", "-o", f"Dir::State::extended_states={folder}/extended_states",
                        "-o", f"Dir::State::status={folder}/status", "-o", "APT::Install-Recommends=false",
                        # Debian's container images disable these caches, without which apt takes seconds longer
                        "-o", "Dir::Cache::pkgcache=pkgcache.bin", "-o", "Dir::Cache::srcpkgcache=srcpkgcache.bin"]
        self.stanzas = self._available()
        if not self.stanzas:
            self._download_lists()
            self.stanzas = self._available()

    def install(self, status, names):
        """Returns the system's status once `names` are installed; raises RuntimeError with apt's message if it cannot be."""
        # --print-uris resolves as an installation does, and then prints the archives that it would download.
        done = self._run(status, "apt-get", "install", "-qq", "--print-uris", "--no-remove", *sorted(names))
        if done.returncode != 0:
            raise RuntimeError(done.stdout + done.stderr)
        added = re.findall(r"^'\S+' ([^_ ]+)_", done.stdout, re.MULTILINE)
        return status + "".join(self.stanzas[name] for name in added)

    def _available(self):
        """{name: the stanza that dpkg's status would have for the package if it were installed}, for all available packages."""
        text = self._run("", "apt-cache", "dumpavail").stdout
        stanzas = {}
        for stanza in text.split("\n\n"):
            first, newline, rest = stanza.strip().partition("\n")
            if newline:
                stanzas.setdefault(first.removeprefix("Package: "), f"{first}\nStatus: install ok installed\n{rest}\n\n")
        return stanzas

    def _download_lists(self):
        lists = self.folder / "lists"
        (lists / "partial").mkdir(parents=True)
        self.options += ["-o", f"Dir::State::lists={lists}", "-o", "APT::Sandbox::User="]
        self._run("", "apt-get", "update")

    def _run(self, status, *command):
        (self.folder / "status").write_text(status)
        return subprocess.run([command[0], *self.options, *command[1:]], capture_output=True, text=True,
                              env=os.environ | {"LC_ALL": "C"}, check=False)


def read_list(path):
    return {line for line in path.read_text().splitlines() if line and not line.startswith("#")}


def installed(status):
    return set(re.findall(r"^Package: (.+)$", status, re.MULTILINE))


def check(apt, lists, status, done, verbose):
    """Tries every sequence of calls that continues `done`, each with lists not installed yet; returns the number of
    calls that do not resolve."""
    failures = 0
    covered = {name for earlier in done for name in earlier}
    for call in CALLS:
        if done and (not call or covered.intersection(call)):
            continue  # adds nothing, or only one of its two lists, which is tried as a call of its own
        sequence = [*done, call]
        title = ", then ".join(" ".join(["install.sh", *names]) for names in sequence)
        wanted = set().union(lists["build"], NODE, *(lists[name] for name in call))
        try:
            after = apt.install(status, wanted - installed(status))
        except RuntimeError as error:
            print(f"FAILS: {title}\n{error}")
            failures += 1
            continue
        if verbose:
            print(f"ok: {title}")
        failures += check(apt, lists, after, sequence, verbose)
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-v", "--verbose", action="store_true", help="also print the sequences that resolve")
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=PACKAGING, help="folder of the packages-*.txt")
    arguments = parser.parse_args()
    lists = {name: read_list(arguments.folder / f"packages-{name}.txt") for name in ("build", "test", "bench")}
    with tempfile.TemporaryDirectory() as folder:
        apt = Apt(folder)
        if not apt.stanzas:
            print("apt has no package lists, and they cannot be downloaded: run apt-get update")
            return SKIPPED
        return 1 if check(apt, lists, apt.install("", BASE), [], arguments.verbose) else 0


if __name__ == "__main__":
    sys.exit(main())
