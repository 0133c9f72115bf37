#!/usr/bin/env bash
# Installs what is missing, builds, and measures.
#   ./bench.sh socketio          this library, npm socket.io, python3-socketio and a bare epoll loop, side by side;
#                                about four minutes; prints a table and records it in docs/benchmarks
#   ./bench.sh socketio --help   shorter rounds, fewer servers
#   ./bench.sh classifier        the expression classifier in 8 bits, in float32 and beside a ResNet, half a minute
#   ./bench.sh pipeline          the emotion service beside its bare computation and two others at the same job, and under
#                                up to four times what it is capable of; about eight minutes; --quick for a first look
#   ./bench.sh soak              well-behaved, greedy, broken and hostile clients for 20 minutes; fails if memory grows,
#                                a session sticks or an answer is missing; --minutes 3 --preset asan-ubsan
set -euo pipefail
cd "$(dirname "$0")"

case "${1:-}" in
  socketio)
    packaging/install.sh bench
    packaging/build.sh bench bench_programs
    exec /usr/bin/python3 bench/socketio/run.py "${@:2}"
    ;;
  classifier)
    packaging/install.sh bench
    packaging/build.sh bench bench_classifier
    exec /usr/bin/python3 bench/classifier/run.py "${@:2}"
    ;;
  pipeline)
    packaging/install.sh bench
    packaging/build.sh bench bench_pipeline
    exec /usr/bin/python3 bench/pipeline/run.py "${@:2}"
    ;;
  soak)
    packaging/install.sh bench
    exec node bench/soak/run.mjs "${@:2}"
    ;;
  *)
    sed -n 's/^# \{0,1\}//; 2,10p' "$0" >&2
    exit 2
    ;;
esac
