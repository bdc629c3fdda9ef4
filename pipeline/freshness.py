"""Which report years must be computed again, and what a year's facts are made from.

Belongs here: comparing what a year was made from with what it would be made from now. Does not belong here: computing it.
"""

import hashlib

from pipeline.catalogue.load import load_catalogue
from pipeline.home import Home
from pipeline.versions import code_version
from warehouse.companions import companions_fingerprint
from warehouse.corrections import read_corrections
from warehouse.errors import TornFacts
from warehouse.extracted import active_files, extracted_fingerprint, extracted_years
from warehouse.rosters import roster_lines
from warehouse.years import checks_manifest, facts_inputs, facts_years, judged_fingerprint


def year_inputs(home: Home, year: int) -> str:
    """Return a hash of everything that the facts and check results of a year are a function of.

    Raises SchemaMismatch where a file of the home folder does not fit.
    """
    readings = (extracted_fingerprint(home, year), companions_fingerprint(home, year))
    parts = (*readings, code_version(), load_catalogue().version, _declared(home, year))
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


def _declared(home: Home, year: int) -> str:
    """Return a hash of what people gave for a year: corrections of its files, its rosters. Reviews change no row of a year."""
    corrections = read_corrections(home)
    if corrections:
        files = active_files(home, year)
        corrections = [correction for correction in corrections if correction.file_id in files]
    given = (corrections, roster_lines(home, year))
    return hashlib.sha256(repr(given).encode()).hexdigest() if any(given) else ""
