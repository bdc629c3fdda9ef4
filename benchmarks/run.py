"""Run every benchmark of this folder, one after the other, each in a process of its own: ``make bench``.

Belongs here: finding and starting them. Does not belong here: what they measure (``bench_<what>.py``: a module that
prints a table when run as ``python -m benchmarks.bench_<what>``).
"""

import subprocess
import sys
from pathlib import Path


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all; return how many failed."""
    found = sorted(file.stem.removeprefix("bench_") for file in Path(__file__).parent.glob("bench_*.py"))
    unknown = sorted(set(names) - set(found))
    if unknown:
        print(f"No benchmark {', '.join(unknown)}; there are: {', '.join(found) or 'none'}", file=sys.stderr)
        return 2
    failed = 0
    for name in names or found:
        print(f"\n## {name}\n", flush=True)
        failed += subprocess.run([sys.executable, "-m", f"benchmarks.bench_{name}"], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
