#!/usr/bin/env bash
# Opens the window; without a display the same program walks the tour on a virtual screen.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then exec .venv/bin/python -m presales_desktop; fi
echo "No display: walking the tour on a virtual screen (build/tour)."
tools/virtual.sh .venv/bin/python -m presales_desktop tour build/tour
