#!/usr/bin/env bash
# Configures a preset if it is not configured yet, and builds it.
# usage: packaging/build.sh PRESET [TARGET …]
set -euo pipefail
cd "$(dirname "$0")/.."

log() { printf '\033[1m▸ %s\033[0m\n' "$*"; }

preset=$1
shift
if [ ! -f "build/$preset/build.ninja" ]; then
  log "configuring build/$preset"
  cmake --preset "$preset"
fi
log "building build/$preset ${*:-}"
cmake --build "build/$preset" ${1:+--target "$@"}
