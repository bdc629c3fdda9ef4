"""Which report years must be computed again, and what a year's facts are made from.

Belongs here: comparing what a year was made from with what it would be made from now. Does not belong here: computing it.
"""

import hashlib

from pipeline.catalogue.load import load_catalogue
from pipeline.home import Home
from pipeline.versions import code_version
from warehouse.errors import TornFacts
from warehouse.extracted import extracted_fingerprint, extracted_years
from warehouse.years import checks_manifest, facts_inputs, facts_years, judged_fingerprint


def year_inputs(home: Home, year: int) -> str:
    """Return a hash of everything that the facts and check results of a year are a function of."""
    parts = (extracted_fingerprint(home, year), code_version(), load_catalogue().version, _declared(home))
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def stale_years(home: Home) -> list[int]:
    """Return the years whose facts or check results are not those of the stored readings, the code and the declared data."""
    years = sorted({*extracted_years(home), *facts_years(home)})
    return [year for year in years if not _is_fresh(home, year)]


def is_judged(home: Home, year: int) -> bool:
    """Tell whether the check results of a year are of the facts that stand there now."""
    try:
        checks = checks_manifest(home, year)
        return checks is not None and checks.judged == judged_fingerprint(home, year)
    except TornFacts:
        return False


def _is_fresh(home: Home, year: int) -> bool:
    try:
        return facts_inputs(home, year) == year_inputs(home, year) and is_judged(home, year)
    except TornFacts:
        return False


def _declared(home: Home) -> str:
    """Return a hash of the corrections and rosters that people gave; reviews change no row of a year."""
    contents = [file.read_bytes() for file in (home.corrections, home.rosters) if file.exists()]
    return hashlib.sha256(repr(contents).encode()).hexdigest() if contents else ""
