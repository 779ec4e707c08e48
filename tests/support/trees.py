"""Formulas as trees."""

from dataclasses import fields, is_dataclass


def list_parts(node: object) -> list[object]:
    """List a formula and everything in it."""
    if isinstance(node, tuple):
        return [found for item in node for found in list_parts(item)]
    if not is_dataclass(node):
        return []
    inside = (getattr(node, field.name) for field in fields(node))
    return [node, *(found for part in inside for found in list_parts(part))]
