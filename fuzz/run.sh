#!/usr/bin/env bash
# Builds the fuzzers and runs each of them, as many at a time as there are cores; then the searches for messages and
# images that cost too much, one after the other.
# usage: fuzz/run.sh [SECONDS [NAME …]]      60 seconds and all fuzzers and searches by default
# Fails if an input crashes a fuzzer, takes longer than 5 s, allocates 64 MB at once or needs more than 2 GB, or if a
# search finds an input that costs more than it may. The inputs that fail are kept in build/asan-ubsan/findings, the worst
# of each search in build/release/findings. New inputs are written to a temporary folder, so that the seeds do not change.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-60}
shift || true
fuzzers=()
searches=()
for name in "$@"; do
  if [[ $name == *_cost ]]; then searches+=("$name"); else fuzzers+=("$name"); fi
done
if [ $# -eq 0 ]; then
  for folder in fuzz/seeds/*/; do fuzzers+=("$(basename "$folder")"); done
  searches=(message_cost image_cost)
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fuzz() {
  name=$1
  mkdir -p "$work/$name"
  if build/asan-ubsan/fuzz/"fuzz_$name" -max_total_time="$seconds" -timeout=5 -malloc_limit_mb=64 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="build/asan-ubsan/findings/$name-" "$work/$name" "fuzz/seeds/$name" \
    >"$work/$name.log" 2>&1; then
    echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$work/$name.log") inputs, no failure"
  else
    echo "$name: FAILED"
    tail -n 60 "$work/$name.log"
    return 1
  fi
}
export -f fuzz
export seconds work

failed=0
if [ ${#fuzzers[@]} -gt 0 ]; then
  packaging/build.sh asan-ubsan fuzzers
  mkdir -p build/asan-ubsan/findings
  printf '%s\n' "${fuzzers[@]}" | xargs -P "$(nproc)" -I{} bash -c 'fuzz {}' || failed=1
fi
if [ ${#searches[@]} -gt 0 ]; then
  packaging/build.sh release "${searches[@]}"
  mkdir -p build/release/findings
  for name in "${searches[@]}"; do
    build/release/fuzz/"$name" "$seconds" build/release/findings || failed=1
  done
fi
exit $failed
