"""Databases that are written to, in whole transactions: a DuckDB file, or whatever has a URL."""
