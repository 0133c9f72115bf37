#!/usr/bin/env bash
# Installs what is missing: Debian packages through apt, and the packages of package.json (models, ONNX Runtime, the
# Socket.IO client and others) through npm.
# usage: packaging/install.sh [test] [bench]      also installs what the tests or the benchmarks need
# packaging/check_install_orders.py checks that the Debian packages install in any order of calls.
set -euo pipefail
cd "$(dirname "$0")/.."

log() { printf '\033[1m▸ %s\033[0m\n' "$*"; }

lists=(packaging/packages-build.txt)
for purpose in "$@"; do lists+=("packaging/packages-$purpose.txt"); done

installed=$(dpkg-query -W -f='${db:Status-Abbrev}${Package}\n' | sed -n 's/^ii //p')
missing=$(grep -hv '^#' "${lists[@]}" | grep -vxF "$installed" || true)
command -v node >/dev/null || missing+=$'\n'nodejs
command -v npm >/dev/null || missing+=$'\n'npm

if [ -n "${missing//[[:space:]]/}" ]; then
  # shellcheck disable=SC2086
  log "installing Debian packages:" $missing
  as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get update -q
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -q -y --no-install-recommends $missing
fi

# npm_packages FOLDER DESCRIPTION: installs the packages of FOLDER/package-lock.json unless they are installed already.
npm_packages() {
  cmp -s "$1/package-lock.json" "$1/node_modules/.installed-lock.json" && return
  log "installing npm packages ($2)"
  npm ci --prefix "$1" --ignore-scripts
  cp "$1/package-lock.json" "$1/node_modules/.installed-lock.json"
}
npm_packages . "models, ONNX Runtime, Socket.IO client"
for purpose in "$@"; do
  [ "$purpose" = bench ] || continue
  npm_packages bench/peers/node "Socket.IO server for comparison"
  npm_packages bench/peers/human "emotion service for comparison"
done
