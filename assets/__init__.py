"""Thin Dagster assets: each reads, calls a plain function, writes, reports. No domain logic here."""
