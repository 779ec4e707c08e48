"""SQL engines to prove a SELECT on: a room each, the list of them, and what they have in common."""
