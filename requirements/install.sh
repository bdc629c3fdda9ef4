#!/usr/bin/env bash
# Build .venv/ from requirements/lock.txt with nothing but a Python 3.11+ and its own venv and pip; do nothing if it is current.
#
#   requirements/install.sh                       what `make setup` runs
#   PYTHON=python3.12 requirements/install.sh     with this interpreter
#   EXTRAS="ocr bench" requirements/install.sh    and the optional packages of requirements/ocr.txt and bench.txt
#
# Files named .venv/gongkai-* say what the environment was built from. A changed lock is installed over it; another
# interpreter, or a checkout that was moved, makes a new one. A .venv that is a link to another checkout's is replaced by an
# environment of this one; what it points to is left alone.
set -euo pipefail
cd "$(dirname "$0")/.."

venv=.venv
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

# Print the version of an interpreter that can build the environment; fail for others (a shim may exist and yet not run).
usable_version() {
  "$1" -c '
import sys
assert sys.version_info >= (3, 11)
import ensurepip, venv
print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null
}

find_python() {
  local candidate
  for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14 python}; do
    usable_version "$candidate" >/dev/null && { echo "$candidate"; return; }
  done
  echo "gongkai needs Python 3.11 or newer with venv and pip; ${PYTHON:-python3} is: $("${PYTHON:-python3}" -V 2>&1 || true)." \
    "Name another one: make setup PYTHON=/path/to/python3" >&2
  return 1
}

make_environment() {
  local python version built_from
  built_from=$(cat "$venv/gongkai-python" 2>/dev/null || true)
  version=$(usable_version "$venv/bin/python" || true)
  if [ -n "$version" ] && [ "$built_from" = "$version $PWD" ]; then
    [ -z "${PYTHON:-}" ] && return
    [ "$(usable_version "$PYTHON" || true)" = "$version" ] && return
  fi
  python=$(find_python)
  version=$(usable_version "$python")
  echo "Setting up .venv with Python $version: $(grep -c '^[a-z]' requirements/lock.txt) pinned packages, once." >&2
  # Cleared through a link, the environment that somebody else works with would be gone.
  if [ -L "$venv" ]; then rm "$venv"; fi
  "$python" -m venv --clear "$venv"
  echo "$version $PWD" >"$venv/gongkai-python"
}

# Install a lock file, and the project itself in place, unless that was done from the same files. The lock is complete, so pip
# need not resolve (--no-deps); it also refuses a pinned package that another one wants with an extra. Byte code is compiled
# here, by all cores at once: without it every start of Dagster takes twice as long.
install_locked() {
  local lock=$1 built_from
  built_from=$venv/gongkai-$(basename "$lock" .txt)
  local wanted
  wanted=$(cat "$lock" pyproject.toml | cksum)
  [ "$wanted" = "$(cat "$built_from" 2>/dev/null || true)" ] && return
  rm -f "$built_from"
  "$venv/bin/python" -m pip install --quiet --no-compile --no-deps --require-hashes --only-binary :all: -r "$lock"
  "$venv/bin/python" -m pip install --quiet --no-compile --no-deps --no-build-isolation --editable .
  "$venv/bin/python" -m compileall -qq -j 0 "$venv/lib" || true
  echo "$wanted" >"$built_from"
}

make_environment
install_locked requirements/lock.txt
for extra in ${EXTRAS:-}; do
  install_locked "requirements/$extra.txt"
done
