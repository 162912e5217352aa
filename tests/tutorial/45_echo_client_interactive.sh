#!/usr/bin/env bash
# 45_echo_client_interactive, when two lines are typed.

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")"/serve.sh
serve 44_echo_server

typed="printf 'one\ntwo\n'"
echo "\$ $typed | python3 45_echo_client_interactive.py"
printf 'one\ntwo\n' | PORT=$port "$PROGRAMS"/45_echo_client_interactive
