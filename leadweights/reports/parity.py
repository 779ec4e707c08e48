"""What proofs showed, for people and for programs: a sentence, JSON, and PARITY.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from leadweights.formula.stages import PROBABILITIES, SHAPES, Shape
from leadweights.prove.case import GivenRows, HostileRows, RowsAtEnds, RowsByKey
from leadweights.reports.layout import markdown_table, markdown_text
from leadweights.tables.engines.registry import ENGINES

if TYPE_CHECKING:
    from leadweights.learn.fit import Fit
    from leadweights.prove.check import Check
    from leadweights.prove.parity import Parity


def document(model: str, proofs: Sequence[Parity]) -> dict[str, Any]:
    """Give proofs of one model as plain data; a difference of rounding errors in two digits."""
    found: dict[str, Any] = {
        "holds": bool(proofs) and all(proof.holds for proof in proofs),
        "model": model,
        "model_sha256": proofs[0].model_sha256 if proofs else None,
    }
    reference = next((proof.reference for proof in proofs if proof.reference), None)
    if reference is not None:
        found["reference"] = asdict(reference)
        for name in ("largest_difference", "difference", "bound"):
            found["reference"][name] = float(f"{found['reference'][name]:.1e}")
    found["engines"] = [
        {
            "engine": proof.engine,
            "dialect": proof.dialect,
            "holds": proof.holds,
            "sql_sha256": dict(proof.sql_sha256),
            "columns": {name: asdict(column) for name, column in _columns(proof).items()},
            "left_out": list(map(str, proof.left_out)),
            "checks": [asdict(check) for check in proof.checks],
        }
        for proof in proofs
    ]
    return found


def of_fit(fit: Fit) -> dict[str, Any]:
    """Give the proofs of a fit as plain data: the model's, and that of equal weights.

    Without the engine's version: a fit writes the same bytes on each. A certificate names it.
    """
    proofs = ((fit.model, fit.parity), (fit.equal_weights, fit.equal_weights_parity))
    own, equal = (
        document(model.name, [replace(proof, engine=ENGINES[proof.dialect].what)])
        for model, proof in proofs
    )
    return {**own, "equal_weights": equal}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the result in all checks: rows compared, rows that differ, doubles apart."""

    rows: int
    differ: int
    ulp: int


def _columns(proof: Parity) -> dict[str, Column]:
    found: dict[str, Column] = {}
    for check in proof.checks:
        # Row 0: an error, or other rows than Python's; nothing was compared.
        refused = check.difference is not None and check.difference.row == 0
        for name in check.columns if not refused else ():
            had, apart = found.get(name, Column(0, 0, 0)), check.apart.get(name)
            ulp = check.probability_ulp if name in PROBABILITIES else apart.ulp if apart else 0
            differ = apart.rows if apart else 0
            found[name] = Column(had.rows + check.rows, had.differ + differ, max(had.ulp, ulp))
    return found


def markdown(model: str, proofs: Sequence[Parity]) -> str:
    """Write proofs of one model for people to read, and to repeat."""
    text = [
        f"# Parity of {markdown_text(model)}\n",
        f"SHA-256 of what it computes: `{proofs[0].model_sha256 if proofs else ''}`.\n",
        _INTRODUCTION,
        markdown_table(
            ("engine", "dialect", "holds", "rows", "hostile rows", *_SHOWN, "texts", "left out"),
            map(_row, proofs),
        ),
    ]
    for proof in proofs:
        text += [
            f"\n## {markdown_text(proof.engine)}\n",
            "The SELECTs, as `leadweights sql model.json --dialect "
            f"{proof.dialect} --shape SHAPE` prints them, have these SHA-256:\n",
            *(f"- {shape}: `{sha}`" for shape, sha in proof.sql_sha256.items()),
            "",
            markdown_table(
                ("rows of", "shape", "rows", "left out", "columns", "result"),
                map(_check_row, proof.checks),
            ),
        ]
        if proof.left_out:
            text += ["\nWhat the engine cannot hold at all:\n"]
            text += [f"- {markdown_text(str(table))}" for table in proof.left_out]
    return "\n".join(text) + "\n"


_INTRODUCTION = (
    "Each engine ran the model's query in two shapes, on the rows given and on hostile ones; what "
    "it returned was compared with Python's numbers, every bit of every row. An ulp is a step from "
    "one double to the next.\n"
)
_SHOWN = ("lead_score", "log_odds", "probability")


