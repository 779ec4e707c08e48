"""The report as one HTML page: gathered, drawn, written."""
