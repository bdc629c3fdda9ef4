"""Rules that need more than one report: a year against the year before, an aggregate against its members, outliers."""
