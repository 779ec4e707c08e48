"""The types of a model's module, as TypeScript declares them."""

from collections.abc import Iterator

from leadweights.formula.form import Field, list_fields
from leadweights.formula.javascript import name_parts, name_texts, score_stages
from leadweights.formula.javascript_text import key, literal
from leadweights.formula.nodes import TextCase, TextSteps, Words
from leadweights.formula.reasons import REASONS
from leadweights.formula.sources import ReadKind
from leadweights.formula.stages import row_outputs
from leadweights.model.model import ScoringModel

_TYPES: dict[ReadKind, str] = {
    "number": "number | bigint",
    "flag": "boolean | 0 | 1",
    "text": "string | number | bigint | Date",
    "date": "string | Date",
}
_REST = """\
/** A column of a lead, as a form shows it. */
export interface Field {
  name: string;
  kind: "number" | "flag" | "text" | "date";
  /** Texts that mean something to the model. */
  levels: string[];
  /** What stands between several of them in one text; empty where there is one. */
  delimiter: string;
  /** Where most numbers lie; any other is as good. */
  range: [number, number] | null;
  /** What stands in for a missing number or flag. */
  fill: number | null;
  /** The format of a date in a text or a number. */
  format: string;
  label: string;
  description: string;
  takes: string;
}

/** The model: which one it is, the columns of a lead, and of which of them each part is made. */
export declare const model: {
  name: string;
  sha256: string;
  label: string;
  positive: string;
  made_by: string;
  /** The column without whose consent there is no score. */
  consent: string | null;
  columns: Field[];
  terms: { name: string; columns: string[] }[];
};

/** Scores one lead. Throws a TypeError for a value that a column cannot hold. */
export declare function score(lead: Lead): Score;
"""


def render_types(model: ScoringModel) -> str:
    """Write what the module of `render_javascript` exports, for TypeScript and editors."""
    chain = score_stages(model)
    fields = "".join(map(_field, list_fields(model, chain[0])))
    texts = name_texts(chain)
    results = "".join(
        f"  {name}: {_result(name, texts.get(name))};\n"
        for name in row_outputs(model, "standardized")
        if name not in REASONS.results
    )
    lists = "".join(
        f"  {name}: {{ {' '.join(f'{key(part)}: number | null;' for part in parts)} }};\n"
        for name, parts in name_parts(model).items()
    )
    return (
        "/** What is known of a lead; what is absent, null, undefined or NaN is missing. */\n"
        f"export interface Lead {{\n{fields}}}\n\n"
        "/** What the model makes of a lead: null where it has no score. */\n"
        f"export interface Score {{\n{results}"
        "  /** What moves the score most, in log-odds. */\n"
        "  reasons: { reason: string; effect: number }[];\n"
        f"{lists}"
        "  /** The columns that hold no value the model takes. */\n"
        f"  filled: string[];\n}}\n\n{_REST}"
    )


def _field(field: Field) -> str:
    said = "; ".join(text for text in (field.description, field.takes) if text)
    comment = literal(said)[1:-1].replace("*/", "*\\/")
    return f"  /** {comment} */\n  {key(field.name)}?: {_TYPES[field.kind]} | null;\n"


def _result(name: str, text: TextSteps | TextCase | None) -> str:
    if text is None:
        return "0 | 1 | null" if name == "decision" else "number | null"
    return " | ".join([*map(literal, dict.fromkeys(_words(text))), "null"])


def _words(text: TextSteps | TextCase) -> Iterator[str]:
    found = text.results if isinstance(text, TextSteps) else (*_cases(text), text.otherwise)
    yield from (one.text for one in found if isinstance(one, Words))


def _cases(text: TextCase) -> Iterator[object]:
    yield from (result for _, result in text.branches)
