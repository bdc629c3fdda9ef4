#!/usr/bin/env bash
# Load the samples into a home folder of their own, and say what was found: what `make demo` runs after setting up.
set -euo pipefail
cd "$(dirname "$0")/.."
home=${1:-build/demo}

.venv/bin/gongkai load samples/*.txt --home "$home"
echo
.venv/bin/gongkai anomalies --home "$home"
cat <<END

From here:
  export GONGKAI_HOME=$home PATH=\$PWD/.venv/bin:\$PATH
  gongkai sql "SELECT issuer, year, form, extraction FROM reports ORDER BY year, issuer"
  gongkai ui
END
