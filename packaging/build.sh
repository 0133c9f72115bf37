#!/usr/bin/env bash
# Configures (once) and builds a preset.
# usage: packaging/build.sh PRESET [TARGET …]
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\033[1m▸ %s\033[0m\n' "$*"; }

preset=$1
shift
if [ ! -f "build/$preset/build.ninja" ]; then
  say "configuring build/$preset"
  cmake --preset "$preset"
fi
say "building build/$preset ${*:-}"
cmake --build "build/$preset" ${1:+--target "$@"}
