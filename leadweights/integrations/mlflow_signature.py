"""What a model takes and gives, and leads that it might be given, as MLflow writes them."""

from __future__ import annotations

import json
from typing import Any

from leadweights.formula.evaluate import compute
from leadweights.formula.stages import default_outputs, stages
from leadweights.formula.texts import Texts
from leadweights.integrations.invented_leads import invent_leads
from leadweights.model.model import ScoringModel
from leadweights.tables.columns import open_for, read_columns, sources

_WHOLE = ("score_100", "decision")


def write_signature(model: ScoringModel) -> dict[str, Any]:
    """Say what goes in and comes out, as MLflow writes it.

    What goes in is of any type: MLflow takes no whole number for a double, nor the other way round,
    and a column of whole numbers with a gap is of doubles. What a column must hold is checked when
    it is scored, in words.
    """
    optional = [key for key in model.keys if key not in sources(model)]
    inputs = [_column(name, "any", required=False) for name in optional]
    inputs += [_column(name, "any") for name in sources(model)]
    outputs = [_column(key, "any", required=False) for key in model.keys]
    outputs += [_column(name, kind) for name, kind in _results(model).items()]
    return {"inputs": json.dumps(inputs), "outputs": json.dumps(outputs), "params": None}


def _column(name: str, kind: str, *, required: bool = True) -> dict[str, Any]:
    return {"type": kind, "name": name, "required": required}


def _results(model: ScoringModel) -> dict[str, str]:
    """Say of which type each result is."""
    values = read_columns(open_for(model, invent_leads(model)), model)
    found = compute(stages(model), values)
    kinds = {name: "integer" if name in _WHOLE else "double" for name in found}
    kinds |= {name: "string" for name, held in found.items() if isinstance(held, Texts)}
    return {name: kinds[name] for name in default_outputs(model, "standardized")}


def write_example(model: ScoringModel) -> dict[str, Any]:
    """Give invented leads as a frame that is split into columns and data."""
    leads = invent_leads(model)
    rows = [[_json(cell) for cell in lead.values()] for lead in leads]
    return {"columns": list(leads[0]), "data": rows}


def _json(cell: object) -> object:
    return cell if cell is None or isinstance(cell, bool | float | str) else str(cell)
