"""Leads held out by chance, to know a lift."""
