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

# part COMMAND …: runs a part of the suite, and notes how long it took.
times=()
part() {
  local start=$SECONDS
  "$@"
  times+=("$(printf '%5d s  %s' $((SECONDS - start)) "$*")")
}
print_times() { [ ${#times[@]} -eq 0 ] || printf '%s\n' "" "${times[@]}"; }
trap print_times EXIT

part packaging/install.sh test
if $quick; then
  part packaging/build.sh release emostream library_server unit_tests
  part ctest --preset release -L '^(unit|integration)$'
  exit
fi

part packaging/build.sh release
part ctest --preset release
part packaging/tidy.sh
for preset in asan-ubsan tsan; do
  part packaging/build.sh "$preset"
  part ctest --preset "$preset" -L '^(unit|integration)$'
done
part fuzz/run.sh
