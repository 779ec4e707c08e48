"""Models learnt by other libraries, carried over as they are, or refused by name."""
