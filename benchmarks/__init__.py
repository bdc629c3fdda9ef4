"""Measurements: each ``bench_<what>.py`` prints a table when run. Nothing here is imported by the project."""
