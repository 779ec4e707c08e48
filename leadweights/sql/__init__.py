"""Stages of formulas as the text of a dialect. The only room that knows sqlglot."""
