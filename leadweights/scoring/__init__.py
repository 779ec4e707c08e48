"""Score a table; check it first."""
