"""Rows of a table as leads in JSON, and what the SELECT in DuckDB says the service must answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from math import isfinite
from typing import Any

import numpy as np

from leadweights.formula.arrays import Values
from leadweights.formula.sources import Kind, sources
from leadweights.formula.stages import part_outputs, row_outputs
from leadweights.formula.texts import Texts
from leadweights.model.dates import EPOCH
from leadweights.model.model import ScoringModel
from leadweights.sql.render import render
from tests.support import engine
from tests.support.rows import list_rows
from tests.support.strategies import Drawn

TYPES: dict[Kind, str] = {
    "number": "DOUBLE",
    "flag": "BOOLEAN",
    "text": "VARCHAR",
    "date": "DATE",
    "date in text": "VARCHAR",
}


def in_json(drawn: Drawn) -> Drawn:
    """Take from a table what JSON has not: infinities, which are missing to a model anyway."""
    table = {
        name: values if isinstance(values, Texts) else np.where(np.isfinite(values), values, np.nan)
        for name, values in drawn.table.items()
    }
    return Drawn(drawn.model, table, drawn.types)


def make_leads(model: ScoringModel, table: Mapping[str, Values]) -> list[dict[str, Any]]:
    """Write the rows of a table as leads; every third leaves out what is missing."""
    kinds = sources(model, row_outputs(model, "standardized"))
    known = {*kinds, *model.keys, model.decisions.owner}
    leads = []
    for place, row in enumerate(list_rows(table)):
        lead = {
            name: _cell(kinds.get(name, "text"), cell)
            for name, cell in row.items()
            if name in known
        }
        leads.append({name: cell for name, cell in lead.items() if place % 3 or cell is not None})
    return leads


def _cell(kind: Kind, cell: float | str | None) -> object:
    if cell is None:
        return None
    match kind:
        case "flag":
            return cell == 1
        case "date":
            assert isinstance(cell, float)
            return (EPOCH + timedelta(days=cell)).isoformat()
        case _:
            assert isinstance(cell, str) or isfinite(cell)
            return cell


def select_rows(drawn: Drawn) -> list[dict[str, Any]]:
    """Score a table by the SELECT in DuckDB: all that an answer can hold, None where missing."""
    model = drawn.model
    names = (*row_outputs(model, "standardized"), *part_outputs(model))
    engine.load(drawn.table, drawn.types)
    found = engine.selected_values(render(model, keys=(), columns=names))
    return list_rows(found)


def assert_answers(model: ScoringModel, results: list[Any], rows: list[dict[str, Any]]) -> None:
    """Hold the results of an answer against the rows of the SELECT, bit for bit."""
    assert len(results) == len(rows)
    for result, row in zip(results, rows, strict=True):
        if row.get("status", "scored") != "scored":
            assert result["status"] == "no_consent"
            assert not {*result} & {"lead_score", "log_odds", "probability", "reasons"}
            continue
        assert result["status"] == "ok"
        reasons = [
            {"reason": row[name], "effect": row[f"{name}_effect"]}
            for name in row
            if name.startswith("reason_") and f"{name}_effect" in row and row[name] is not None
        ]
        assert write(result["reasons"]) == write(reasons)
        for name in row_outputs(model, "standardized"):
            if name != "status" and not name.startswith("reason_"):
                assert write(result[name]) == write(row[name]), name


def write(value: object) -> str:
    """Write a value so that every bit is seen; a whole number is one of any type."""
    if isinstance(value, float) and value == int(value):
        return json.dumps(int(value)) if value else str(value).removesuffix(".0")
    return json.dumps(value, sort_keys=True)
