#!/usr/bin/env bash
# The client of 40_websocket.

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")"/serve.sh
serve 40_websocket
python3 "${BASH_SOURCE[0]%.sh}.py" "$port"
