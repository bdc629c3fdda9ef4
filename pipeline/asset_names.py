"""Names of assets and groups, for those who refer to an asset without importing it.

Belongs here: names. Asset keys are the names of the published tables, so most of them stand in the catalogue.
"""

RAW, EXTRACTED, FACTS, CHECKS, WAREHOUSE = "raw", "extracted", "facts", "checks", "warehouse"
"""Groups of assets, in the order of the flow."""

FETCHED_SOURCES = "fetched_sources"
RAW_FILES = "raw_files"
EXTRACTED_ASSETS = ("sections", "cells")
FACT_TABLES = ("requests", "proactive", "disputes", "statistics")
FACT_ASSETS = ("reports", *FACT_TABLES, "claims")
CHECK_RESULTS = "check_results"
PUBLISHED = "warehouse"
