"""A model as one module of JavaScript: its formulas for one lead, and what a form asks for."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace

from leadweights.errors import UnsupportedError
from leadweights.formula.columns import sources_of
from leadweights.formula.filled import filled_inputs
from leadweights.formula.form import list_fields
from leadweights.formula.javascript_nodes import TOO_LARGE, Writer
from leadweights.formula.javascript_text import data, functions_for, key, literal, record
from leadweights.formula.nodes import Stage, TextCase, TextSteps
from leadweights.formula.reasons import REASONS, effect_names
from leadweights.formula.stages import LISTS, RANKED, outputs, row_outputs, stages
from leadweights.formula.terms import contribution_names
from leadweights.formula.trees import contribution_of_trees
from leadweights.model.file import fingerprint
from leadweights.model.model import Identity, Logit, ScoringModel
from leadweights.model.terms import Term
from leadweights.model.trees import walk

MOST_BYTES = 8_000_000
"""More formulas are refused: no browser should be given them."""

_LEAST_OF_NODE = 8  # bytes that a node of a tree takes


def render_javascript(model: ScoringModel, *, most_bytes: int = MOST_BYTES) -> str:
    """Write a model as one ES module without dependencies; the same model gives the same bytes.

    It exports `score(lead)`, which takes an object of the table's columns and gives what the
    SELECT gives for that row, but for ranks and deciles, which need all rows: `lead_score` and
    `log_odds` bit for bit, a probability within 2 ulp. Besides, `reasons` as a list, what each
    column adds to the lead score (`contributions`) and to the log-odds (`effects`), and which
    columns are missing to the model (`filled`). `model` says what a form needs to ask for a lead.

    The text is ASCII. Raises UnsupportedError for a model whose formulas have more than
    `most_bytes`.
    """
    nodes = sum(1 for tree in model.trees.trees for _ in walk(tree)) if model.trees else 0
    if nodes * _LEAST_OF_NODE > most_bytes:
        # Writing the formulas of so many would take longer than saying so.
        raise UnsupportedError(TOO_LARGE)
    chain = score_stages(model)
    writer = Writer(most_bytes)
    members = _write_results(model, chain, writer.write_stages(chain))
    members["filled"] = _write_filled(model, writer)
    inside = "\n".join(f"  {line}" for line in writer.lines)
    result = "\n".join(f"    {name}: {own}," for name, own in members.items())
    function = (
        "export function score(lead) {\n"
        '  if (Object(lead) !== lead) throw new TypeError("a lead is an object of its columns");\n'
        f"{inside}\n  return {{\n{result}\n  }};\n}}\n"
    )
    kept = "".join(f"const {name} = {code};\n" for code, name in writer.constants.items())
    body = f"{kept}\n{function}" if kept else function
    library = "\n\n".join(functions_for(body))
    return f"{_header(model)}\n{_write_data(model, chain[0])}\n{library}\n\n{body}"


def score_stages(model: ScoringModel) -> tuple[Stage, ...]:
    """Write the stages of all that a lead alone tells."""
    lists = LISTS[:1] if isinstance(model.link, Identity) else LISTS
    return stages(model, columns=(*row_outputs(model, "standardized"), *lists))


def name_texts(chain: tuple[Stage, ...]) -> dict[str, TextSteps | TextCase]:
    """Give the results that are texts, by name."""
    return {
        column.name: column.formula
        for stage in chain
        for column in stage.columns
        if isinstance(column.formula, TextSteps | TextCase)
    }


def name_parts(model: ScoringModel) -> dict[str, dict[str, str]]:
    """Name, in each list, whose parts there are, and the results that have them."""
    added = contribution_names(model)
    if model.trees:
        added |= {contribution_of_trees(model): contribution_of_trees(model)}
    effects = {"effects": effect_names(model)} if isinstance(model.link, Logit) else {}
    return {"contributions": added, **effects}


def _write_results(
    model: ScoringModel, chain: tuple[Stage, ...], columns: Mapping[str, str]
) -> dict[str, str]:
    texts, asked = name_texts(chain), row_outputs(model, "standardized")
    members = {
        name: columns[name] if name in texts else f"orNull({columns[name]})"
        for name in asked
        if name not in REASONS.results
    }
    reasons = [
        record({"reason": columns[name], "effect": columns[f"{name}_effect"]})
        for name in asked
        if f"{name}_effect" in REASONS.results
    ]
    members["reasons"] = "[]"
    if reasons:
        members["reasons"] = f"{_lines('[', reasons, ']')}.filter((one) => one.reason !== null)"
    for name, parts in name_parts(model).items():
        pairs = [f"{key(part)}: orNull({columns[own]})" for part, own in parts.items()]
        members[name] = _lines("{", pairs, "}")
    return members


def _lines(first: str, items: Iterable[str], last: str) -> str:
    inside = "".join(f"      {item},\n" for item in items)
    return f"{first}\n{inside}    {last}"


def _write_filled(model: ScoringModel, writer: Writer) -> str:
    """Write the list of columns that hold no value the model takes."""
    chain = filled_inputs(model)
    if not chain:
        return "[]"
    *before, last = chain
    own = [replace(column, name=f"{column.name}_filled") for column in last.columns]
    columns = writer.write_stages([*before, replace(last, columns=tuple(own))])
    pairs = zip([column.name for column in last.columns], own, strict=True)
    found = [f"[{literal(name)}, {columns[column.name]}]" for name, column in pairs]
    return f"{_lines('[', found, ']')}.filter((one) => one[1]).map((one) => one[0])"


def _header(model: ScoringModel) -> str:
    left_out = [name for name in outputs(model) if name in RANKED]
    lines = [
        f"// The score of a lead by model {fingerprint(model)[:12]}, written by leadweights.",
        "// lead_score and log_odds have the bits of the SELECT, probability is within 2 ulp.",
    ]
    if left_out:
        lines.append(f"// {' and '.join(left_out)} depend on all rows, and are not here.")
    return "\n".join(lines) + "\n"


def _write_data(model: ScoringModel, first: Stage) -> str:
    """Write what a form needs: whose model it is, the fields of a lead, and what its parts read."""
    fields = ",\n".join(f"    {data(asdict(field))}" for field in list_fields(model, first))
    terms = ",\n".join(
        f"    {data({'name': term.column, 'columns': list(columns)})}"
        for term, columns in _sources(model)
    )
    told = {
        "name": model.name,
        "sha256": fingerprint(model),
        "label": model.provenance.label,
        "positive": model.provenance.positive,
        "made_by": model.provenance.made_by,
        "consent": model.decisions.consent.column if model.decisions.consent else None,
    }
    own = "".join(f"  {name}: {data(value)},\n" for name, value in told.items())
    lists = f"  columns: [\n{fields},\n  ],\n  terms: [\n{terms},\n  ],\n"
    return f"export const model = {{\n{own}{lists}}};\n"


def _sources(model: ScoringModel) -> Iterator[tuple[Term, tuple[str, ...]]]:
    """Name the table's columns that each term is made of."""
    columns = {column.name: column for column in model.columns}
    for term in model.terms:
        yield term, sources_of(columns[term.column], model.columns)
