"""Adopt a model that another library learnt, and prove that it is the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from leadweights.errors import LeadweightsError, ModelError, ParityError
from leadweights.files.download import as_local
from leadweights.files.remote import as_path
from leadweights.formula.arrays import Values
from leadweights.formula.stages import outputs
from leadweights.formula.texts import Texts
from leadweights.learn.adopted.cut_rows import make_rows
from leadweights.learn.adopted.files import read_file
from leadweights.learn.adopted.held_against import hold_against
from leadweights.learn.adopted.objects import read_object
from leadweights.learn.adopted.reading import LARGEST_DOUBLE, Reading
from leadweights.learn.adopted.shares import add_shares
from leadweights.model.model import ScoringModel
from leadweights.model.names import read_keys, read_names
from leadweights.model.provenance import Provenance
from leadweights.model.shown import Shown
from leadweights.model.trees import Trees
from leadweights.prove.parity import Parity, failure, parity
from leadweights.prove.reference import ReferenceCheck
from leadweights.tables.columns import open_for, read_columns
from leadweights.tables.open import Source, make_table
from leadweights.tables.table import Table

AT_CUTS = "rows at every cut"


@dataclass(frozen=True, slots=True, repr=False)
class Adopted(Shown):
    """A model of another library as one of ours, and the proof that it is.

    `parity` holds the SQL against Python on DuckDB; `reference` Python against the library's own
    scores, None where the library is not here to be asked. `left_out` counts the rows that it
    refuses to score. `notes` say what its model leaves open.
    """

    model: ScoringModel
    parity: Parity
    reference: ReferenceCheck | None
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

    `model` is a fitted object, or the name of a file: skops, onnx, json, txt or ubj, never a
    pickle. `columns` names the table's columns for its features, in their order, where the model
    does not know them or calls them otherwise. `rows`, a file or a DataFrame, are scored by both,
    besides rows at every cut; they also say what share each column has in a model of trees.

    Raises UnsupportedError, by its name, for what cannot be carried, ModelError for what is no
    model, TableError for rows without its columns, and ParityError where scores differ.
    """
    names = None if columns is None else read_names(columns, "columns")
    reading = read_model(model, names)
    found = write_model(reading, read_keys(keys), label)
    tables: dict[str, Table] = {}
    pieces: list[Mapping[str, Values]] = []
    if rows is not None:
        tables["your rows"] = open_for(found, rows, outputs(found))
        pieces.append(read_columns(tables["your rows"], found))
        found = add_shares(found, pieces[0])
    scores, notes = reading.scores, list(reading.notes)
    values, untried = make_rows(
        found, scores.handed if scores else None, scores.largest if scores else LARGEST_DOUBLE
    )
    if untried:
        notes.append(f"of the rows at cuts {untried:,} were left out, as there are too many")
    kinds = {n: ("text" if isinstance(v, Texts) else "number", v) for n, v in values.items()}
    tables[AT_CUTS] = make_table(kinds, AT_CUTS)
    reference, left_out = None, 0
    if scores is None:
        notes.append("the library that learnt the model is not here: its scores were not asked")
    else:
        reference, left_out = hold_against(found, scores, [*pieces, values])
        if not reference.holds:
            raise ParityError(
                f"the model's scores differ from {reference.name}'s by {reference.difference:.3g}; "
                f"rounding explains {reference.bound:.3g}"
            )
    proof = parity(found, tables)
    if not proof.holds:
        raise ParityError(failure(proof))
    return Adopted(found, proof, reference, left_out, tuple(notes))


def read_model(model: Any, names: Sequence[str] | None) -> Reading:
    """Read a file or an object. Raises ModelError for one that is damaged, or not fitted."""
    is_file = isinstance(model, str | Path)
    try:
        place = as_local(as_path(model)) if is_file else None
    except OSError as problem:
        raise ModelError(f"cannot read {model}: {problem.strerror}") from None
    try:
        return read_object(model, names) if place is None else read_file(place, names)
    except LeadweightsError:
        raise
    except Exception as problem:  # of any library
        what = str(model) if is_file else f"a {type(model).__name__}"
        said = f"{type(problem).__name__}: {problem}".splitlines()[0]
        raise ModelError(f"{what} is no whole, fitted model: {said}") from problem


def write_model(reading: Reading, keys: tuple[str, ...] = (), label: str = "label") -> ScoringModel:
    """Make a scoring model of what was read. Raises ModelError."""
    made_by = f"leadweights {version('leadweights')}"
    origin = Provenance(made_by, label, reading.positive, reading.rows, 0, reading.method, "")
    rest = 1.0 - sum(abs(term.weight) for term in reading.terms)
    return ScoringModel(
        reading.name,
        keys,
        reading.columns,
        reading.terms,
        reading.link,
        origin,
        trees=Trees(max(0.0, rest), reading.trees) if reading.trees else None,
    )
