"""Learning from rows that stay where they are: an engine adds up, a small system is solved here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256
from math import log
from time import monotonic
from typing import TYPE_CHECKING

import numpy as np

from leadweights.errors import TableError
from leadweights.formula.arrays import Floats
from leadweights.formula.nodes import Column, Formula, Product, Stage
from leadweights.learn.in_engine.exact_sums import (
    CURVATURE,
    LABEL,
    RESIDUAL,
    THERE,
    WEIGHT,
    Sums,
    in_effect,
    matrix,
)
from leadweights.learn.in_engine.sample import find_spans, read_one_row, take
from leadweights.learn.in_engine.sampled_loss import SampledLoss, standardize
from leadweights.learn.in_engine.sampled_trees import SampledTrees
from leadweights.learn.newton import Pass, minimize
from leadweights.learn.prepare.design import Design
from leadweights.learn.prepare.prepared import prepare, prepare_known
from leadweights.learn.regression import SEPARATED, Learnt, build_pipeline, one_thread
from leadweights.learn.to_model import Context, Contributed, Solution, write_model
from leadweights.model.model import InputColumn
from leadweights.sql.aggregates import select_all
from leadweights.tables.labelled import Rows

if TYPE_CHECKING:
    from leadweights.learn.in_engine.table import TableInEngine


# Constants are rounded to ten digits.
_TOLERANCE = 1e-10
# A start from a sample is off by far more.
_STARTING = 1e-4
# Means and variances to a digit more than are kept of them.
_DIGITS = 1e-11
# What varies less than its mean is rounded.
_ROUNDING = 1e-14
_HEAVY = 1e-3
_SUMS_AT_ONCE = 500
# Of a sample with leaves: 160 MB of doubles.
_VALUES_AT_HAND = 20_000_000


def learn_by_sums(
    table: TableInEngine,
    columns: Sequence[InputColumn],
    design: Design,
    c: float,
    context: Context,
    trees: SampledTrees | None = None,
) -> Learnt:
    """Learn from all rows of the first part, with the leaves of trees beside the columns.

    Raises TableError for rows, or a sample of them, of one class, EngineError.
    """
    mine = table.cut.places(table.sample.values) == 0
    values = table.sample.values if mine.all() else take(table.sample.values, np.flatnonzero(mine))
    sampled = Rows(values, table.place.kinds, table.labels(values))
    if len(np.unique(sampled.y)) < 2:
        raise TableError(
            f"{table.place.name}: of {len(sampled.y):,} sampled rows to learn from "
            f"{int(sampled.y.sum()):,} are positive: nothing to start from; learn in memory"
        )
    learning = _Learning(table, columns, design, sampled, c, float(mine.mean()), trees)
    told = trees.told if trees else ""
    # A start's last digits depend on the number of threads, which spin beside the engine's own.
    with one_thread():
        return learning.solve(f"L2 logistic regression, C={c:g}{told}", context)


class _Learning:
    """One fit by sums, step by step."""

    def __init__(
        self,
        table: TableInEngine,
        columns: Sequence[InputColumn],
        design: Design,
        sampled: Rows,
        c: float,
        share: float,
        trees: SampledTrees | None,
    ) -> None:
        self._trees = trees
        self._all = table.sample.complete
        most = _VALUES_AT_HAND // (design.width + (trees.leaves if trees else 0))
        if trees and len(sampled.y) > most:
            # Leaves make a sample wide: some of its rows are enough to start from.
            chosen = np.random.RandomState(0).permutation(len(sampled.y))[:most]
            sampled, self._all = sampled.taken(np.sort(chosen)), False
        self._table, self._columns, self._design = table, columns, design
        self._sampled, self._share = sampled, share
        self._classes, self._heaviest = (1.0, 1.0), 1.0
        if (weight := table.weighing.column) is not None:
            self._heaviest = table.spans[weight].high
        self._place = table.place
        self._began = monotonic()
        leaves = [1.0 / trees.c_leaves] * trees.leaves if trees else []
        self._penalty = np.array([0.0, *[1.0 / c] * design.width, *leaves])

    def solve(self, method: str, context: Context) -> Learnt:
        """Learn.

        Numbers are standardised by the sample's means and standard deviations; those of all rows
        come with the first gradient, and the solution is moved over to them at the end.
        """
        place, numbers = self._table.place, len(self._design.numbers)
        cleaned = prepare(self._sampled, self._columns)
        counting = self._table.weighing.counting(self._sampled)
        kinds = {
            name: in_effect(values, self._table.rows) for name, values in cleaned.numbers.items()
        }
        if counting is None:
            counting = np.ones(len(self._sampled.y))
        sample = standardize(self._design, cleaned, counting)
        middles, units = sample.middles, sample.units
        self._write_features(middles, units, kinds)
        # For how much of all rows' loss each row of the sample stands.
        y = self._sampled.y
        times = np.full(len(y), self._table.rows * self._share / len(y))
        times *= np.where(y > 0, self._classes[1], self._classes[0])
        times *= counting
        laid_out = sample.matrix
        if self._trees:
            known = prepare_known(self._sampled, self._columns)
            laid_out = self._trees.beside(laid_out, known)
        sampled = SampledLoss(laid_out, y, times, self._penalty)
        start = minimize(
            sampled.start(),
            lambda at, _: sampled.gradient(at),
            sampled.hessian,
            exact=sampled.hessian,
            cheap=True,
            tolerance=_TOLERANCE if self._all else _STARTING,
        )
        # Rows that are alike have the same product but for its last digits.
        self._row_kinds = in_effect(np.round(laid_out @ start, 9), self._table.rows)
        known_units = np.ones(len(self._matrix.features))
        known_units[:numbers] = units * sample.varying
        first, found = self._first(start, known_units)
        count, positive, total = int(found[0]), int(found[1]), float(found[2])
        if not 0 < positive < count:
            raise TableError(f"{place.name}: the rows to learn from have one class only")
        width = len(self._matrix.features)
        mean, square = found[3 : 3 + width] / total, found[3 + width :] / total
        variance = np.maximum(square[:numbers] - mean[:numbers] ** 2, 0.0)
        # As in memory, what does not vary in rows that count is left as it is.
        constant = variance <= _ROUNDING * square[:numbers]
        spread = np.where(constant, 1.0, np.sqrt(variance)) / units
        at = self._optimum(start, first, sampled, spread, total)
        ones = np.concatenate(([1.0], mean))
        apart = self._matrix.mixing[:numbers] @ ones
        contributed = self._measure_contributed(ones, square, at[1:])
        coefficients = at[1 : 1 + self._design.width].copy()
        coefficients[:numbers] *= spread
        leaves = at[1 + self._design.width :]
        intercept = float(at[0] + at[1 : 1 + numbers] @ apart) + self._table.weighing.shift
        means, stds = middles + units * apart, units * spread
        solution = Solution(intercept, coefficients, means.tolist(), stds.tolist(), contributed)
        if self._trees:
            shares = self._matrix.mixing[self._design.width :] @ ones
            written = self._trees.write(leaves, shares, known, counting / counting.sum())
            solution = replace(solution, trees=written)
        named = "\0".join((*place.kinds, *map(str, (count, positive))))
        provenance = replace(
            context.origin,
            rows=count,
            positive_rows=positive,
            method=f"{method}{self._table.weighing.method()}, by sums over all rows",
            rows_sha256=sha256(named.encode() + found.tobytes()).hexdigest(),
        )
        model = write_model(self._columns, self._design, solution, context.keys, provenance)
        some = self._sampled.taken(np.unique(self._sampled.y, return_index=True)[1])
        few = self._design.matrix(prepare(some, self._columns))
        if self._trees:
            few = self._trees.beside(few, prepare_known(some, self._columns))
        pipeline = build_pipeline(solution, few, some.y, leaves.tolist())
        separated = np.all((laid_out @ at > 0) == (y > 0))
        said = SEPARATED if self._all else f"in the sampled rows {SEPARATED}"
        averages = solution.averages(self._design)
        warnings = (said,) if separated else ()
        grown_trees = self._trees.grown if self._trees else None
        return Learnt(model, pipeline, self._design, averages, warnings, grown_trees)

    def _write_features(self, middles: Floats, units: Floats, kinds: Mapping[str, float]) -> None:
        """Write what is added up, make a table of it if asked to, and weigh the classes."""
        place, weighing, cut = self._place, self._table.weighing, self._table.cut
        scaling = zip(self._design.numbers, zip(middles, units, strict=True), strict=True)
        self._matrix = matrix(
            self._columns,
            self._design,
            find_spans(place, self._table.spans, self._columns),
            dict(scaling),
            self._table.is_positive,
            cut.first,
            cut.number,
            weighing.column,
            kinds,
            self._trees.number() if self._trees else (),
        )
        if self._table.scratch and place.keep is not None:
            self._table.progress("a table of what is added up")
            self._place = place.keep(partial(select_all, self._matrix.stages))
            self._matrix = replace(self._matrix, made=True)
        counts = self._counts_of_classes() if weighing.class_weight == "balanced" else (1.0, 1.0)
        self._classes = weighing.of_classes(*counts)

    def _optimum(
        self, start: Floats, first: Floats, sampled: SampledLoss, spread: Floats, total: float
    ) -> Floats:
        """Find the weights of all rows from those of the sample, and all rows' gradient there.

        The penalty is on coefficients of numbers whose standard deviation is 1: theirs in the
        sample's units is `spread`. All weights of rows sum to `total`.
        """
        before = self._penalty
        self._penalty = before.copy()
        self._penalty[1 : 1 + len(spread)] *= spread**2
        sampled = replace(sampled, penalty=self._penalty)
        first = first + (self._penalty - before) * start

        def gradient(at: Floats, within: Floats | None) -> Floats:
            if at is start and (self._all or within is None):
                return first
            sums = Sums(self._table.rows)
            self._add_gradient(sums, within)
            found = self._add_up(sums, self._matrix.residuals(at, self._classes))
            return self._with_penalty(found, at)

        # Where single rows may count for much the sample, which may lack them, misleads.
        weighted = self._table.weighing.column is not None and not self._all
        heavy = weighted and self._heaviest > _HEAVY * total
        return minimize(
            start,
            gradient,
            self._hessian if heavy and not self._trees else sampled.hessian,
            # The second derivatives of all leaves would be a hundred thousand sums.
            exact=sampled.hessian if self._trees else self._hessian,
            cheap=heavy,
            off=0.0 if heavy or self._all else sampled.off(start),
            tolerance=_TOLERANCE,
            told=self._tell,
        )

    def _add_up(self, sums: Sums, stages: Sequence[Stage]) -> Floats:
        """Add up over the rows of the first part."""
        return sums.read(read_one_row(self._place.ask(partial(sums.query, stages))))

    def _tell(self, one: Pass) -> None:
        before = self._table.passes[-1] if self._table.passes else None
        self._table.passes.append(one)
        left = ""
        if before is not None and 0 < one.step < before.step:
            # Each step is as much smaller than the last one as that was.
            more = max(1.0, log(_TOLERANCE / one.step) / log(one.step / before.step))
            left = f", about {more * (monotonic() - self._began) / one.number:.0f} s left"
        self._table.progress(f"passes over all rows, {one.number}, step {one.step:.1e}{left}")

    def _first(self, at: Floats, units: Floats) -> tuple[Floats, Floats]:
        """Ask for the gradient, and for what the rows are.

        That is their count, the positive ones, the sum of the weights, each feature's weighted
        sum and that of its squares. Its standard deviation is about its unit, if it has one.
        """
        self._table.progress("the first gradient of all rows, means and standard deviations")
        sums = Sums(self._table.rows)
        there, weighted = Column(THERE), self._matrix.weight == WEIGHT
        # Of a sample that is all rows the first step is the last.
        self._add_gradient(sums, np.zeros(len(at)) if self._all else None)
        sums.add_uncut(there)
        sums.add_uncut(Product(there, Column(LABEL)))
        if weighted:
            sums.add(self._matrix.count, self._heaviest)
        else:
            sums.add_uncut(self._matrix.count)
        features = self._matrix.features
        # A mean of weighted rows may hang on few of them.
        digits = 0.0 if weighted else _DIGITS
        for feature, unit in zip(features, units.tolist(), strict=True):
            value, furthest = self._matrix.weigh(feature), feature.span.furthest * self._heaviest
            if feature.level is None or weighted:
                sums.add(value, furthest, within=digits * unit, kinds=feature.kinds)
            else:
                sums.add_uncut(value)
        # The square of 1 or 0 is itself.
        squared = [place for place, feature in enumerate(features) if feature.level is None]
        for feature, unit in ((features[place], float(units[place])) for place in squared):
            square = feature.times(self._matrix.weigh(feature))
            furthest = feature.span.furthest**2 * self._heaviest
            sums.add(square, furthest, within=digits * unit**2, kinds=feature.kinds)
        found = self._add_up(sums, self._matrix.residuals(at, self._classes))
        gradient, counts, first, squares = np.split(
            found, np.cumsum([1 + len(features), 3, len(features)])
        )
        second = first.copy()
        second[squared] = squares
        rows = np.concatenate((counts, first, second))
        return self._with_penalty(gradient, at), rows

    def _add_gradient(self, sums: Sums, within: Floats | None) -> None:
        """Add up what the gradient is made of, each part of which may be so far off, if given."""
        residual = Column(RESIDUAL)
        furthest = self._heaviest * max(self._classes)
        parts: list[tuple[Formula, float]] = [(residual, furthest)]
        parts += [(f.times(residual), f.span.furthest * furthest) for f in self._matrix.features]
        if within is None:
            for value, _ in parts:
                sums.add_uncut(value)
            return
        # A sum has its share in several parts of the gradient.
        shares = np.abs(self._mixing())
        bearable = np.full(shares.shape, np.inf)
        np.divide(within[:, None], shares, out=bearable, where=shares > 0)
        means = bearable.min(axis=0) / self._table.rows
        for (value, most), enough in zip(parts, means.tolist(), strict=True):
            sums.add(value, most, within=enough, kinds=self._row_kinds)

    def _counts_of_classes(self) -> tuple[float, float]:
        """Ask what the negative rows count, and the positive ones."""
        count = self._matrix.count
        sums = Sums(self._table.rows)
        sums.add(count, self._heaviest)
        sums.add(Product(count, Column(LABEL)), self._heaviest)
        total, positive = self._add_up(sums, self._matrix.before()).tolist()
        return total - positive, positive

    def _with_penalty(self, found: Floats, at: Floats) -> Floats:
        loss = np.concatenate(([found[0]], self._matrix.mixing @ found))
        return np.asarray(loss + self._penalty * at)

    def _hessian(self, at: Floats) -> Floats:
        """Ask for the Hessian itself, as many sums at once as engines take."""
        self._table.progress("the second derivatives of all rows")
        curvature = Column(CURVATURE)
        features = self._matrix.features
        pairs = [(i, j) for i in range(1 + len(features)) for j in range(i + 1)]
        found = np.zeros((1 + len(features),) * 2)
        for first in range(0, len(pairs), _SUMS_AT_ONCE):
            block = pairs[first : first + _SUMS_AT_ONCE]
            sums = Sums(self._table.rows)
            for i, j in block:
                value: Formula = curvature
                for place in (i, j):
                    if place:
                        value = features[place - 1].times(value)
                sums.add_uncut(value)
            added = self._add_up(sums, self._matrix.curvatures(at, self._classes))
            for (i, j), one in zip(block, added.tolist(), strict=True):
                found[i, j] = found[j, i] = one
        mixing = self._mixing()
        return np.asarray(mixing @ found @ mixing.T) + np.diag(self._penalty)

    def _mixing(self) -> Floats:
        """Give the mixing of features, a row for the intercept first."""
        return np.vstack((np.eye(1, 1 + len(self._matrix.features)), self._matrix.mixing))

    def _measure_contributed(
        self, mean: Floats, square: Floats, coefficients: Floats
    ) -> list[Contributed]:
        """Measure what curves and categories contribute, by the sums of all rows."""
        contributed = []
        for name, run in self._design.runs():
            own, rows = coefficients[run], self._matrix.mixing[run]
            shares = rows @ mean
            average = float(own @ shares)
            factors = own @ rows
            # Of two ramps the higher one is 1 wherever the lower one is not 0; levels exclude
            # each other.
            held = np.flatnonzero(np.abs(rows).sum(axis=0)[1:])
            ramps = name in self._design.knots
            second = np.zeros((1 + len(held),) * 2)
            second[0] = second[:, 0] = [1.0, *mean[1 + held]]
            for a, one in enumerate(held, start=1):
                second[a, a] = square[one]
                for b, other in enumerate(held[: a - 1], start=1):
                    second[a, b] = second[b, a] = mean[1 + max(one, other)] if ramps else 0.0
            own_factors = np.concatenate(([factors[0]], factors[1 + held]))
            variance = float(own_factors @ second @ own_factors) - average**2
            contributed.append(Contributed(average, max(variance, 0.0) ** 0.5, shares))
        return contributed
