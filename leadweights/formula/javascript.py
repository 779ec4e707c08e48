"""A model as one module of JavaScript: the third interpreter of its formulas, and a form's data."""

from collections.abc import Iterator
from dataclasses import asdict

from leadweights.errors import UnsupportedError
from leadweights.formula.columns import known, sources_of, stage_names
from leadweights.formula.dates import read_dates_once
from leadweights.formula.form import list_fields
from leadweights.formula.javascript_nodes import Writer
from leadweights.formula.javascript_text import data, functions_for, literal, record
from leadweights.formula.nodes import Named, Stage, TextCase, TextSteps
from leadweights.formula.reasons import REASONS, effect_names
from leadweights.formula.stages import LISTS, RANKED, outputs, stages
from leadweights.formula.terms import contribution_names
from leadweights.formula.trees import contribution_of_trees
from leadweights.model.file import fingerprint
from leadweights.model.model import Flag, Identity, Logit, Number, ScoringModel, limits
from leadweights.model.terms import Term

MOST_BYTES = 8_000_000
"""A longer module is refused: no browser should be given one."""


def render_javascript(model: ScoringModel) -> str:
    """Write a model as one ES module without dependencies; the same model gives the same bytes.

    It exports `score(lead)`, which takes an object of the table's columns and gives what the
    SELECT gives for that row, but for ranks and deciles, which need all rows: `lead_score` and
    `log_odds` bit for bit, a probability within 2 ulp. Besides, `reasons` as a list, what each
    column adds to the lead score (`contributions`) and to the log-odds (`effects`), and which
    numbers and flags were `filled`. `model` says what a form needs to ask for a lead.

    The text is ASCII. Raises UnsupportedError for a model that is too large.
    """
    asked = _row_results(model)
    lists = LISTS[:1] if isinstance(model.link, Identity) else LISTS
    chain = stages(model, columns=(*asked, *lists))
    writer = Writer()
    columns = writer.write_stages(chain)
    members = {name: columns[name] for name in asked if name not in REASONS.results}
    texts = set(text_results(chain))
    members = {n: own if n in texts else f"orNull({own})" for n, own in members.items()}
    pairs = [(columns[n], columns[f"{n}_effect"]) for n in asked if f"{n}_effect" in columns]
    reasons = ", ".join(f"{{ reason: {own}, effect: {effect} }}" for own, effect in pairs)
    members["reasons"] = f"[{reasons}].filter((one) => one.reason !== null)" if pairs else "[]"
    for name, parts in part_names(model).items():
        members[name] = record({n: f"orNull({columns[own]})" for n, own in parts.items()})
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
    text = f"{_header(model)}\n{_write_data(model, chain[0])}\n{library}\n\n{body}"
    if len(text) > MOST_BYTES:
        raise UnsupportedError(
            f"{model.name} is a module of {len(text) / 1e6:.0f} MB: {MOST_BYTES / 1e6:.0f} MB fit"
        )
    return text


def _row_results(model: ScoringModel) -> tuple[str, ...]:
    return tuple(name for name in outputs(model) if name not in RANKED)


def text_results(chain: tuple[Stage, ...]) -> Iterator[str]:
    """Name the results that are texts."""
    for stage in chain:
        for column in stage.columns:
            if isinstance(column.formula, TextSteps | TextCase):
                yield column.name


def part_names(model: ScoringModel) -> dict[str, dict[str, str]]:
    """Name, in each list, whose parts there are, and the results that have them."""
    added = contribution_names(model)
    if model.trees:
        added |= {contribution_of_trees(model): contribution_of_trees(model)}
    effects = {"effects": effect_names(model)} if isinstance(model.link, Logit) else {}
    return {"contributions": added, **effects}


def _write_filled(model: ScoringModel, writer: Writer) -> str:
    """Write the list of numbers and flags that hold no value the model takes."""
    bounds = limits(model)
    own = [column for column in model.columns if isinstance(column, Number | Flag)]
    if not own:
        return "[]"
    names = stage_names([column.name for column in own], "known")
    read = tuple(Named(names[c.name], known(c, bounds[c.name])) for c in own)
    columns = writer.write_stages(read_dates_once([Stage("known", read)]))
    pairs = ", ".join(f"[{literal(c.name)}, {columns[names[c.name]]}]" for c in own)
    return f"[{pairs}].filter((one) => Number.isNaN(one[1])).map((one) => one[0])"


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
    }
    own = "".join(f"  {name}: {data(value)},\n" for name, value in told.items())
    lists = f"  columns: [\n{fields},\n  ],\n  terms: [\n{terms},\n  ],\n"
    return f"export const model = {{\n{own}{lists}}};\n"


def _sources(model: ScoringModel) -> Iterator[tuple[Term, tuple[str, ...]]]:
    """Name the table's columns that each term is made of."""
    columns = {column.name: column for column in model.columns}
    for term in model.terms:
        yield term, sources_of(columns[term.column], model.columns)
