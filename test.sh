#!/usr/bin/env bash
# Installs what is missing, builds and tests.
#   ./test.sh            everything, as CI does: all tests; the unit and integration tests again under sanitizers; clang-tidy
#                        on the changed files; each fuzzer for a minute. About an hour on two cores if nothing is cached
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

# run_tests PRESET [ARGUMENT …]: runs the unit tests in parallel, then the other tests one after the other; ARGUMENTs
# are passed to the second run, to select among the other tests.
run_tests() {
  timed ctest --preset "$1" -L '^unit$' --parallel "$(nproc)"
  timed ctest --preset "$1" -LE '^unit$' "${@:2}"
}

timed packaging/install.sh test
if $quick; then
  timed packaging/build.sh release emostream library_server unit_tests
  run_tests release -L '^integration$'
  exit
fi

timed packaging/build.sh release
run_tests release
timed packaging/tidy.sh
for preset in asan-ubsan tsan; do
  timed packaging/build.sh "$preset" emostream library_server unit_tests
  run_tests "$preset" -L '^integration$'
done
timed fuzz/run.sh
