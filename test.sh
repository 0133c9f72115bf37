#!/usr/bin/env bash
# Installs what is missing, builds, and passes every test.
set -euo pipefail
cd "$(dirname "$0")"

packaging/install.sh test
packaging/build.sh release
ctest --preset release

# The unit tests again, with every access to memory and every shift checked, then with every pair of threads watched.
packaging/build.sh asan-ubsan unit_tests
ctest --preset asan-ubsan -L unit
packaging/build.sh tsan unit_tests
ctest --preset tsan -L unit
