"""How a table in a warehouse holds what a model reads: by which names, and as what."""

from collections.abc import Mapping
from dataclasses import dataclass

from leadweights.model.held import WORDS, Held, hold_as
from leadweights.model.model import ScoringModel
from leadweights.model.names import spell_as
from leadweights.tables.columns import Kind, sources

_MAY_HOLD: Mapping[Kind, tuple[Held, ...]] = {
    "number": ("number",),
    "flag": ("flag", "number"),
    "text": ("text", "number"),
    "date": ("date",),
    "date in text": ("text", "date", "moment", "number"),
}
"""What a column may hold for the SELECT to read it; a number is cast to its text."""


@dataclass(frozen=True, slots=True)
class HeldTable:
    """A model that reads a table as it is, the `names` that are spelled otherwise there.

    `problems` say for columns why the SELECT could not read them, or would read something else;
    `others` are columns that the table holds as another kind than the model was learnt from.
    """

    model: ScoringModel
    names: Mapping[str, str]
    problems: Mapping[str, str]
    others: Mapping[str, str]


def find_held(model: ScoringModel, there: Mapping[str, Held | None], table: str) -> HeldTable:
    """Say how a table, whose columns hold what `there` says, is read by a model.

    A column of which nothing is known is read as the model was learnt.
    """
    learnt = sources(model)
    names = spell_as(learnt, there)
    kinds = {name: there.get(names.get(name, name)) for name in learnt}
    known = {name: kind for name, kind in kinds.items() if kind is not None}
    rewritten = hold_as(model, known)
    problems = {name: f"{table}: {said}" for name, said in rewritten.problems.items()}
    for name, kind in sources(rewritten.model).items():
        held = kinds[name]
        if names.get(name, name) not in there:
            problems[name] = f"{table} has no column {name!r} of a type that is known"
        elif held is not None and held not in _MAY_HOLD[kind]:
            problems.setdefault(
                name,
                f"{table}: column {name!r} must hold {WORDS[_MAY_HOLD[kind][0]]}, not "
                f"{WORDS[held]}: cast it in a view, to what the model was learnt from",
            )
    now = sources(rewritten.model)
    others = {
        name: f"{WORDS[now[name]]}, not {WORDS[kind]}"
        for name, kind in learnt.items()
        if now[name] != kind
    }
    return HeldTable(rewritten.model, names, problems, others)
