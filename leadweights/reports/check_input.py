"""What a table holds for a model, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from leadweights.formula.terms import view
from leadweights.model.model import Flag, InputColumn, Number, ScoringModel
from leadweights.reports.layout import round_numbers, shorten
from leadweights.scoring.check_input import RULES, ColumnCheck, InputCheck
from leadweights.scoring.hits import Hit, Rule

_LONGEST_LEVEL, _LONGEST_NAME = 30, 48
_ByRule = Mapping[Rule, Hit]


def input_document(check: InputCheck) -> dict[str, Any]:
    """Give a check of a table as plain data, shares rounded to six decimals."""
    found: dict[str, Any] = round_numbers(asdict(check))
    return {"scorable": check.scorable, "problems": list(check.problems), **found}


def check_text(check: InputCheck, model: ScoringModel) -> str:
    """Say what a check found: a line for each column, and one that sums up."""
    columns = {column.name: column for column in model.columns}
    lines = []
    for found in check.columns:
        mark = "X" if found.problems else "!" if found.differs else " "
        said = [_tell_problem(problem, check) for problem in found.problems]
        if not said and found.kind in RULES:
            said = _tell_rule(found)
        told = "; ".join(said or _tell(found, columns[found.column], model))
        lines.append((mark, shorten(found.column, _LONGEST_NAME), told))
    width = max(len(name) for _, name, _ in lines)
    head = f"{check.table}: {check.rows:,} rows; the model was learnt from {check.training_rows:,}."
    body = [f"{mark} {name:<{width}}  {told}" for mark, name, told in lines]
    return "\n".join([head, "", *body, "", *_tell_held(check), _verdict(check)]) + "\n"


def _tell_held(check: InputCheck) -> list[str]:
    """Say which columns are of another kind in the table, and what to do about it."""
    if not check.held_otherwise:
        return []
    listed = "; ".join(f"{name!r} as {kinds}" for name, kinds in check.held_otherwise.items())
    return [
        f"The table holds {listed}. Render the SELECT for it: leadweights sql MODEL --engine URL "
        "--table NAME."
    ]


def failure(check: InputCheck) -> str:
    """Say in one line why a table cannot be scored."""
    first, *more = check.problems
    return f"{first} (and {len(more)} more, all listed above)" if more else first


def _verdict(check: InputCheck) -> str:
    count = len(check.columns)
    moved = [shorten(column.column, _LONGEST_NAME) for column in check.columns if column.differs]
    marked = f"Clearly not as in training (!): {', '.join(moved)}." if moved else ""
    broken = sum(bool(column.problems) for column in check.columns)
    if broken:
        verdict = f"Cannot be scored: {broken} of {count} columns cannot be read (X)."
    else:
        verdict = f"Can be scored: all {count} columns are there and of a usable kind."
        if any(h.training_share is not None for column in check.columns for h in column.hits):
            marked = marked or "No share is clearly other than in training."
    return f"{verdict} {marked}".rstrip()


def _tell_problem(problem: str, check: InputCheck) -> str:
    """Leave out what every line would repeat: the table's name, and the columns it has."""
    own = problem.removeprefix(check.table).removeprefix(":").strip()
    return own.partition(" it has: ")[0].rstrip(";")


def _tell(found: ColumnCheck, column: InputColumn, model: ScoringModel) -> list[str]:
    """Tell what happened to the rows of a column; that nothing did, if so."""
    hits: _ByRule = {
        hit.rule: hit for hit in found.hits if hit.rule != "level" and (hit.rows or hit.differs)
    }
    parts = []
    if "missing" in hits:
        parts.append(_tell_missing(hits, column))
    if "below low" in hits and isinstance(column, Number):
        parts.append(f"{_rows(hits['below low'])} below {column.low:.10g}, moved there")
    if "above high" in hits and isinstance(column, Number):
        parts.append(f"{_rows(hits['above high'])} above {column.high:.10g}, moved there")
    parts += _tell_curve(hits, column, model)
    if "other" in hits:
        parts.append(_tell_other(hits["other"]))
    if "no list" in hits:
        parts.append(f"{_rows(hits['no list'])} without a list")
    if "no known value" in hits:
        hit = hits["no known value"]
        parts.append(f"{_rows(hit)} with none of the values known: {_list_values(hit)}")
    for hit in found.hits:
        if hit.differs and hit.rule in ("yes", "level"):
            what = "yes" if hit.level is None else _quote(hit.level)
            parts.append(f"{_rows(hit)} {what}{_before(hit)}")
    if parts:
        return parts
    compared = any(hit.training_share is not None for hit in found.hits)
    return ["as in training" if compared else "a value in every row"]


