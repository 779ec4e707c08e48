"""Arms of an experiment by a hash of the key: the same in Python and in a SELECT, for good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leadweights.errors import UnsupportedError
from leadweights.formula.evaluate import compute
from leadweights.formula.nodes import (
    Column,
    Difference,
    Floor,
    Named,
    Stage,
    TextHash,
    TextSteps,
    Words,
)
from leadweights.formula.stages import stages
from leadweights.formula.texts import Texts
from leadweights.learn.in_engine.exact_sums import Span, hash_columns
from leadweights.model import names as naming
from leadweights.model.file import fingerprint
from leadweights.model.model import ScoringModel
from leadweights.sql.dialects import find_dialect
from leadweights.sql.select import select

ARM, HELD_OUT, TREATED = "arm", "held_out", "treated"
"""The column, and what it holds."""

_PLACE = "arm_place"


def assign_arms(
    model: ScoringModel | None = None,
    *,
    key: str | Sequence[str] | None = None,
    salt: str,
    held_out: float = 0.1,
    dialect: str = "duckdb",
    table: str = "leads",
    columns: Sequence[str] | None = None,
) -> str:
    """Write a SELECT that gives each lead an arm, by chance and for good: the column `arm`.

    Of the leads the share `held_out` is held out, the others are treated: by the MD5 of the key,
    mixed with the `salt`, so another salt draws other leads, and a larger share keeps those that
    are held out already. A key is a text or a whole number; a lead without one has no arm. With a
    model the SELECT is the model's, with its `columns`, by default the usual ones, and its keys.

    Raises UnsupportedError for a dialect in which no such hash is known, or names that clash.
    """
    asked = () if key is None else naming.read_keys([key] if isinstance(key, str) else key)
    keys = asked or (() if model is None else model.keys)
    if not keys:
        raise UnsupportedError("name the key by which leads are drawn with --key")
    target = find_dialect(dialect)
    if not target.text_hash:
        raise UnsupportedError(
            f"no hash of texts is known for {target.name}: assign arms in another engine, and join "
            "them by the key"
        )
    chain = arm_stages(keys, salt, held_out)
    header = f"leadweights arms, {held_out:g} held out, salt {salt!r}"
    if model is not None:
        chosen = None if columns is None else naming.read_names(columns, "columns")
        chain = _add_to(stages(model, columns=chosen), chain)
        header += f"; {model.name}, model {fingerprint(model)[:12]}"
    elif columns is not None:
        raise UnsupportedError("columns are of a model: name one")
    return select(chain, dialect, table, keys, header)


def compute_arms(
    values: Mapping[str, Texts], keys: Sequence[str], salt: str, held_out: float = 0.1
) -> Texts:
    """Compute arms in Python by keys as texts, shape (rows,) each: those of `assign_arms`."""
    found = compute(arm_stages(keys, salt, held_out), values)[ARM]
    assert isinstance(found, Texts)
    return found


def arm_stages(keys: Sequence[str], salt: str, held_out: float) -> tuple[Stage, ...]:
    """Write how an arm is drawn, in two steps. Raises UnsupportedError."""
    if not salt.strip():
        raise UnsupportedError("a salt is a word, such as the experiment's name")
    if not 0 < held_out < 1:
        raise UnsupportedError(f"the share held out is above 0 and below 1, not {held_out:g}")
    # Spread evenly by arithmetic that every engine does to the last bit.
    read = {key: (TextHash(key), Span(0.0, 2.0**28, complete=True)) for key in keys}
    first, _ = hash_columns(read, f"arms {salt}")
    place = Column(_PLACE)
    drawn = TextSteps(
        Difference(place, Floor(place)), (held_out,), (Words(HELD_OUT), Words(TREATED))
    )
    return Stage("drawn", (Named(_PLACE, first),)), Stage("arms", (Named(ARM, drawn),))


def _add_to(chain: Sequence[Stage], arms: Sequence[Stage]) -> tuple[Stage, ...]:
    """Draw the arm beside a model's first step, and say it in its last."""
    named = {column.name.lower() for stage in chain for column in stage.columns}
    clash = {ARM, _PLACE} & named
    if clash or len(chain) < 2:
        raise UnsupportedError(f"the model has a column {min(clash)!r} of its own: rename it")
    first, *middle, last = chain
    passed = Named(_PLACE, Column(_PLACE))
    return (
        Stage(first.name, (*first.columns, *arms[0].columns), first.once),
        *(Stage(own.name, (*own.columns, passed), own.once) for own in middle),
        Stage(last.name, (*last.columns, *arms[1].columns), last.once),
    )
