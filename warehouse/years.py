"""The facts and the check results of each report year in the lake, and whether they belong together."""

from collections.abc import Mapping

import polars as pl

from pipeline.home import Home


def write_facts(home: Home, year: int, frames: Mapping[str, pl.DataFrame], inputs: str = "") -> str:
    """Write all fact tables of a year (the tables of layer ``facts``, every one of them); return their fingerprint.

    Rows are sorted and cast to the declared columns. ``inputs`` is kept: the caller's fingerprint of what they were made
    from (``extracted_fingerprint`` and whatever else). Raises SchemaMismatch, StorageFailed.
    """
    raise NotImplementedError


def read_facts(home: Home, year: int) -> dict[str, pl.DataFrame]:
    """Return the fact tables of a year; empty frames where nothing was written. Raises TornFacts."""
    raise NotImplementedError


def facts_fingerprint(home: Home, year: int) -> str:
    """Return the fingerprint of the facts of a year, "" where there are none. Raises TornFacts where a write broke off."""
    raise NotImplementedError


def facts_inputs(home: Home, year: int) -> str:
    """Return the ``inputs`` that ``write_facts`` was given for a year, "" where there are no facts."""
    raise NotImplementedError


def facts_years(home: Home) -> list[int]:
    """Return the years that have facts, ascending."""
    raise NotImplementedError


def write_check_results(
    home: Home, year: int, frame: pl.DataFrame, fingerprint: str, suggestions: pl.DataFrame | None = None
) -> None:
    """Write the check results of a year (and suggestions), with the fingerprint of the facts that were judged.

    Raises SchemaMismatch, StorageFailed.
    """
    raise NotImplementedError


def read_check_results(home: Home, year: int) -> dict[str, pl.DataFrame]:
    """Return ``check_results`` and ``suggestions`` of a year; empty frames where nothing was written."""
    raise NotImplementedError