def _row(proof: Parity) -> list[str]:
    columns = _columns(proof)
    reasons = [n for n in columns if n.startswith("reason_") and not n.endswith("_effect")]
    texts = [name for name in columns if name in ("band", "action", "status") or name in reasons]
    differ = sum(columns[name].differ for name in texts)
    return [
        proof.engine,
        proof.dialect,
        "yes" if proof.holds else "no",
        f"{_rows(_of(GivenRows, proof.checks)):,}",
        f"{hostile_rows(proof):,}",
        *(_result(columns.get(name)) for name in _SHOWN),
        "" if not texts else f"{differ:,} rows differ" if differ else "identical",
        f"{sum(c.left_out for c in proof.checks if c.shape == SHAPES[0]):,} values"
        + (f", {len(proof.left_out)} tables" if proof.left_out else ""),
    ]


def _result(column: Column | None) -> str:
    if column is None:
        return ""
    if column.differ:
        return f"{column.differ:,} of {column.rows:,} rows differ, by {column.ulp:,} ulp at most"
    return f"{column.ulp} ulp" if column.ulp else "identical"


def _check_row(check: Check) -> list[str]:
    gap = check.difference
    if gap is None:
        ulp = f", probability {check.probability_ulp} ulp" if check.probability_ulp else ""
        result = f"identical{ulp}" if check.rows else "no rows"
    elif gap.row:
        result = f"row {gap.row}: {gap.column} is {gap.python} in Python, {gap.engine} there"
    else:
        result = f"{gap.engine}, not {gap.python}"
    columns = ", ".join(check.columns[:_FEW])
    more = len(check.columns) - _FEW
    return [
        check.rows_of,
        check.shape,
        f"{check.rows:,}",
        f"{check.left_out:,}",
        columns + (f" and {more} more" if more > 0 else ""),
        result,
    ]


_FEW = 11


def sentence(parity: Parity) -> str:
    """Say in one line what was proven; only for a proof that holds."""
    ranked = any(isinstance(check.rows_of, RowsByKey) for check in parity.checks)
    first, second = (_of(GivenRows, parity.checks, shape) for shape in SHAPES)
    more = [word for word in _words(first) if word not in _words(second)]
    in_first = [*more, *(["ranks"] if ranked else [])]
    also = f", in the standardized one {_join(in_first)} too" if in_first else ""
    ulp = max(c.probability_ulp for c in parity.checks)
    hostile = _of(HostileRows, parity.checks)
    ends = any(isinstance(check.rows_of, RowsAtEnds) for check in parity.checks)
    text = (
        f"Parity: SQL in {parity.engine} equals Python bit for bit on "
        f"{_rows(first):,} rows{f' and {_rows(hostile):,} hostile ones' * bool(hostile)}"
        f"{' and those with the lowest and highest scores' * ends}, "
        f"in {len(SHAPES)} shapes ({_join(_words(second))}{also}; probability {ulp} ulp apart "
        "at most)"
    )
    if parity.reference is not None:
        text += (
            f"; {parity.reference.name}'s log-odds are within "
            f"{parity.reference.largest_difference:.1e}"
        )
    left_out = sum(check.left_out for check in hostile)
    lacking = ", ".join(sorted({table.reason for table in parity.left_out}))
    if left_out or lacking:
        values = f"{left_out} hostile values" if left_out else ""
        parts = " and ".join(filter(None, (values, lacking)))
        text += f"; left out, because it cannot hold them: {parts}"
    return text + ".\n"


# How a column of the result is called in the sentence of the proof.
_PROVEN = {
    **dict.fromkeys(
        ("lead_score", "log_odds", "calibrated_log_odds", "adjusted_log_odds"), "scores"
    ),
    **dict.fromkeys(("score_100", "band", "action", "status", "decision"), "decisions"),
}


def _words(checks: Sequence[Check]) -> list[str]:
    """Name in words what was compared bit for bit."""
    columns = [name for check in checks[:1] for name in check.columns]
    found = ["reasons" if name.startswith("reason_") else _PROVEN.get(name, "") for name in columns]
    return [word for word in dict.fromkeys(found) if word]


def _join(words: Sequence[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def hostile_rows(parity: Parity) -> int:
    """Count the hostile rows of a proof."""
    return _rows(_of(HostileRows, parity.checks))


def _of(kind: type, checks: Sequence[Check], shape: Shape = SHAPES[0]) -> list[Check]:
    """Keep the checks of one kind of rows, in one shape."""
    return [check for check in checks if isinstance(check.rows_of, kind) and check.shape == shape]


def _rows(checks: Sequence[Check]) -> int:
    return sum(check.rows for check in checks)
