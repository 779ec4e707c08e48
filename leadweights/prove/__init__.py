"""SQL equals Python: on an engine, on hostile rows, by golden rows."""
