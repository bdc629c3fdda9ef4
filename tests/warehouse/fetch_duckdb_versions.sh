#!/usr/bin/env bash
# Put other versions of DuckDB into build/duckdb/<version>, for tests/warehouse/test_duckdb_versions.py (about 50 MB each).
set -euo pipefail
cd "$(dirname "$0")/../.."
for version in "${@:-1.4.0 1.4.4 1.5.0 2.0.0}"; do
    for one in $version; do
        [ -d "build/duckdb/$one" ] && continue
        .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --target "build/duckdb/$one.part" "duckdb==$one"
        mv "build/duckdb/$one.part" "build/duckdb/$one"
    done
done
