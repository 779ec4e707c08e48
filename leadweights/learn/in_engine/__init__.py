"""Learning from rows that stay where they are: an engine adds up, Python solves."""
