"""A workbook that scores rows pasted into it: weights, means, live formulas (ECMA-376)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

from leadweights.errors import UnsupportedError
from leadweights.formula import nodes
from leadweights.formula.columns import stage_names
from leadweights.formula.nodes import (
    Column,
    Constant,
    Difference,
    Product,
    Quotient,
    change,
    read_by,
)
from leadweights.formula.reasons import REASONS, effect_names
from leadweights.formula.stages import row_outputs, stages
from leadweights.formula.terms import contribution_names, view
from leadweights.integrations.cell_formulas import ROW, Cells, text
from leadweights.model.file import fingerprint
from leadweights.model.model import Logit, ScoringModel
from leadweights.model.names import check_name
from leadweights.model.terms import weight_per_unit

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS, _MOST_COLUMNS, _LONGEST_NAME = 100_000, 16_384, 200
LEADS, SCORES, WEIGHTS, COLUMNS, STEPS, TEXTS, ABOUT = (
    *("Leads", "Scores", "Weights", "Columns", "Steps", "Texts", "About"),
)
_FIRST_LINE = 6  # of Weights
_GRADES, _MIDDLE = 2**38, 16  # as reasons are told apart in the SELECT


def export_xlsx(model: ScoringModel, *, rows: int = 1000) -> bytes:
    """Write a workbook that scores up to `rows` rows pasted into its first sheet.

    Columns are found by their names, in any order. The second sheet has what the SELECT gives for
    each row: scores, bands, reasons, everything but ranks. A cell that is empty is missing; a text
    where a number is needed, or a column that is not there, is told instead of a score. Weights,
    means and standard deviations stand in a sheet that the formulas read.

    The same model gives the same bytes. Raises UnsupportedError for a model of which a cell cannot
    hold a step, with its name, and without XlsxWriter.
    """
    if not 1 <= rows <= MOST_ROWS:
        raise UnsupportedError(f"a workbook has 1 to {MOST_ROWS:,} rows, not {rows:,}")
    try:
        from xlsxwriter import Workbook
    except ModuleNotFoundError:
        raise UnsupportedError(
            "a workbook is written by XlsxWriter: pip install 'leadweights[xlsx]'"
        ) from None
    layout = _lay_out(model)
    buffer = BytesIO()
    book = Workbook(buffer, {"in_memory": True})
    # The day on which archives begin: nothing in it tells when it was written.
    book.set_properties({"title": model.name, "created": datetime(1980, 1, 1)})
    _write_sheets(book, model, layout, rows)
    book.close()
    return buffer.getvalue()


@dataclass(slots=True)
class _Layout:
    """What stands where. `sources` tell whether they are of text; `words` are what reasons say.

    In every row of Steps there is a formula for each of `steps`, with ROW for its number.
    """

    keys: tuple[str, ...]
    sources: dict[str, bool] = field(default_factory=dict)
    steps: dict[str, str] = field(default_factory=dict)
    results: dict[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()

    def add(self, name: str, formula: str) -> str:
        """Give a step the next cell; name that."""
        self.steps[name] = formula
        return self.place(name)

    def place(self, name: str) -> str:
        """Name the cell of a step, in the same row."""
        return f"${_letters(list(self.steps).index(name))}{ROW}"

    @property
    def looked_up(self) -> list[str]:
        """Name the columns of pasted rows that are read, in the order of their sheet."""
        return [*self.sources, *(key for key in self.keys if key not in self.sources)]


def _letters(place: int) -> str:
    """Name a column of a sheet, from 0 on."""
    letters, place = "", place + 1
    while place:
        place, digit = divmod(place - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


def _lay_out(model: ScoringModel) -> _Layout:
    """Choose what the sheets have. Raises UnsupportedError."""
    own = row_outputs(model, "standardized")
    asked = [name for name in own if not name.endswith("_effect")]
    chain = stages(model, columns=asked)
    layout = _Layout(model.keys)
    read = list(read_by(chain[0]))
    texts = {part.name for part in read if isinstance(part, nodes.TextColumn)}
    for part in read:
        if part.name in texts and not isinstance(part, nodes.TextColumn):
            raise UnsupportedError(f"column {part.name!r} is read as a text and as a number")
    # Numbers first and side by side, for one look at whether any of them is a text.
    names = dict.fromkeys(part.name for part in read)
    layout.sources = {n: n in texts for n in sorted(names, key=lambda name: name in texts)}
    for name in layout.looked_up:
        if len(check_name(name, "a column")) > _LONGEST_NAME:
            raise UnsupportedError(f"no cell looks up a name as long as {name[:40]!r}...")
    layout.add("state", "")
    for place, (name, is_text) in enumerate(layout.sources.items(), start=2):
        cell = f"INDEX({LEADS}!{ROW}:{ROW},{COLUMNS}!$B${place})"
        value = f'{cell}&""' if is_text else f"IF(ISLOGICAL({cell}),N({cell}),{cell})"
        found = f'IF({COLUMNS}!$B${place}=0,"",IF(ISBLANK({cell}),"",{value}))'
        layout.add(_source(name), found)
    layout.steps["state"] = _tell_state(layout)
    columns = _add_stages(model, layout, chain)
    explained = _add_reasons(model, layout, chain, columns)
    for result in chain[-1].columns:
        layout.results[result.name] = explained.get(result.name) or columns[result.name]
    if len(layout.steps) > _MOST_COLUMNS:
        raise UnsupportedError(f"it takes {len(layout.steps):,} cells a row: {_MOST_COLUMNS:,} fit")
    return layout


def _source(name: str) -> str:
    """Name the step that has a column of the pasted rows."""
    return f"column {name}"


def _tell_state(layout: _Layout) -> str:
    """Write what keeps a row from being scored: nothing in it, or not what is needed."""
    told = '"ok"'
    numbers = [name for name, is_text in layout.sources.items() if not is_text]
    if numbers:
        ends = ":".join(layout.place(_source(numbers[place])) for place in (0, -1))
        texts = f'SUMPRODUCT(ISTEXT({ends})*({ends}<>""))'
        told = f'IF({texts}>0,"text where a number is needed",{told})'
    absent = f"COUNTIF({COLUMNS}!$B$2:$B${len(layout.sources) + 1},0)"
    told = f'IF({absent}>0,"a column is missing: see {COLUMNS}",{told})'
    return f'IF(COUNTA({LEADS}!{ROW}:{ROW})=0,"",{told})'


def _add_stages(
    model: ScoringModel, layout: _Layout, chain: Sequence[nodes.Stage]
) -> dict[str, str]:
    """Give every column of every stage a cell, but for reasons; name them."""
    cells = {name: layout.place(_source(name)) for name in layout.sources}
    columns = _weight_cells(model)
    nullable = set(cells.values())
    left_out = {*REASONS.results, *stage_names(list(effect_names(model)), "key").values()}
    left_out |= {f"code_{place}" for place in range(1, len(REASONS.results))}
    for stage in chain:
        if stage.name.startswith("round_"):
            continue
        before = Cells(dict(columns), cells, frozenset(nullable))
        for column in stage.columns:
            if column.name in columns or column.name in left_out:
                continue  # passed on
            formula = _read_weights(model, column.name, column.formula)
            place = layout.add(column.name, before.write(column.name, formula))
            columns[column.name] = place
            if before.may_be_missing(formula):
                nullable.add(place)
    return columns


def _add_reasons(
    model: ScoringModel,
    layout: _Layout,
    chain: Sequence[nodes.Stage],
    columns: Mapping[str, str],
) -> dict[str, str]:
    """Give reasons their cells: of each term how far it moves the row, its words, its place."""
    said = {c.name: c.formula for c in chain[-1].columns if c.name in REASONS.results}
    if not said:
        return {}
    words = next(formula for formula in said.values() if isinstance(formula, nodes.TextSteps))
    layout.words = tuple(own.text for own in words.results if isinstance(own, nodes.Words))
    effects = effect_names(model)
    codes = stage_names(list(effects), "reason")
    grades, numbers, places = [], [], []
    for name, own in effects.items():
        size = f"ABS({columns[own]})"
        grade = f"INT({size}/({size}+{_MIDDLE})*{_GRADES})"
        found = f"IF(COUNT({columns[own]})=1,{grade},0)"
        grades.append(layout.add(f"grade {name}", found))
    for name, own in effects.items():
        code = columns[codes[name]]
        code = f"{code}+0.5-0.5*SIGN({columns[own]})" if model.trees else code
        numbers.append(layout.add(f"text {name}", f"IF(COUNT({columns[own]})=1,INT({code})+1,1)"))
    for place, (name, grade) in enumerate(zip(effects, grades, strict=True)):
        above = f'COUNTIF({grades[0]}:{grades[-1]},">"&{grade})'
        # Of terms that move a row alike, the earlier one wins.
        alike = f"+COUNTIF({grades[0]}:{grades[place - 1]},{grade})" if place else ""
        found = f'IF({grade}<1,"",1+{above}{alike})'
        places.append(layout.add(f"place {name}", found))
    ends, own_texts = f"{places[0]}:{places[-1]}", f"{numbers[0]}:{numbers[-1]}"
    explained = {}
    for place, name in enumerate(said, start=1):
        number = f"INDEX({own_texts},MATCH({place},{ends},0))"
        chosen = f"INDEX({TEXTS}!$A$1:$A${len(layout.words)},{number})"
        explained[name] = layout.add(name, f'IF(COUNTIF({ends},{place})=0,"",{chosen})')
    return explained


def _weight_cells(model: ScoringModel) -> dict[str, str]:
    """Name the cells of Weights that formulas read, by names that no column has."""
    found: dict[str, str] = {}
    if isinstance(model.link, Logit):
        found = {"\0intercept": f"{WEIGHTS}!$B$2", "\0scale": f"{WEIGHTS}!$B$3"}
    lines = (term.column for term in model.terms if view(term).line is not None)
    for row, name in enumerate(lines, start=_FIRST_LINE):
        for letter, what in zip("BCD", ("weight", "zero", "spread"), strict=True):
            found[f"\0{what} {name}"] = f"{WEIGHTS}!${letter}${row}"
    return found


def _read_weights(model: ScoringModel, name: str, formula: Any) -> Any:
    """Let a formula read a line's weight, mean and deviation, intercept and scale from cells."""
    owners = {n: c for c, n in contribution_names(model).items()}
    owners |= {n: c for c, n in stage_names([t.column for t in model.terms], "reason").items()}
    column = owners.get(name)
    line = next((view(term).line for term in model.terms if term.column == column), None)
    scaled = name == "log_odds" or name in effect_names(model).values()

    def exchange(part: Any) -> Any:
        match part:
            case Product(centred, Constant(per_unit)) if (
                line is not None and per_unit == weight_per_unit(line)
            ):
                weight, spread = Column(f"\0weight {column}"), Column(f"\0spread {column}")
                return Product(change(centred, exchange), Quotient(weight, spread))
            case Difference(value, Constant(zero)) if line is not None and zero == line.zero:
                return Difference(value, Column(f"\0zero {column}"))
            case Product(Constant(scale), value) if (
                scaled and isinstance(model.link, Logit) and scale == model.link.scale
            ):
                return Product(Column("\0scale"), value)
            case nodes.Sum((Constant(intercept), value)) if (
                name == "log_odds"
                and isinstance(model.link, Logit)
                and intercept == model.link.intercept
            ):
                return nodes.Sum((Column("\0intercept"), change(value, exchange)))
            case _:
                return None

    return change(formula, exchange)


