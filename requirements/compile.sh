#!/usr/bin/env bash
# Write requirements/lock.txt (everything `make setup` installs) and a file per extra (the same and what it adds), from the
# bounds in pyproject.toml: exact versions, hashes, one resolution for Python 3.11 to 3.14 on every platform.
# Pass `--upgrade` to take newer versions. No index address is written, so any mirror can serve the files.
set -euo pipefail
cd "$(dirname "$0")/.."

UV=${UV:-uv}
export UV_CUSTOM_COMPILE_COMMAND="make lock"
options=(--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --quiet)

extras=(ocr dask s3 postgres ducklake servers bench)

# One resolution of everything comes first, so that any extras fit together in one environment.
everything=$(mktemp)
cat requirements/lock.txt requirements/ocr.txt >"$everything"  # what is locked stays locked, unless --upgrade is passed
trap 'rm -f "$everything"' EXIT
"$UV" pip compile pyproject.toml --all-extras "${options[@]}" "$@" --output-file "$everything"

"$UV" pip compile pyproject.toml --extra dev "${options[@]}" --constraint "$everything" --output-file requirements/lock.txt
for extra in "${extras[@]}"; do
  "$UV" pip compile pyproject.toml --extra dev --extra "$extra" "${options[@]}" --constraint "$everything" \
    --output-file "requirements/$extra.txt"
done

if grep -nE '(https?|file)://' requirements/*.txt; then
  echo "A lock file names an address; it must not." >&2
  exit 1
fi
