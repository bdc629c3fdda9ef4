"""A report of a year that cannot be is no report of any year: its file is quarantined.

Belongs here: that one rule. Which years can be depends on the clock, so the readers do not know it.
"""

from collections.abc import Collection
from dataclasses import replace

from warehouse.extracted import ReadContent


def require_plausible_year(content: ReadContent, years: Collection[str]) -> ReadContent:
    """Return the content as it is, or quarantined where one of its reports has a year that is none of ``years``."""
    if content.reading is None:
        return content
    for report in content.reading.reports:
        if str(report.year) not in years:
            first, last = min(years), max(years)
            error = f"report year {report.year} is not plausible: between {first} and {last} is"
            return replace(content, reading=None, error="report year not found" if report.year is None else error)
    return content