def _write_sheets(book: Workbook, model: ScoringModel, layout: _Layout, rows: int) -> None:
    bold = book.add_format({"bold": True})
    leads, scores, weights, columns, steps, texts, about = (
        book.add_worksheet(name, _sheet_class())
        for name in (LEADS, SCORES, WEIGHTS, COLUMNS, STEPS, TEXTS, ABOUT)
    )
    keys = [name for name in layout.looked_up if name in layout.keys]
    pasted = [*keys, *(name for name in layout.looked_up if name not in layout.keys)]
    results = [*keys, *layout.results, "check"]
    headers = {leads: pasted, scores: results, steps: list(layout.steps)}
    for sheet, names in headers.items():
        for place, name in enumerate(names):
            sheet.write_string(0, place, name, bold)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(names), 14)
    for place, name in enumerate(("column", "found in column", "read as")):
        columns.write_string(0, place, name, bold)
    for place, name in enumerate(layout.looked_up, start=1):
        escaped = "".join(f"~{letter}" if letter in "~*?" else letter for letter in name)
        kind = "text" if layout.sources.get(name, True) else "number, date or TRUE and FALSE"
        columns.write_string(place, 0, name)
        columns.write_formula(
            place,
            1,
            f"=IFERROR(MATCH({text(escaped)},{LEADS}!$1:$1,0),0)",
            None,
            pasted.index(name) + 1,
        )
        columns.write_string(place, 2, kind if name in layout.sources else "key")
    for place, line in enumerate(layout.words):
        texts.write_string(place, 0, line)
    for place, cells in enumerate(_weight_rows(model)):
        for letter, cell in enumerate(cells):
            write = weights.write_string if isinstance(cell, str) else weights.write_number
            write(place, letter, cell)
    for place, line in enumerate(_about(model, rows)):
        about.write_string(place, 0, line)
    state = f"{STEPS}!{layout.place('state')}"
    chosen = {name: f'IF({state}="ok",{STEPS}!{own},"")' for name, own in layout.results.items()}
    for place, name in enumerate(layout.looked_up, start=2):
        if name in layout.keys:
            cell = f"INDEX({LEADS}!{ROW}:{ROW},{COLUMNS}!$B${place})"
            chosen[name] = (
                f'IF({state}="","",IF({COLUMNS}!$B${place}=0,"",IF(ISBLANK({cell}),"",{cell})))'
            )
    chosen["check"] = f'IF({state}="ok","",{state})'
    for row in range(2, rows + 2):
        for sheet, formulas in ((steps, layout.steps), (scores, {n: chosen[n] for n in results})):
            for place, formula in enumerate(formulas.values()):
                sheet.write_formula(row - 1, place, "=" + formula.replace(ROW, str(row)), None, "")


