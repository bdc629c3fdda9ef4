"""Exit codes of ``gongkai`` and the one exception that commands raise to end with one.

Source of the rule: contract, "Command line".
"""

DONE = 0
FAILED = 1
WRONG_USAGE = 2
SOME_UNREAD = 3
FINDINGS = 4
INTERRUPTED = 130
BROKEN_PIPE = 141


class CommandError(Exception):
    """Ends a command: one line for stderr and the exit code. Never carries a traceback to the user."""

    def __init__(self, message: str, exit_code: int = FAILED) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class UsageError(CommandError):
    """Wrong usage, told before any work."""

    def __init__(self, message: str) -> None:
        super().__init__(message, WRONG_USAGE)
