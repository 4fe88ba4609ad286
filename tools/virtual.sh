#!/usr/bin/env bash
# Runs a command on the display there is, else on a virtual screen of 1366x768.
set -euo pipefail
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then exec "$@"; fi
if ! command -v Xvfb >/dev/null 2>&1; then QT_QPA_PLATFORM=offscreen exec "$@"; fi
log=$(mktemp)
exec 9>"$log.number"
Xvfb -displayfd 9 -screen 0 1366x768x24 -nolisten tcp >"$log" 2>&1 &
server=$!
trap 'kill $server 2>/dev/null || true; rm -f "$log" "$log.number"' EXIT
for _ in $(seq 100); do [ -s "$log.number" ] && break; sleep 0.1; done
[ -s "$log.number" ] || { echo "the virtual screen did not start:" >&2; cat "$log" >&2; exit 3; }
DISPLAY=":$(cat "$log.number")" QT_QPA_PLATFORM=xcb "$@"
