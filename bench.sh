#!/usr/bin/env bash
# Installs what is missing, builds, and measures.
#   ./bench.sh socketio          this library, npm socket.io, python3-socketio and a bare epoll loop, side by side;
#                                about four minutes; prints a table and records it in docs/benchmarks
#   ./bench.sh socketio --help   shorter rounds, fewer servers
set -euo pipefail
cd "$(dirname "$0")"

case "${1:-}" in
  socketio)
    packaging/install.sh bench
    packaging/build.sh bench bench_programs
    exec /usr/bin/python3 bench/run.py "${@:2}"
    ;;
  *)
    sed -n 's/^# \{0,1\}//; 2,5p' "$0" >&2
    exit 2
    ;;
esac
