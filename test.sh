#!/usr/bin/env bash
# Installs what is missing, builds and tests.
#   ./test.sh            everything, as CI does: all tests, unit and integration tests under sanitizers, clang-tidy on the
#                        changed files, and each fuzzer for a minute; about an hour on two cores when nothing is cached
#   ./test.sh --quick    unit and integration tests of the release build; minutes
set -euo pipefail
cd "$(dirname "$0")"

usage() { sed -n '2,5s/^# \{0,1\}//p' "$0"; }

case "$*" in
  "") quick=false ;;
  --quick) quick=true ;;
  -h | --help) usage; exit ;;
  *) usage >&2; exit 2 ;;
esac

# timed COMMAND …: runs a part of the suite and records how long it took.
times=()
timed() {
  local start=$SECONDS
  "$@"
  times+=("$(printf '%5d s  %s' $((SECONDS - start)) "$*")")
}
print_times() { [ ${#times[@]} -eq 0 ] || printf '%s\n' "" "${times[@]}"; }
trap print_times EXIT

timed packaging/install.sh test
if $quick; then
  timed packaging/build.sh release emostream library_server unit_tests
  timed ctest --preset release -L '^(unit|integration)$'
  exit
fi

timed packaging/build.sh release
timed ctest --preset release
timed packaging/tidy.sh
for preset in asan-ubsan tsan; do
  timed packaging/build.sh "$preset"
  timed ctest --preset "$preset" -L '^(unit|integration)$'
done
timed fuzz/run.sh