def _sheet_class() -> type[Worksheet]:
    """Make a class of sheets that take formulas as they are.

    To look for functions of the last years, of which there are none, takes four fifths of the time.
    """
    from xlsxwriter.worksheet import Worksheet

    class Sheet(Worksheet):  # type: ignore[misc]
        def _prepare_formula(self, formula: str, _expand: bool = False) -> str:
            return formula.removeprefix("=")

    return Sheet


def _weight_rows(model: ScoringModel) -> Iterator[tuple[str | float, ...]]:
    """List what was learnt: first what formulas read, then the parts of all other terms."""
    yield ("model", f"{model.name}, {fingerprint(model)[:12]}")
    yield ("intercept", model.link.intercept if isinstance(model.link, Logit) else "none")
    yield ("scale", model.link.scale if isinstance(model.link, Logit) else "none")
    yield ()
    yield ("column", "weight", "mean", "standard deviation")
    for term in model.terms:
        line = view(term).line
        if line is not None:
            yield (term.column, line.weight, line.zero, line.spread)
    yield ()
    yield ("column", "part", "contribution")
    for term in model.terms:
        for part in view(term).parts:
            yield (term.column, part.label, part.contribution)


def _about(model: ScoringModel, rows: int) -> Iterator[str]:
    yield f"{model.name}, model {fingerprint(model)[:12]}, written by leadweights"
    yield f"Paste rows with their column names into {LEADS}, {rows:,} at most, in A1, as values."
    yield f"{SCORES} has a line for each; {COLUMNS} says where each column was found."
    yield "An empty cell is a missing value. Dates are dates of the program, not texts."
    yield f"{WEIGHTS} is read by the formulas; contributions of levels and curves are in them."
