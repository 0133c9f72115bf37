#!/usr/bin/env bash
# Installs what is missing, builds and runs a benchmark. All but soak record complete runs in docs/benchmarks.
#   ./bench.sh socketio     this library, npm's socket.io, python3-socketio and a bare epoll loop; 4 minutes
#   ./bench.sh classifier   the expression classifier in 8 bits, in float32 and a ResNet; half a minute
#   ./bench.sh pipeline     the emotion service under up to four times the load that it can process, its bare
#                           computation and two other services; 11 minutes
#   ./bench.sh soak         well-behaved, greedy, broken and hostile clients for 20 minutes; fails if memory grows, a
#                           session is not closed or an answer is missing
# The first three have --help. Short runs: socketio --smoke, classifier --smoke, pipeline --quick, soak --minutes 3.
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
    sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
