"""Report years as Dagster partitions.

Belongs here: which years there are, and the one partitions definition that assets, checks and jobs share. Does not belong
here: when a year is due (``assets.schedules``), what is done with it.

The years are static keys, computed when definitions load: dynamic keys live in one instance's database and are absent on a
fresh machine, and a time-window definition leaves check evaluations that belong to no year.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

import dagster as dg

FIRST_YEAR = 2003
"""Before the 条例 of 2007 a few cities reported under rules of their own; none is known before 2003."""
TIMEZONE = "Asia/Shanghai"


def report_years(current_year: int) -> range:
    """Return the report years that can exist, ascending: a body may report on a year as soon as it has begun."""
    if current_year < FIRST_YEAR:
        raise ValueError(f"the clock says {current_year}; report years begin with {FIRST_YEAR}")
    return range(FIRST_YEAR, current_year + 1)


def current_year() -> int:
    """Return the year it is where the reports are written."""
    return datetime.now(ZoneInfo(TIMEZONE)).year


YEARS = dg.StaticPartitionsDefinition([str(year) for year in report_years(current_year())])
