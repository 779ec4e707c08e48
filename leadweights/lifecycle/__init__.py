"""A model in service: drift, outcomes, challengers, the registry, audit and erasure."""
