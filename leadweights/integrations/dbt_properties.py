"""What a dbt project says of a model: types, descriptions and tests, its seed, its exposure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from leadweights.formula.nodes import Words
from leadweights.integrations.dbt_version import Asked, Version
from leadweights.model.file import fingerprint
from leadweights.reports.weights import weights
from leadweights.sql.golden import Cells, Golden, name_type
from leadweights.sql.idioms import TEMPLATE_MARKS
from leadweights.sql.select import scalar

_SHARES = ("probability", "adjusted_probability")
_WHOLE = {"score_100": (0, 100), "decision": (0, 1), "decile": (1, 10)}
_DESCRIPTIONS = {
    "lead_score": "The weighted sum of the columns: the higher, the likelier.",
    "log_odds": "The score in log-odds, which decisions compare.",
    "calibrated_log_odds": "The calibrated log-odds.",
    "adjusted_log_odds": "The log-odds after adjustment and decay.",
    "probability": "The probability of a conversion.",
    "adjusted_probability": "The probability after adjustment and decay.",
    "score_100": "The score from 0 to 100.",
    "band": "The band of the score.",
    "action": "What the band asks for.",
    "status": "Whether there is consent to a score.",
    "decision": "1 to contact the lead, 0 not to.",
    "trend": "Whether the score rose or fell since an earlier one.",
    "rank": "The place by the score, the highest first.",
    "decile": "The tenth of all scored leads, 1 the best.",
}


def describe_version(version: Version, golden: Golden) -> dict[str, Any]:
    """Describe a version: its model in meta, its columns with their types and tests."""
    model, asked = version.model, version.asked
    origin = model.provenance
    shares = sorted(weights(model), key=lambda weight: -abs(weight.weight))
    words = {wording.column: wording for wording in model.decisions.wordings}
    lines = [
        f"{model.name}, model {fingerprint(model)[:12]}: {origin.method}, learnt from "
        f"{origin.rows:,} rows.",
        *(
            f"- {one.feature}, weight {one.weight:+.4f}"
            + (f": {words[one.feature].description}" if one.feature in words else "")
            for one in shares
            if one.level is None
        ),
    ]
    name = TEMPLATE_MARKS.sub(" ", model.name)
    meta = {"model": fingerprint(model), "name": name, "made_by": origin.made_by}
    return {
        # dbt runs a description, too.
        "description": TEMPLATE_MARKS.sub(" ", "".join(f"{line}\n" for line in lines)),
        "config": {"meta": {"leadweights": meta}},
        "columns": [
            *(_describe_key(name, asked.key_types) for name in asked.key_types),
            *(_describe_column(name, version, golden) for name in version.columns),
        ],
    }


def _describe_key(name: str, types: Mapping[str, str]) -> dict[str, Any]:
    tests = ["not_null"] if len(types) > 1 else ["unique", "not_null"]
    return {
        "name": name,
        "description": "Tells leads apart.",
        "data_type": types[name],
        "quote": True,
        "data_tests": tests,
    }


def _describe_column(name: str, version: Version, golden: Golden) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": name,
        "description": _say_result(name),
        "data_type": name_result_type(name, golden, version.asked.dialect),
        "quote": True,
    }
    bands = version.model.decisions.bands
    limits = (0, 1) if name in _SHARES else _WHOLE.get(name)
    if name == "band" and bands is not None:
        # As literals of SQL: dbt would put them between quotes as they are.
        values = [scalar(Words(b.name), version.asked.dialect).strip() for b in bands.bands]
        arguments = {"values": values, "quote": False}
        found["data_tests"] = [{"accepted_values": {"arguments": arguments}}]
    elif limits is not None:
        between = {"arguments": {"low": limits[0], "high": limits[1]}}
        found["data_tests"] = [{"leadweights_between": between}]
    return found


def name_result_type(name: str, golden: Golden, dialect: str) -> str:
    """Name the type that a column of the result has in a warehouse."""
    if name == "rank":
        return "int64" if dialect == "bigquery" else "bigint"
    whole = Cells("whole", ())
    cells = whole if name in _WHOLE else golden.expected[name].cells
    return name_type(cells, dialect).lower()


def _say_result(name: str) -> str:
    """Say what a column of the result is."""
    if found := re.fullmatch("reason_([0-9]+)(_effect)?", name):
        which = f"What moves the score away from an average lead's, number {found[1]}"
        return f"{which}{', in log-odds' if found[2] else ''}."
    return _DESCRIPTIONS.get(name, "A part of the score.")


def describe_seed(version: Version, golden: Golden) -> dict[str, Any]:
    """Describe the seed of golden rows, with the types of its columns."""
    columns = {**golden.given, **golden.passed}
    types = {n: name_type(c, version.asked.dialect).lower() for n, c in columns.items()}
    return {
        "name": f"{version.node}_golden",
        "description": "Rows made for the model, with what Python gives for them. No real lead.",
        # An export with other columns finds the table of an earlier one.
        "config": {"full_refresh": True, "quote_columns": True, "column_types": types},
    }


def join_versions(versions: Sequence[dict[str, Any]], asked: Asked) -> dict[str, Any]:
    """Describe a model by its only version, or by all of them."""
    config = {"contract": {"enforced": True}}
    if len(versions) == 1:
        (only,) = versions
        return {"name": asked.name, **only, "config": {**config, **only["config"]}}
    return {
        "name": asked.name,
        "description": "Version 1 is the champion, which is meant without a version.",
        "latest_version": 1,
        "config": config,
        "versions": [{"v": number, **one} for number, one in enumerate(versions, 1)],
    }
