"""What a score is worth and what is done with it."""
