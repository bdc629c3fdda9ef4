"""Raw store, lake and the DuckDB file. The only package that knows DuckDB; free of Dagster."""
