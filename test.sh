#!/usr/bin/env bash
# Installs what is missing, builds, and passes every test.
set -euo pipefail
cd "$(dirname "$0")"

packaging/install.sh test
packaging/build.sh release
ctest --preset release

# The tests of units and of real clients again, with every access to memory and every shift checked, then with every
# pair of threads watched.
for preset in asan-ubsan tsan; do
  packaging/build.sh $preset
  ctest --preset $preset -L 'unit|integration'
done
