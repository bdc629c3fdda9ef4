#!/usr/bin/env bash
# Write requirements/lock.txt (everything `make setup` installs), and ocr.txt and bench.txt (the same and what these extras
# add), from the bounds in pyproject.toml: exact versions, hashes, one resolution for Python 3.11 to 3.14 on every platform.
# Pass `--upgrade` to take newer versions. No index address is written, so any mirror can serve the files.
set -euo pipefail
cd "$(dirname "$0")/.."

UV=${UV:-uv}
export UV_CUSTOM_COMPILE_COMMAND="make lock"
options=(--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --quiet)

"$UV" pip compile pyproject.toml --extra dev "${options[@]}" "$@" --output-file requirements/lock.txt
for extra in ocr bench; do
  "$UV" pip compile pyproject.toml --extra dev --extra "$extra" "${options[@]}" "$@" --constraint requirements/lock.txt \
    --output-file "requirements/$extra.txt"
done

if grep -nE '(https?|file)://' requirements/*.txt; then
  echo "A lock file names an address; it must not." >&2
  exit 1
fi
