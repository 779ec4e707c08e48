"""From labelled rows to a `ScoringModel`."""
