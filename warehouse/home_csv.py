"""The CSV files of the home folder, written by people: lines with the declared columns, or one clear line about what is not.

Belongs here: header, number of columns, encoding. Does not belong here: what the columns of a file mean (``rosters``,
``corrections``, ``declared``).
"""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from warehouse.errors import SchemaMismatch

Line = dict[str, str]


def read_lines(file: Path, columns: Sequence[str], optional: Sequence[str] = ()) -> Iterator[tuple[str, Line]]:
    """Yield where a line stands (file and line, for messages) and its cells by column; nothing for an absent file.

    ``optional`` columns may follow in the header, all of them or none, and are "" where they are absent. Raises
    SchemaMismatch with the line that does not fit.
    """
    if not file.exists():
        return
    whole = [*columns, *optional]
    line_num = 0
    try:
        with file.open(encoding="utf-8-sig", newline="") as handle:
            lines = csv.reader(handle)
            names = next(lines, [])
            if names not in (list(columns), whole):
                raise SchemaMismatch(f"{file}: its first line must be {','.join(names_of(columns, optional))}")
            for line in lines:
                line_num = lines.line_num
                where = f"{file}, line {line_num}"
                if line and len(line) != len(names):
                    raise SchemaMismatch(f"{where}: has {len(line)} columns instead of {len(names)}")
                if line:
                    yield where, dict.fromkeys(optional, "") | dict(zip(names, line, strict=True))
    except UnicodeDecodeError as error:
        raise SchemaMismatch(f"{file}: must be saved as UTF-8, and is not") from error
    except csv.Error as error:
        raise SchemaMismatch(f"{file}, after line {line_num}: is no CSV: {error}") from error


def names_of(columns: Sequence[str], optional: Sequence[str]) -> list[str]:
    """Return the columns as a message names them: optional ones in brackets."""
    return [*columns, *(f"[{name}]" for name in optional)]
