#!/usr/bin/env bash
# Brings a fresh Debian/Ubuntu machine with Python 3.11+ to where `make run` and `make test` work. Run by every make target; quick when
# nothing is missing. Says what it does, installs system libraries by name where root or sudo allows, else prints the exact command.
#   tools/setup.sh [run|test|build]
set -euo pipefail
cd "$(dirname "$0")/.."
purpose=${1:-run}
say() { if [ -t 2 ]; then printf '\033[2m» %s\033[0m\n' "$*" >&2; else printf '» %s\n' "$*" >&2; fi; }
fail() { printf '\n✗ %s\n' "$*" >&2; exit 1; }

# --- Python -----------------------------------------------------------------------------------------------------------------
python=""
for candidate in python3.13 python3.12 python3.11 python3; do
  if command -v "$candidate" >/dev/null 2>&1 &&
     "$candidate" -c 'import sys; raise SystemExit(not ((3, 11) <= sys.version_info[:2] < (3, 14)))' 2>/dev/null; then
    python=$(command -v "$candidate"); break
  fi
done
[ -n "$python" ] || fail "Python 3.11, 3.12 or 3.13 is needed. On Debian 12 / Ubuntu 24.04: sudo apt-get install python3 python3-venv"

# --- system libraries -------------------------------------------------------------------------------------------------------
privileged=""
if [ "$(id -u)" = 0 ]; then privileged="env"
elif command -v sudo >/dev/null 2>&1 && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then privileged="sudo"  # with a terminal it may ask
fi

install_packages() { # names…
  command -v apt-get >/dev/null 2>&1 || fail "Missing: $*. Install them with your system's package manager."
  if [ -z "$privileged" ]; then
    fail "System packages are missing. Run this once, then again what you ran:
    sudo apt-get update && sudo apt-get install --no-install-recommends -y $*"
  fi
  say "installing system packages: $*"
  $privileged env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1 ||
    fail "apt-get could not install: $*. Run: sudo apt-get update && sudo apt-get install --no-install-recommends -y $*"
}

has_library() { "$python" - "$1" 2>/dev/null <<'PY'
import ctypes, sys
ctypes.CDLL(sys.argv[1])
PY
}

# Names differ where Ubuntu 24.04 and Debian 13 (glibc 2.39 and later) went to 64-bit time.
glib_package() {
  if apt-cache show libglib2.0-0t64 >/dev/null 2>&1; then echo libglib2.0-0t64
  elif apt-cache show libglib2.0-0 >/dev/null 2>&1; then echo libglib2.0-0
  elif "$python" -c 'import platform as p; raise SystemExit(tuple(map(int, p.libc_ver()[1].split("."))) < (2, 39))'; then echo libglib2.0-0t64
  else echo libglib2.0-0; fi
}
missing=()
need() { has_library "$1" || missing+=("$2"); }
need libgthread-2.0.so.0 libglib2.0-0
need libGL.so.1 libgl1
need libEGL.so.1 libegl1
need libdbus-1.so.3 libdbus-1-3
need libfontconfig.so.1 libfontconfig1
need libxkbcommon.so.0 libxkbcommon0
if [ "$purpose" != test ]; then
  need libxcb-cursor.so.0 libxcb-cursor0
  need libxcb-icccm.so.4 libxcb-icccm4
  need libxcb-keysyms.so.1 libxcb-keysyms1
  need libxcb-shape.so.0 libxcb-shape0
  need libxcb-xkb.so.1 libxcb-xkb1
  need libxkbcommon-x11.so.0 libxkbcommon-x11-0
  if [ "$purpose" = run ] && [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && ! command -v Xvfb >/dev/null 2>&1; then missing+=(xvfb xauth); fi
fi
if [ "$purpose" = build ]; then
  command -v objdump >/dev/null 2>&1 || missing+=(binutils)
  command -v dpkg-deb >/dev/null 2>&1 || missing+=(dpkg)
fi
uv=$(command -v uv || true)
if [ -n "$uv" ] && ! "$uv" --version >/dev/null 2>&1; then uv=""; fi  # a shim without a program behind it
if [ -z "$uv" ] && [ ! -x .tools/bin/uv ] && ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  missing+=("$("$python" -c 'import sys; print(f"python{sys.version_info[0]}.{sys.version_info[1]}-venv")')")
fi
if [ ${#missing[@]} -gt 0 ]; then
  if [ -n "$privileged" ] && command -v apt-get >/dev/null 2>&1; then $privileged apt-get update -qq >/dev/null 2>&1 || true; fi
  for i in "${!missing[@]}"; do
    if [ "${missing[$i]}" = libglib2.0-0 ]; then missing[i]=$(glib_package); fi
  done
  install_packages "${missing[@]}"
fi

# --- uv ---------------------------------------------------------------------------------------------------------------------
if [ -z "$uv" ]; then
  uv=".tools/bin/uv"
  if [ ! -x "$uv" ]; then
    say "fetching uv from PyPI into .tools"
    "$python" -m venv .tools >/dev/null 2>&1 || { rm -rf .tools; fail "Python's venv does not work: $python -m venv .tools"; }
    .tools/bin/python -m pip install -q --disable-pip-version-check 'uv>=0.9,<1' || fail "uv could not be fetched from PyPI: is there a network?"
  fi
fi

# --- locked dependencies ----------------------------------------------------------------------------------------------------
stamp=.venv/.synced
if [ ! -f "$stamp" ] || [ uv.lock -nt "$stamp" ] || [ pyproject.toml -nt "$stamp" ] || [ ! -x .venv/bin/python ]; then
  say "installing locked dependencies into .venv"
  UV_PYTHON_DOWNLOADS=never "$uv" sync --frozen --compile-bytecode --extra desktop --extra server --python "$python" -q ||
    fail "Dependencies could not be installed (see above)."
  touch "$stamp"
fi
