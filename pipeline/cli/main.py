"""The entry of ``gongkai``, which imports the rest where Ctrl-C is already one line.

Belongs here: nothing but that. Dispatch and every other end of a command: ``dispatch``.
"""

import sys

# As in ``errors``, which is not imported yet when this is needed.
_INTERRUPTED = 130


def main() -> None:
    """Run ``gongkai`` with the arguments of the process and end the process with the contract's exit code."""
    try:
        from pipeline.cli.dispatch import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        sys.stderr.write("gongkai: interrupted\n")
        code = _INTERRUPTED
    sys.exit(code)
