"""The monitor as SQL: a row for each column and bin, one gate of 0 and 1, a row for each alarm.

Counts are whole numbers, the same on every engine; PSI is computed from them by formulas, in the
order of operations that `drift.psi` has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from leadweights.formula.bins import SCORE, name_bins
from leadweights.formula.columns import stage_names
from leadweights.formula.nodes import (
    Above,
    AsDouble,
    AsInteger,
    AtLeast,
    Case,
    Column,
    Constant,
    Difference,
    Formula,
    Ln,
    Named,
    Product,
    Quotient,
    Stage,
    Steps,
    Sum,
    TextSteps,
    Words,
    read_by,
    total,
)
from leadweights.formula.stages import rename_sources
from leadweights.lifecycle.monitoring.alarms import COUNTS_FROM, find_shares
from leadweights.lifecycle.monitoring.count import ROWS, Bins, Counting, keep_columns, plan_counting
from leadweights.lifecycle.monitoring.drift import EMPTY, PSI_ACT, PSI_WATCH, count_bins, quantiles
from leadweights.model.baseline import Baseline, CutCounts, check_baseline
from leadweights.model.held import Held, read_as
from leadweights.model.model import Category, ScoringModel
from leadweights.model.names import spell_as
from leadweights.sql.aggregates import (
    PLACE,
    select_after_totals,
    select_lines_after_totals,
)

ANY_ROWS = "has_rows"
LINES = (
    "line",
    "column_name",
    "bin",
    "baseline_share",
    "rows_in_bin",
    "share",
    "psi_of_bin",
    "psi",
)
"""The columns of the SELECT of lines."""
ALARMS = ("column_name", "psi", "alarm")
"""The columns of the SELECT of alarms."""
NO_ROWS = "(no rows)"
_ZERO, _ONE = Constant(0.0), Constant(1.0)


def drift_sql(
    model: ScoringModel,
    baseline: Baseline,
    *,
    dialect: str = "duckdb",
    table: str = "leads",
    held: Mapping[str, Held | None] | None = None,
) -> str:
    """Write a SELECT with a row for each column and bin, the columns of `LINES`.

    `held` says what the columns of the table hold, as in `render`. Raises ModelError for the
    baseline of another model, UnsupportedError for what the dialect cannot have.
    """
    asked = _ask(model, baseline, held)
    places = [(own, k) for own in asked.bins for k in range(len(own.frame.rows))]
    starts = [place for place, (_, k) in enumerate(places) if k == 0]
    own = Column(PLACE)

    def choose(results: Sequence[Formula]) -> Formula:
        return Steps(own, tuple(map(float, range(1, len(results)))), tuple(results))

    def of_column(results: Sequence[Formula]) -> Formula:
        return Steps(own, tuple(map(float, starts[1:])), tuple(results)) if starts[1:] else _ZERO

    words = [Words(text) for one in asked.bins for text in name_bins(one.watched, one.frame)]
    named = [Words(one.name) for one in asked.bins]
    counted = [Column(_bin(at, k)) for at, one in enumerate(asked.bins) for k in _places(one)]
    shares = [one.frame.rows[k] / sum(one.frame.rows) for one, k in places]
    cuts = tuple(map(float, range(1, len(words))))
    chosen = Stage(
        "lines",
        (
            Named("column_name", TextSteps(own, tuple(map(float, starts[1:])), tuple(named))),
            Named("bin", TextSteps(own, cuts, tuple(words))),
            Named("baseline_share", choose([Constant(share) for share in shares])),
            Named("counted", choose(counted)),
            Named("all_rows", Column("all_rows")),
            Named("psi", of_column([Column(_psi(at)) for at in range(len(asked.bins))])),
            Named(PLACE, own),
        ),
    )
    count, rows, share = Column("counted"), Column("all_rows"), Column("baseline_share")
    # Every column counts all rows of the baseline: half a row is the same share in each.
    half = Constant(EMPTY / sum(baseline.score.rows))
    used = Case(((Above(share, _ZERO), share),), half)
    measured = Stage(
        "measured",
        (
            *(Named(one.name, Column(one.name)) for one in chosen.columns),
            Named("filled_share", _share(count, rows)),
            Named("used_share", used),
        ),
    )
    part = _part(Column("filled_share"), Column("used_share"))
    either = ((AtLeast(count, _ONE), part), (Above(share, _ZERO), part))
    last = Stage(
        "drift",
        (
            Named("line", AsInteger(own)),
            *(Named(name, Column(name)) for name in LINES[1:4]),
            Named("rows_in_bin", AsInteger(count)),
            Named("share", Quotient(count, rows)),
            Named("psi_of_bin", Case(either, _ZERO)),
            Named("psi", Column("psi")),
        ),
    )
    header = f"leadweights {model.name}: drift against its baseline, a row for each column and bin"
    return select_lines_after_totals(
        asked.stages,
        asked.wanted,
        [_count_bins(asked), *_sum_parts(asked, keep_bins=True)],
        [chosen, measured, last],
        len(words),
        dialect,
        table,
        header,
    )


def gate_sql(
    model: ScoringModel,
    baseline: Baseline,
    *,
    dialect: str = "duckdb",
    table: str = "leads",
    held: Mapping[str, Held | None] | None = None,
) -> str:
    """Write a SELECT of one row: 1 where all is well, 0 where a person should act.

    There is a column for whether there are rows at all, for the score, and for each column that
    can raise an alarm, named by `name_gates`. A scheduler's check that wants no 0 takes it as it
    is. Raises what `drift_sql` does.
    """
    asked = _ask_gate(model, baseline, held)
    weighty = range(len(asked.bins))
    header = f"leadweights {model.name}: 1 where all is well, 0 where drift calls for action"
    stages = _measure(baseline, asked)
    gates = name_gates(model, baseline)
    least = Column("least")
    found = [Named(ANY_ROWS, Case(((AtLeast(Column("any_rows"), _ONE), Constant(1.0)),), _ZERO))]
    for at in weighty:
        # Holm rejects it, and PSI is what is called large.
        beyond = AtLeast(Column(_reached(at)), least)
        large = Case(((AtLeast(Column(_psi(at)), Constant(PSI_ACT)), _ZERO),), _ONE)
        name = gates[asked.bins[at].name]
        found.append(Named(name, Case(((beyond, large),), _ONE)))
    last = Stage("gate", tuple(Named(one.name, AsInteger(one.formula)) for one in found))  # type: ignore[arg-type]
    return select_after_totals(asked.stages, asked.wanted, [*stages, last], dialect, table, header)


def alarms_sql(
    model: ScoringModel,
    baseline: Baseline,
    *,
    dialect: str = "duckdb",
    table: str = "leads",
    held: Mapping[str, Held | None] | None = None,
) -> str:
    """Write a SELECT of a row for each column that can raise an alarm, the columns of `ALARMS`.

    `alarm` is 0 where it is steady, 1 to watch, 2 to act, by the rules of `gate_sql`; the first
    row, called `NO_ROWS`, is 2 where there are no rows. Raises what `drift_sql` does.
    """
    asked = _ask_gate(model, baseline, held)
    own, least = Column(PLACE), Column("least")
    cuts = tuple(map(float, range(1, len(asked.bins) + 1)))
    names = tuple(Words(text) for text in (NO_ROWS, *(one.name for one in asked.bins)))

    def choose(name: Callable[[int], str]) -> Formula:
        return Steps(own, cuts, (_ZERO, *(Column(name(at)) for at in range(len(asked.bins)))))

    lines = Stage(
        "lines",
        (
            Named("column_name", TextSteps(own, cuts, names)),
            Named("psi", choose(_psi)),
            Named("reached", choose(_reached)),
            *(Named(name, Column(name)) for name in ("least", "any_rows")),
            Named(PLACE, own),
        ),
    )
    # Holm rejects it, and PSI is what is called large; the first row is that of an empty table.
    level = Steps(Column("psi"), (PSI_WATCH, PSI_ACT), tuple(map(Constant, (0.0, 1.0, 2.0))))
    beyond = Case(((AtLeast(Column("reached"), least), level),), _ZERO)
    some = Case(((AtLeast(Column("any_rows"), _ONE), _ZERO),), Constant(2.0))
    alarm = Steps(own, (1.0,), (some, beyond))
    last = Stage(
        "alarms",
        (
            *(Named(name, Column(name)) for name in ALARMS[:2]),
            Named(ALARMS[2], AsInteger(alarm)),
        ),
    )
    header = f"leadweights {model.name}: 0 steady, 1 to watch, 2 to act, a row for each column"
    return select_lines_after_totals(
        asked.stages,
        asked.wanted,
        _measure(baseline, asked),
        [lines, last],
        len(names),
        dialect,
        table,
        header,
    )


def name_gates(model: ScoringModel, baseline: Baseline) -> dict[str, str]:
    """Name the gate's column of the score and of each column that can raise an alarm."""
    shares = find_shares(model)
    columns = [c.column for c in baseline.columns if shares[c.column] >= COUNTS_FROM]
    return stage_names([SCORE, *columns], "ok")


