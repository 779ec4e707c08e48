"""The command lines of leadweights that schedulers run, made of a model and names of files."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace

from leadweights.decisions.plan import DEFAULT_PRESET, PRESETS
from leadweights.errors import UnsupportedError
from leadweights.model.file import to_json
from leadweights.model.model import ScoringModel
from leadweights.model.rules import Decisions
from leadweights.sql.dialects import find_dialect
from leadweights.tables.columns import sources


def list_fit_words(
    model: ScoringModel,
    data: str,
    *,
    valid: str | None = None,
    dictionary: str | None = None,
    decide_as: str | None = None,
    dialect: str = "duckdb",
    output: str,
) -> list[tuple[str, ...]]:
    """Give the words by which a model is learnt anew as it was, each option with its value.

    What it was learnt with is in its provenance; rules made by hand are those of a model in the
    file `decide_as`, which `write_rules` writes. Raises UnsupportedError for a dialect that is not
    known, and for a model that was learnt with a dictionary where none is named.
    """
    if model.provenance.options.with_dictionary and dictionary is None:
        raise UnsupportedError(
            "the model was learnt with a dictionary, which its file does not hold: name it as "
            "dictionary"
        )
    words: list[tuple[str, ...]] = [("leadweights", "fit", as_argument(data))]
    for option, value in (("--valid", valid), ("--dictionary", dictionary)):
        words += [] if value is None else [(option, value)]
    words += list_learning_words(model, split=valid is None, rules=decide_as is not None)
    words += [] if decide_as is None else [("--decide-as", decide_as)]
    return [*words, ("--dialect", find_dialect(dialect).name), ("--output", output)]


def list_learning_words(
    model: ScoringModel, *, split: bool, rules: bool
) -> Iterator[tuple[str, str]]:
    """Give what a model was learnt with as options of `fit`, each with its value.

    Without `split` rows are measured on in a table of their own: the column by which they were
    split is excluded, as it was not learnt from. With `rules`, so are the columns that only they
    read.
    """
    origin = model.provenance
    known = origin.options
    trees = known.trees or ("auto" if model.trees is not None else "")
    excluded = [*known.exclude, *(_list_columns_of_rules(model) if rules else ())]
    if not split:
        excluded += [name for name in (known.time_column, known.group) if name]
    kept = "" if origin.negatives_kept == 1 else repr(origin.negatives_kept)
    for option, values in (
        ("--label", (origin.label,)),
        ("--positive", origin.positive_values),
        ("--negative", origin.negative_values),
        ("--key", model.keys),
        ("--exclude", tuple(dict.fromkeys(excluded))),
    ):
        yield from ((option, value) for value in values)
    for option, value in (
        ("--weight", origin.weight),
        ("--class-weight", known.class_weight),
        ("--negatives-kept", kept),
        ("--time-zone", known.time_zone),
        ("--split", known.split if split else ""),
        ("--time-column", known.time_column if split else ""),
        ("--group", known.group if split else ""),
        ("--c", known.c),
        ("--trees", trees),
        ("--seed", known.seed),
    ):
        if value:
            yield option, value


def _list_columns_of_rules(model: ScoringModel) -> list[str]:
    """Name the columns that rules read and the score does not: nothing is learnt from them."""
    plain = replace(model, decisions=model.decisions.without_other_columns())
    return [name for name in sources(model) if name not in sources(plain)]


def write_rules(model: ScoringModel, path: str) -> dict[str, str]:
    """Write a model to take rules from, where it has some that a fit does not make by itself.

    Those that it makes are the probability in percent, and grades by percentile, without actions.
    """
    rules = model.decisions
    bands = rules.bands
    if bands is not None and bands.by == "percentile":
        found = [(band.name, band.action) for band in bands.bands]
        if found == [(name, "") for name in PRESETS[DEFAULT_PRESET].ranges]:
            bands = None
    usual = Decisions(scale=rules.scale, wordings=rules.wordings)
    by_hand = replace(rules, bands=bands) != usual
    scaled = rules.scale is not None and rules.scale.by != "probability"
    return {path: to_json(model)} if by_hand or scaled else {}


def list_challenge_words(
    champion: str, challenger: str, valid: str | None, gates: str | None, output: str
) -> list[tuple[str, ...]]:
    """Give the words that hold a challenger against the champion, and write the packet.

    Raises UnsupportedError where there are no rows to measure on.
    """
    if valid is None:
        raise UnsupportedError(
            "a champion is challenged on rows that neither has learnt from: name them as valid"
        )
    words: list[tuple[str, ...]] = [
        ("leadweights", "challenge", as_argument(champion), challenger, as_argument(valid))
    ]
    words += [] if gates is None else [("--gates", gates)]
    return [*words, ("--output", output)]


def as_argument(name: str) -> str:
    """Give a file's name as an argument: one that begins with - would be taken for an option."""
    return f"./{name}" if name.startswith("-") else name


def join_words(words: Sequence[str], run: str | tuple[str, ...], tool: str) -> str:
    """Write a command for a shell in which a tool itself runs nothing.

    `run` begins what the tool would run. Raises UnsupportedError for a word that has it, and for
    one that does not print.
    """
    marks = (run,) if isinstance(run, str) else run
    for word in words:
        if any(mark in word for mark in marks) or not word.isprintable():
            raise UnsupportedError(f"the name {word!r} would be run in {tool}: rename it")
    return shlex.join(words)
