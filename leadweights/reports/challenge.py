"""A challenger beside the champion: in words, as plain data, and as Markdown to be approved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from leadweights.decisions.metrics import Interval
from leadweights.decisions.reliability import Reliability
from leadweights.lifecycle.challenger.challenge import Challenge
from leadweights.lifecycle.challenger.gates import GateResult
from leadweights.reports.diff import diff_blocks, diff_document, diff_sentence
from leadweights.reports.layout import (
    Block,
    Grid,
    markdown_table,
    markdown_text,
    round_numbers,
    write_interval,
    write_text,
)

METRICS = {
    "auc_roc": "AUC-ROC",
    "pr_auc": "PR-AUC",
    "brier": "Brier score (less is better)",
    "log_loss": "log-loss (less is better)",
    "precision_at_100": "precision of the best 100",
    "precision_at_200": "precision of the best 200",
    "precision": "precision of the called",
    "recall": "recall of the called",
    "queue_rate": "called, of all rows",
}
GATES = {
    "same": "another model",
    "chance": "AUC-ROC of the challenger",
    "auc": "AUC-ROC, lower end of the difference",
    "brier": "Brier score, difference",
    "precision": "promised precision",
    "psi": "PSI between the scores",
}
GATE_HEAD = ("gate", "outcome", "why", "number", "bound")
VERDICTS = {
    "promote": "Promote the challenger",
    "keep": "Keep the champion",
    "not enough rows": "Not enough rows",
}
_ROLES = ("champion", "challenger")
_ALL_CALLED, _ALL_FOUND = 0.9, 0.99


def challenge_text(found: Challenge) -> str:
    """Tell what the gates say, and by what."""
    return write_text(challenge_blocks(found))


def challenge_blocks(found: Challenge) -> list[Block]:
    """Lay out a verdict, its gates, the metrics, the shift of the scores, the difference."""
    blocks: list[Block] = [
        challenge_sentence(found),
        f"On {found.rows:,} rows of {found.table}, {found.positive_rows:,} of them positive"
        f"{_unscored(found)}; 95% intervals, differences paired, * beyond noise:",
        Grid([list(GATE_HEAD), *gate_rows(found)], left=3),
        Grid([["", *_ROLES, "difference"], *metric_rows(found)], left=1),
        "\n".join(shift_lines(found)),
    ]
    if found.shift.moves:
        blocks.append(Grid(move_rows(found), left=1))
    return [*blocks, *diff_blocks(found.difference, _ROLES)]


def challenge_sentence(found: Challenge) -> str:
    """Say the verdict and why, in one sentence."""
    head = VERDICTS[found.verdict]
    if found.verdict == "not enough rows":
        open_gates = [gate for gate in found.gates if gate.outcome == "undecided"]
        more = "" if found.more_rows is None else f", about {about(found.more_rows):,} more would"
        told = "; ".join(f"{GATES[gate.gate]}: {gate.reason}" for gate in open_gates)
        return f"{head}: {found.rows:,} do not decide{more} ({told})."
    wanted = "passed" if found.verdict == "promote" else "failed"
    clauses = [_clause(gate, found) for gate in found.gates if gate.outcome == wanted]
    own = found.challenger.metrics
    recall, called = own["recall"].value or 0.0, own["queue_rate"].value or 0.0
    if found.verdict == "keep" and recall >= _ALL_FOUND and called >= _ALL_CALLED:
        clauses.append(f"its recall of {recall:.0%} comes from calling {called:.0%} of all rows")
    if clauses[0].startswith("its "):
        clauses[0] = f"the challenger's {clauses[0].removeprefix('its ')}"
    return f"{head}: {_join(clauses)}."


def _clause(gate: GateResult, found: Challenge) -> str:
    differences = found.challenger.differences or {}
    match gate.gate:
        case "same":
            return "the challenger computes what it does, so there is nothing to promote"
        case "chance":
            own = found.challenger.metrics["auc_roc"]
            ends = "" if own.low is None else f", 95% {own.low:.3f} to {own.high:.3f}"
            how = "no better" if gate.outcome == "failed" else "better"
            return f"the challenger ranks {how} than chance (AUC-ROC {own.value:.3f}{ends})"
        case "auc":
            own = differences["auc_roc"]
            change = f"{_signed(own.value)} ({_ends(own)})"
            if gate.outcome == "failed":
                return f"its AUC-ROC changes by {change}, where {gate.bound:g} is allowed"
            return f"its AUC-ROC changes by {change}, which stays above {gate.bound:g}"
        case "brier":
            own = differences["brier"]
            how = "worse" if gate.outcome == "failed" else "not worse beyond noise"
            return f"its Brier score is {how}, {_signed(own.value)} ({_ends(own)})"
        case "precision":
            how = "does not hold" if gate.outcome == "failed" else "holds"
            return f"the promised precision of {gate.bound:g} {how}: {gate.reason}"
        case _:
            moved = f"a PSI of {gate.value:.3g} between the scores"
            if gate.outcome == "failed":
                return f"{moved} is {gate.bound:g} or more and nothing explains it"
            below = gate.value is not None and gate.bound is not None and gate.value < gate.bound
            return f"{moved} is {f'below {gate.bound:g}' if below else gate.reason}"


def gate_rows(found: Challenge) -> list[list[str]]:
    """List the gates: each with its outcome, its number, the bound and the reason."""
    return [
        [
            GATES[gate.gate],
            gate.outcome,
            gate.reason
            + (f"; about {about(gate.more_rows):,} more rows" if gate.more_rows else ""),
            _number(gate.value),
            _number(gate.bound),
        ]
        for gate in found.gates
    ]


def metric_rows(found: Challenge) -> list[list[str]]:
    """List the metrics of both, with the paired differences; DeLong's below the AUC's."""
    differences = found.challenger.differences or {}
    rows = []
    for name, words in METRICS.items():
        own = [
            write_interval(side.metrics[name], 4, 3) for side in (found.champion, found.challenger)
        ]
        rows.append([words, *own, write_interval(differences[name], 4, 3, "+", " *")])
        if name == "auc_roc":
            p = "" if found.auc.p_value is None else f", p = {found.auc.p_value:.2g}"
            delong = write_interval(found.auc.difference, 4, 3, "+", " *")
            rows.append(
                [
                    "AUC-ROC by DeLong",
                    f"{found.auc.first:.4f}",
                    f"{found.auc.second:.4f}",
                    delong + p,
                ]
            )
    for words, pick in (
        ("calibration error (ECE)", lambda r: Interval(r.ece, None, None)),
        ("ECE less what chance adds", lambda r: r.ece_debiased),
        ("calibration slope (1)", lambda r: r.cox.slope),
        ("calibration in the large (0)", lambda r: r.cox.in_the_large),
    ):
        own = [write_interval(pick(side), 4, 3) for side in found.reliability]
        rows.append([words, *own, ""])
    return rows


def shift_lines(found: Challenge) -> list[str]:
    """Say how far the challenger's scores are from the champion's."""
    own = found.shift
    rank = "-" if own.rank_correlation is None else f"{own.rank_correlation:.3f}"
    lines = [
        f"Between the two scores: PSI {own.psi:.3g}, KS {own.ks:.3f}, rank correlation {rank}.",
        "Of the highest scores both have in common: "
        + ", ".join(f"{share:.0%} of the best {k:,}" for k, share in own.overlap.items())
        + ".",
        f"For {own.other_decisions:.1%} of the rows one model calls and the other does not.",
    ]
    if own.moved is not None:
        lines.append(f"{own.moved:.1%} of the rows change their band:")
    return lines


def move_rows(found: Challenge) -> list[list[str]]:
    """List how many rows of each of the champion's bands come into which of the challenger's."""
    names = list(dict.fromkeys(before for before, _ in found.shift.moves))
    body = [[name, *(f"{found.shift.moves[name, after]:,}" for after in names)] for name in names]
    return [["from, to", *names], *body]


def challenge_document(found: Challenge) -> dict[str, Any]:
    """Give a challenge as plain data, values rounded to six decimals."""
    document: dict[str, Any] = {
        "verdict": found.verdict,
        "sentence": challenge_sentence(found),
        "more_rows": found.more_rows,
        "gates": [asdict(gate) for gate in found.gates],
        "table": found.table,
        "rows": found.rows,
        "positive_rows": found.positive_rows,
        "unscored_rows": dict(zip(_ROLES, found.unscored_rows, strict=True)),
        "champion": {"metrics": _intervals(found.champion.metrics)},
        "challenger": {
            "metrics": _intervals(found.challenger.metrics),
            "differences": _intervals(found.challenger.differences or {}),
        },
        "delong": asdict(found.auc),
        "calibration": {
            role: _calibration(own) for role, own in zip(_ROLES, found.reliability, strict=True)
        },
        "scores": {
            "psi": found.shift.psi,
            "bins": [list(pair) for pair in found.shift.bins],
            "ks": found.shift.ks,
            "rank_correlation": found.shift.rank_correlation,
            "overlap": [{"k": k, "share": share} for k, share in found.shift.overlap.items()],
            "other_decisions": found.shift.other_decisions,
            "other_bands": found.shift.moved,
            "bands": [
                {"from": before, "to": after, "rows": rows}
                for (before, after), rows in found.shift.moves.items()
            ],
        },
        "warnings": list(found.warnings),
    }
    return {**round_numbers(document), "difference": diff_document(found.difference)}


def challenge_markdown(found: Challenge) -> str:
    """Write a challenge for somebody to approve, in Markdown."""
    own = found.difference
    identity = [
        [role, model["name"], model["model_sha256"]]
        for role, model in zip(
            _ROLES, (diff_document(own)["before"], diff_document(own)["after"]), strict=True
        )
    ]
    parts = [
        f"# {VERDICTS[found.verdict]}\n",
        f"{markdown_text(challenge_sentence(found))}\n",
        markdown_table(("", "model", "SHA-256 of what it computes"), identity),
        "\n## Gates\n",
        markdown_table(GATE_HEAD, gate_rows(found)),
        f"\n## Measured on {found.rows:,} rows\n",
        f"{markdown_text(found.table)}: {found.positive_rows:,} positive{_unscored(found)}. In "
        "brackets 95% intervals; differences are paired, and \\* is beyond noise.\n",
        markdown_table(("", *_ROLES, "difference"), metric_rows(found)),
        "\n## How far scores move\n",
        *(f"{markdown_text(line)}\n" for line in shift_lines(found)),
    ]
    if found.shift.moves:
        head, *body = move_rows(found)
        parts.append(markdown_table(head, body))
    parts += ["\n## In what the models differ\n", f"{markdown_text(diff_sentence(own))}\n"]
    for block in diff_blocks(own, _ROLES)[1:]:
        if isinstance(block, str):
            parts.append(f"\n{markdown_text(block)}\n")
        else:
            parts.append(markdown_table(block.rows[0], block.rows[1:]))
    if found.warnings:
        parts += ["\n## To be known\n", *(f"- {markdown_text(line)}" for line in found.warnings)]
    return "\n".join(parts) + "\n"


def about(rows: int) -> int:
    """Round up to two digits: no forecast knows more."""
    unit = int(10 ** max(len(str(rows)) - 2, 0))
    return -(-rows // unit) * unit


def _unscored(found: Challenge) -> str:
    count = max(found.unscored_rows)
    return f" ({count:,} more have no score of one or both)" if count else ""


def _intervals(found: Any) -> dict[str, Any]:
    return {name: asdict(interval) for name, interval in found.items()}


def _calibration(own: Reliability) -> dict[str, Any]:
    return {
        "ece": own.ece,
        "ece_debiased": asdict(own.ece_debiased),
        "ece_if_calibrated": asdict(own.ece_if_calibrated),
        "slope": asdict(own.cox.slope),
        "in_the_large": asdict(own.cox.in_the_large),
        "bins": [asdict(one) for one in own.bins],
    }


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _signed(value: float | None) -> str:
    return "-" if value is None else f"{value:+.4f}"


def _ends(own: Interval) -> str:
    if own.low is None or own.high is None:
        return "no interval"
    return f"95% {own.low:+.3f} to {own.high:+.3f}"


def _join(clauses: Sequence[str]) -> str:
    if len(clauses) < 2:
        return "".join(clauses)
    return f"{', '.join(clauses[:-1])}, and {clauses[-1]}"
