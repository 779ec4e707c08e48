"""Adopt a model that another library learnt, and prove that it is the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from leadweights.errors import ParityError
from leadweights.formula.arrays import Floats, Values
from leadweights.formula.evaluate import evaluate
from leadweights.formula.stages import outputs, stages
from leadweights.formula.texts import Texts
from leadweights.learn.adopted.cut_rows import largest_of, make_rows
from leadweights.learn.adopted.files import read_file
from leadweights.learn.adopted.objects import read_object
from leadweights.learn.adopted.reading import Reading, Scores
from leadweights.model.model import Logit, Number, ScoringModel, limits
from leadweights.model.names import read_keys, read_names
from leadweights.model.provenance import Provenance
from leadweights.model.terms import Ranged, Standardized, farthest
from leadweights.model.trees import Trees, farthest_of_trees
from leadweights.prove.parity import Parity, failure, parity
from leadweights.prove.reference import ReferenceCheck
from leadweights.tables.columns import read_columns, text_columns
from leadweights.tables.open import Source, make_table, open_table
from leadweights.tables.table import Table


@dataclass(frozen=True, slots=True)
class Adopted:
    """A model of another library as one of ours, and the proof that it is.

    `parity` holds the SQL against Python on DuckDB, and its `reference` Python against the own
    scores of the library; None where that is not here to be asked. `left_out` counts the rows that
    the library refuses to score. `notes` say what its model leaves open.
    """

    model: ScoringModel
    parity: Parity
    left_out: int
    notes: tuple[str, ...]


def adopt(
    model: Any,
    *,
    columns: Sequence[str] | None = None,
    rows: Source | None = None,
    keys: Sequence[str] = (),
    label: str = "label",
) -> Adopted:
    """Carry a model that another library learnt over to one whose SELECT gives the same scores.

    `model` is an object of scikit-learn, LightGBM, XGBoost, CatBoost, InterpretML, statsmodels or
    optbinning, or the name of a file: skops, onnx, json, txt or ubj, never a pickle. `columns`
    names the table's columns for its features, in their order, where the model does not know them
    or knows others. `rows`, a file or a DataFrame, are scored by both, besides rows at every cut.

    Raises UnsupportedError, by its name, for what cannot be carried, ModelError for what is no
    model, TableError for rows without its columns, and ParityError where scores differ.
    """
    names = None if columns is None else read_names(columns, "columns")
    is_file = isinstance(model, str | Path)
    reading = read_file(Path(model), names) if is_file else read_object(model, names)
    found = write_model(reading, read_keys(keys), label)
    tables: dict[str, Table] = {}
    pieces: list[Mapping[str, Values]] = []
    if rows is not None:
        table = open_table(rows, text_columns(found, outputs(found)))
        tables["your rows"] = table
        pieces.append(read_columns(table, found))
    reference, left_out, notes = None, 0, list(reading.notes)
    if reading.scores is not None:
        values, untried = make_rows(found, reading.scores)
        kinds = {n: ("text" if isinstance(v, Texts) else "number", v) for n, v in values.items()}
        tables["rows at every cut"] = make_table(kinds, "rows at every cut")
        reference, left_out = hold_against(found, reading.scores, [*pieces, values])
        if untried:
            notes.append(f"of the rows at the cuts {untried:,} were left out: there are too many")
    else:
        notes.append(f"{reading.method}: its library is not here, so its own scores were not asked")
    proof = parity(found, tables, reference)
    if not proof.holds:
        raise ParityError(failure(proof))
    return Adopted(found, proof, left_out, tuple(notes))


def write_model(reading: Reading, keys: tuple[str, ...] = (), label: str = "label") -> ScoringModel:
    """Make a scoring model of what was read. Raises ModelError."""
    made_by = f"leadweights {version('leadweights')}"
    origin = Provenance(made_by, label, reading.positive, reading.rows, 0, reading.method, "")
    return ScoringModel(
        reading.name,
        keys,
        reading.columns,
        reading.terms,
        reading.link,
        origin,
        trees=Trees(1.0, reading.trees) if reading.trees else None,
    )


def hold_against(
    model: ScoringModel, scores: Scores, pieces: Sequence[Mapping[str, Values]]
) -> tuple[ReferenceCheck, int]:
    """Hold a model against the library's own scores, on the rows which that takes."""
    worst = ReferenceCheck(scores.library, 0, 0.0, 0.0, 0.0)
    left_out = 0
    for values in pieces:
        taken = np.flatnonzero(_takes(scores, values))
        left_out += len(largest_of(values)) - len(taken)
        if not len(taken):
            continue
        own = {name: column[taken] for name, column in values.items()}
        ours = evaluate(stages(model, columns=[scores.column]), own)[scores.column]
        arrays = {
            handed.column: handed.array(own[handed.column])
            for handed in scores.handed
            if handed.column in own
        }
        theirs = np.asarray(scores.score(arrays), dtype=np.float64)
        apart = np.abs(ours - theirs)
        apart[np.isnan(apart)] = np.inf
        bound = scores.slack * (1 + _added_up(model, own)) if scores.slack else np.zeros(len(taken))
        row = int(np.argmax(apart / bound if scores.slack else apart))
        found = ReferenceCheck(
            scores.library,
            worst.rows + len(taken),
            max(worst.largest_difference, float(apart.max())),
            float(apart[row]),
            float(bound[row]),
        )
        if worst.difference * found.bound > found.difference * worst.bound or not worst.holds:
            found = replace(found, difference=worst.difference, bound=worst.bound)
        worst = found
    return worst, left_out


def _takes(scores: Scores, values: Mapping[str, Values]) -> Any:
    taken = largest_of(values) <= scores.largest
    for handed in scores.handed:
        column = values.get(handed.column)
        if column is None:
            continue
        if isinstance(column, Texts):
            missing, odd = column.missing(), np.zeros(len(column), dtype=bool)
            if not handed.takes_other and handed.objects is not None:
                odd = ~missing & ~column.among(set(handed.objects))
        else:
            missing, odd = np.isnan(column), column < handed.lowest
        taken &= ~odd & (handed.takes_missing | ~missing)
    return taken


def _added_up(model: ScoringModel, values: Mapping[str, Values]) -> Floats:
    """Bound, for each row, what is added up to the score, in absolute terms."""
    size = len(next(iter(values.values())))
    whole: Any = np.zeros(size)
    fills = {c.name: c.fill for c in model.columns if isinstance(c, Number)}
    logs = {c.name for c in model.columns if isinstance(c, Number) and c.log}
    bounds = limits(model)
    for term in model.terms:
        column = values.get(term.column)
        if isinstance(column, np.ndarray) and isinstance(term, Standardized | Ranged):
            known = np.where(np.isnan(column), fills.get(term.column, 0.0), column)
            if term.column in logs:
                known = np.log1p(np.abs(known))
            whole += (np.abs(known) + abs(term.zero)) / term.spread * abs(term.weight)
        else:
            whole += farthest(term, min(bounds[term.column], 1.0))
    whole += farthest_of_trees(model.trees) if model.trees else 0.0
    if isinstance(model.link, Logit):
        whole = whole * model.link.scale + abs(model.link.intercept)
    return np.asarray(whole)