def _ask(
    model: ScoringModel, baseline: Baseline, held: Mapping[str, Held | None] | None
) -> Counting:
    check_baseline(model, baseline)
    asked = plan_counting(read_as(model, held or {}), baseline)
    own = spell_as([read.name for read in read_by(asked.stages[0])], held or {})
    return replace(asked, stages=rename_sources(asked.stages, own))


def _ask_gate(
    model: ScoringModel, baseline: Baseline, held: Mapping[str, Held | None] | None
) -> Counting:
    """Ask about the score and the columns that can raise an alarm."""
    asked = _ask(model, baseline, held)
    shares = find_shares(model) | {SCORE: 1.0}
    return keep_columns(asked, [b.name for b in asked.bins if shares[b.name] >= COUNTS_FROM])


def _measure(baseline: Baseline, asked: Counting) -> list[Stage]:
    """Write the stages from tallies to the PSI of each column, and which of them Holm rejects."""
    sums = _sum_parts(asked, keep_bins=False)
    return [_count_bins(asked), *sums, *_test(baseline, asked, range(len(asked.bins)))]


def _bin(at: int, k: int) -> str:
    return f"b{at}_{k}"


def _psi(at: int) -> str:
    return f"psi_{at}"


def _reached(at: int) -> str:
    return f"reached_{at}"


