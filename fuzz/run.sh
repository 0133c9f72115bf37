#!/usr/bin/env bash
# Builds the fuzzers and runs each of them, as many at a time as there are cores.
# usage: fuzz/run.sh [SECONDS [NAME …]]      60 seconds and all fuzzers by default
# Fails if an input crashes a fuzzer, takes longer than 10 s or needs more than 2 GB. Such inputs are kept in
# build/asan-ubsan/findings. New inputs are written to a temporary folder, so that the seeds do not change.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-60}
shift || true
names=("$@")
if [ ${#names[@]} -eq 0 ]; then
  for folder in fuzz/seeds/*/; do names+=("$(basename "$folder")"); done
fi
packaging/build.sh asan-ubsan fuzzers

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p build/asan-ubsan/findings

fuzz() {
  name=$1
  mkdir -p "$work/$name"
  if build/asan-ubsan/fuzz/"fuzz_$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="build/asan-ubsan/findings/$name-" "$work/$name" "fuzz/seeds/$name" >"$work/$name.log" 2>&1; then
    echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$work/$name.log") inputs, no failure"
  else
    echo "$name: FAILED"
    tail -n 60 "$work/$name.log"
    return 1
  fi
}
export -f fuzz
export seconds work
printf '%s\n' "${names[@]}" | xargs -P "$(nproc)" -I{} bash -c 'fuzz {}'