def _tell_rule(found: ColumnCheck) -> list[str]:
    """Tell what a rule around the score does to the rows."""
    said: dict[tuple[str, Rule], str] = {
        ("consent", "no consent"): "without consent: no score",
        ("adjustment", "missing"): "without a factor: it is 1",
        ("adjustment", "below low"): "with a factor below the least, moved there",
        ("adjustment", "above high"): "with a factor above the greatest, moved there",
        ("decay", "missing"): "without a date: they do not decay",
        ("trend", "missing"): "without an earlier score: no trend",
    }
    parts = [f"{_rows(hit)} {said[found.kind, hit.rule]}" for hit in found.hits if hit.rows]
    return [f"{found.kind}: {', '.join(parts) or 'as it should be in every row'}"]


def _tell_missing(hits: _ByRule, column: InputColumn) -> str:
    words = f"{_rows(hits['missing'])} missing{_before(hits['missing'])}"
    rules: dict[Rule, str] = {
        "missing token": "",
        "no number": "no number: ",
        "neither yes nor no": "neither yes nor no: ",
    }
    of_them = [word + _list_values(hits[rule]) for rule, word in rules.items() if rule in hits]
    if of_them:
        words += f" (of them {'; '.join(of_them)})"
    if isinstance(column, Number):
        by = f" or by {column.segments.column!r}" if column.segments else ""
        words += f", filled with {column.fill:.10g}{by}"
    if isinstance(column, Flag):
        fill = {1.0: "yes", 0.0: "no"}.get(column.fill, f"{column.fill:.10g}")
        words += f", filled with {fill}"
    return words


def _tell_curve(hits: _ByRule, column: InputColumn, model: ScoringModel) -> Iterator[str]:
    term = next(term for term in model.terms if term.column == column.name)
    reach = view(term).ends
    if reach is None:
        return
    log = isinstance(column, Number) and column.log
    ends: tuple[tuple[Rule, str, str, int], ...] = (
        ("below the curve", "below", "begins", 0),
        ("above the curve", "above", "ends", -1),
    )
    for rule, side, does, place in ends:
        if rule in hits:
            at = "the logarithm" if log else f"{reach[place]:.10g}"
            yield f"{_rows(hits[rule])} {side} {at}, where its curve {does}"


def _tell_other(hit: Hit) -> str:
    if not hit.rows:
        return f"0 rows in other levels{_before(hit)}"
    if hit.training_share == 0:
        return f"{_rows(hit)} in levels never seen in training: {_list_values(hit)}"
    return f"{_rows(hit)} in other or unseen levels{_before(hit)}: {_list_values(hit)}"


def _rows(hit: Hit) -> str:
    return f"{hit.rows:,} {'row' if hit.rows == 1 else 'rows'} ({_percent(hit.row_share)})"


def _before(hit: Hit) -> str:
    if hit.training_share is None:
        return ""
    return f" [{_percent(hit.training_share)} in training]"


def _percent(share: float) -> str:
    return "<0.1%" if 0 < share < 0.0005 else f"{share:.1%}"


def _list_values(hit: Hit) -> str:
    shown = [f"{_quote(value.value)} {value.rows:,}" for value in hit.values]
    rest = hit.rows - sum(value.rows for value in hit.values)
    return ", ".join([*shown, *([f"others {rest:,}"] if rest else [])])


def _quote(text: str) -> str:
    return repr(text if len(text) <= _LONGEST_LEVEL else text[: _LONGEST_LEVEL - 1] + "…")