def _places(own: Bins) -> range:
    return range(len(own.frame.rows))


def _count_bins(asked: Counting) -> Stage:
    """Make bins of tallies, as `formula.bins.to_bins` does."""
    rows: Formula = AsDouble(Column(ROWS))
    whole = Column(ROWS)
    # An empty table has no share of anything.
    some = Case(((AtLeast(rows, _ONE), rows),), _ONE)
    found = [Named("all_rows", some), Named("any_rows", rows)]
    for at, own in enumerate(asked.bins):
        held: list[Formula] = [Column(name) for name in own.tallies]
        bins: list[Formula]
        if isinstance(own.frame, CutCounts):
            there: Formula = Difference(held[0], held[-1])
            bins = [*map(Difference, held, held[1:]), Difference(whole, there)]
        else:
            *levels, last = held
            is_missing = own.watched is not None and isinstance(own.watched.column, Category)
            there = Difference(whole, last) if is_missing else last
            other = Difference(there, total(levels)) if levels else there
            bins = [*levels, other, last if is_missing else Difference(whole, last)]
        found += [Named(_bin(at, k), AsDouble(formula)) for k, formula in enumerate(bins)]
    return Stage("bin_rows", tuple(found))


def _share(count: Formula, rows: Formula) -> Formula:
    """Write the share of a bin; an empty one's is that of half a row."""
    held = ((AtLeast(count, _ONE), Quotient(count, rows)),)
    return Case(held, Quotient(Constant(EMPTY), rows))


def _part(share: Formula, used: Formula) -> Formula:
    """Write what a bin adds to PSI; see `drift.psi`."""
    return Product(Difference(share, used), Ln(Quotient(share, used)))


def _sum_parts(asked: Counting, *, keep_bins: bool) -> Iterator[Stage]:
    """Write the stages from rows in bins to the PSI of each column."""
    rows, bins = Column("all_rows"), list(_every_bin(asked))
    passed = [Named(name, Column(name)) for name in ("all_rows", "any_rows")]
    if keep_bins:
        passed += [Named(_bin(at, k), Column(_bin(at, k))) for at, k, _ in bins]
    shares = [Named(f"s{at}_{k}", _share(Column(_bin(at, k)), rows)) for at, k, _ in bins]
    new = [Named(f"e{at}_{k}", Column(_bin(at, k))) for at, k, n in bins if not n]
    yield Stage("shares", (*passed, *shares, *new))
    parts = []
    for at, k, n in bins:
        used = (n or EMPTY) / sum(asked.bins[at].frame.rows)
        part = _part(Column(f"s{at}_{k}"), Constant(used))
        if not n:  # empty on either side, it adds nothing
            part = Case(((AtLeast(Column(f"e{at}_{k}"), _ONE), part),), _ZERO)
        parts.append(Named(f"p{at}_{k}", part))
    yield Stage("parts", (*passed, *parts))
    sums = [
        Named(_psi(at), total([Column(f"p{at}_{k}") for k in _places(own)]))
        for at, own in enumerate(asked.bins)
    ]
    yield Stage("sums", (*passed, *sums))


def _every_bin(asked: Counting) -> Iterator[tuple[int, int, float]]:
    """Give the places of each bin, and its rows in the baseline."""
    for at, own in enumerate(asked.bins):
        for k, n in enumerate(own.frame.rows):
            yield at, k, n


def _test(baseline: Baseline, asked: Counting, weighty: Sequence[int]) -> Iterator[Stage]:
    """Write Holm's procedure in whole numbers, as `drift.reject_by_holm` has it."""
    unit = Sum((Constant(1 / baseline.effective_rows), Quotient(_ONE, Column("all_rows"))))
    passed = [Named("any_rows", Column("any_rows"))]
    passed += [Named(_psi(at), Column(_psi(at))) for at in weighty]
    scaled = [Named(f"scaled_{at}", Quotient(Column(_psi(at)), unit)) for at in weighty]
    yield Stage("scaled", (*passed, *scaled))
    most = len(weighty)
    numbers = tuple(Constant(float(k)) for k in range(most + 1))
    reached = [
        Named(
            _reached(at),
            Steps(
                Column(f"scaled_{at}"),
                tuple(quantiles(count_bins(asked.bins[at].frame.rows), most)),
                numbers,
            ),
        )
        for at in weighty
    ]
    again = [Named(one.name, Column(one.name)) for one in passed]
    yield Stage("tested", (*again, *reached))
    branches = []
    for place in range(1, most + 1):
        tested = float(most - place + 1)
        met: list[Formula] = [
            Steps(Column(_reached(at)), (tested,), (_ZERO, _ONE)) for at in weighty
        ]
        enough = Constant(float(place))
        branches.append((Above(enough, total(met)), Constant(tested + 1)))
    kept = [Named(_reached(at), Column(_reached(at))) for at in weighty]
    yield Stage("corrected", (*again, *kept, Named("least", Case(tuple(branches), _ONE))))
