"""A report of a year that cannot be is no report of any year: its file is quarantined.

Belongs here: that one rule. Which years can be depends on the clock, so the readers do not know it.
"""

from pipeline.document import UnreadableFile
from pipeline.reading import FileReading


def require_plausible_years(reading: FileReading, first: int, last: int) -> FileReading:
    """Return the reading. Raises UnreadableFile where one of its reports has no year, or one outside ``first`` to ``last``."""
    for report in reading.reports:
        if report.year is None:
            raise UnreadableFile("report year not found")
        if not first <= report.year <= last:
            raise UnreadableFile(f"report year {report.year} cannot be: only {first} to {last} can")
    return reading
