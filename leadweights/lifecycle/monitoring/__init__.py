"""Watching a model in service: drift against a baseline, alarms, one verdict."""
