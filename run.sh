#!/usr/bin/env bash
# Installs what is missing, builds and starts the server.
#   ./run.sh                 development mode on http://127.0.0.1:8000; prints the address of the console with a token
#   ./run.sh --config FILE   arguments are passed to `emostream serve`
set -euo pipefail
cd "$(dirname "$0")"

packaging/install.sh
packaging/build.sh release emostream
if [ $# -eq 0 ]; then set -- --dev; fi
exec build/release/emostream serve "$@"
