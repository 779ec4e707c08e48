"""How each dialect reads the number in a text: by patterns and a CAST, or by taking it apart.

Where there are no patterns, steps take the text apart, each a SELECT from the one before. Digits
up to 15 are a whole number, which a power of ten up to 22 multiplies or divides: both are doubles,
so the result is the nearest one (Clinger, How to read floating point numbers accurately, 1990). Of
18 digits the division's remainder is found without rounding (Dekker, A floating-point technique
for extending the available precision, 1971) and divided too: with 22 decimals no number lies so
near the middle of two doubles that this could miss its side. More digits end the SELECT.
"""

from collections.abc import Mapping, Sequence
from functools import cache

from sqlglot import exp

from leadweights.errors import UnsupportedError
from leadweights.formula import marks
from leadweights.model.form import PLAIN, Form
from leadweights.sql import idioms
from leadweights.sql.dialects import Dialect

_UNIT = "#"

# A `.` in a literal stands for the form's decimal mark, `_` for the mark between thousands.
_TAKEN_APART = (
    {
        "mantissa": "SUBSTR(plain, 1, INSTR(plain || 'e', 'e') - 1)",
        "power": "SUBSTR(plain, INSTR(plain || 'e', 'e'), 9)",
    },
    {
        "digits": "LTRIM(REPLACE(mantissa, '.', ''), '0')",
        "tens": "CAST(SUBSTR(power, 2, 9) AS BIGINT) "
        "- LENGTH(SUBSTR(mantissa, INSTR(mantissa || '.', '.') + 1, 99))",
    },
    {
        "short": "RTRIM(digits, '0')",
        "tens": "tens + LENGTH(digits) - LENGTH(RTRIM(digits, '0'))",
    },
    {"filled": "CASE WHEN tens BETWEEN 1 AND 18 - LENGTH(short) THEN tens ELSE 0 END"},
    {
        "known": "SUBSTR(short || '000000000000000000', 1, LENGTH(short) + filled)",
        "shift": "tens - filled",
        "over": "CASE WHEN ABS(tens - filled) > 11 THEN 11 ELSE 0 END",
    },
    {
        "whole": "CAST(known AS BIGINT)",
        "near": "CAST(CAST(known AS BIGINT) AS DOUBLE)",
        "ten": "CAST(CAST(SUBSTR('100000000000', 1, 1 + ABS(shift) - over) AS BIGINT) AS DOUBLE) "
        "* CASE WHEN over > 0 THEN 1e+11 ELSE 1e+00 END",
    },
    {"ratio": "near / ten", "rest": "CAST(whole - CAST(near AS BIGINT) AS DOUBLE)"},
    {
        "product": "ratio * ten",
        "high": "(ratio * 134217729e+00) - ((ratio * 134217729e+00) - ratio)",
        "ten_high": "(ten * 134217729e+00) - ((ten * 134217729e+00) - ten)",
    },
    {
        "error": "((((high * ten_high) - product) + (high * (ten - ten_high))) "
        "+ ((ratio - high) * ten_high)) + ((ratio - high) * (ten - ten_high))",
    },
    {
        "value": "CASE WHEN shift > 0 THEN near * ten "
        "ELSE ratio + ((((near - product) - error) + rest) / ten) END",
    },
)
# What is around the digits: units, which are all `#` here, a sign, parentheses.
_FRAME = "REPLACE(written, core, 'n')"
_FREE_FRAME = (
    "REPLACE(REPLACE(REPLACE(REPLACE(written, core, 'n'), ' ', ''), 'n#', 'n'), '#n', 'n')"
)
_IS_FRAMED = "frame IN ('n', '+n', '-n', '#n', '#+n', '#-n')"
_IS_ENCLOSED = "power = '' AND frame IN ('(n)', '#(n)', '(n)#', '#(n)#', 'n-', 'n-#')"
_IS_NUMBER = (
    # GLOB takes a text for one that ends at a zero byte.
    "INSTR(core, CHAR(0)) = 0 AND mantissa GLOB '*[0-9]*' "
    "AND NOT mantissa GLOB '*[^0-9.]*' AND NOT mantissa GLOB '*.*.*' "
    "AND INSTR(mantissa || '.', '.') <= 41 "
    "AND LENGTH(SUBSTR(mantissa, INSTR(mantissa || '.', '.') + 1, 99)) <= 40 AND (power = '' "
    "OR power GLOB 'e[0-9]' OR power GLOB 'e[0-9][0-9]' OR power GLOB 'e[+-][0-9]' "
    "OR power GLOB 'e[+-][0-9][0-9]')"
)
_IS_GROUPED = (
    "INSTR(core, '_') = 0 OR (core GLOB '[1-9]*' AND INSTR(grouped, '_') = 0 "
    "AND NOT grouped GLOB '0000*' AND NOT grouped GLOB '*[tk]0*' AND NOT grouped GLOB '*k' "
    "AND NOT grouped GLOB '*k[^tk]*' AND NOT grouped GLOB '*[.eE]*[tk]*')"
)
_REFUSED = "not read exactly, too many digits: "
# Nothing else in SQLite ends a SELECT with words of one's own.
_RESULT = (
    "CASE WHEN frame IS NULL THEN NULL "
    "WHEN known = '' OR (shift BETWEEN -22 AND 0 AND LENGTH(known) <= 18) "
    "OR (shift BETWEEN 1 AND 22 AND LENGTH(known) <= 15) "
    "THEN CASE WHEN frame GLOB 'n-*' THEN 0e+00 - value "
    "WHEN frame GLOB '*[-(]*' THEN value * -1e+00 ELSE value END "
    "ELSE JSON_EXTRACT('[]', refused || known) END"
)
# SQLite holds any type in any column, and the text of its doubles has 15 digits.
_IS_TYPED = "TYPEOF(cell) IN ('integer', 'real')"
_TYPED = "CASE WHEN cell = 0 OR ABS(cell) BETWEEN 1e-99 AND 9.999999999999999e+99 THEN value END"
_IN_FULL = "TYPEOF(cell) = 'text' OR CAST(CAST(cell AS TEXT) AS DOUBLE) = cell"


def number_in(column: exp.Expr, form: Form, target: Dialect) -> exp.Expr:
    """Read the number in a column's text, where all of it is one. Raises UnsupportedError."""
    if target.globs:
        return _taken_apart(column, form, target)
    if not target.pattern:
        raise UnsupportedError(
            f"{target.name} cannot read every number in the texts of {column.name!r}: "
            "give it a column of numbers, or exclude it"
        )
    text = idioms.cast(column, target.text, target)
    if form == PLAIN:
        return _plain_number(text, target)
    found = exp.Case()
    for behind, pattern in enumerate(marks.patterns(form)):
        plain = idioms.replace(text.copy(), marks.replacements(form, behind=bool(behind)), target)
        # Asked again: MySQL and its kin find a unit in any case, and then do not take it off.
        number: exp.Expr = _plain_number(plain, target)
        if behind:
            number = exp.Sub(this=idioms.double_literal(0.0, target), expression=number)
        is_so = idioms.matches(text.copy(), f"^{pattern}", target)
        found.append("ifs", exp.If(this=is_so, true=number))
    if marks.reads_plain_beside(form):
        found.set("default", _plain_number(text, target))
    return found


def _plain_number(text: exp.Expr, target: Dialect) -> exp.Case:
    # Not every engine's CAST reads past spaces.
    trimmed = idioms.trim(text.copy(), target)
    number = idioms.cast_double(trimmed, target, fails=not target.tries_casts)
    if target.exact_digits:
        # A text that is no number is what a CAST ends the SELECT for.
        said = [idioms.text_literal(_REFUSED, target), text.copy()]
        refused = idioms.cast_double(idioms.concat(said), target)
        more = f"^ *[+-]?[0.]*[1-9][.]?([0-9][.]?){{{target.exact_digits}}}.*"
        is_long = exp.If(this=idioms.matches(text.copy(), more, target), true=refused)
        number = exp.Case(ifs=[is_long], default=number)
    is_so = idioms.matches(text.copy(), f"^{marks.NUMBER}", target)
    return exp.Case(ifs=[exp.If(this=is_so, true=number)])


def _taken_apart(column: exp.Expr, form: Form, target: Dialect) -> exp.Expr:
    """Read a number as it is, and a text in steps."""
    cell = {"cell": column, "value": idioms.cast_double(column, target)}
    is_typed, typed, in_full = (
        _parse(sql, form, target, cell) for sql in (_IS_TYPED, _TYPED, _IN_FULL)
    )
    found = _steps(column, form, target)
    if not marks.reads_plain_beside(form):
        return exp.Case(ifs=[exp.If(this=is_typed, true=typed)], default=found)
    # The text of a double may be another number in the form: it is that one on every engine.
    marked = exp.Case(ifs=[exp.If(this=in_full, true=found)])
    plain = exp.Case(ifs=[exp.If(this=is_typed, true=typed)], default=_steps(column, PLAIN, target))
    return exp.Coalesce(this=marked, expressions=[plain])


def _steps(column: exp.Expr, form: Form, target: Dialect) -> exp.Expr:
    """Take a text apart: what is around the digits, the digits, the power of ten."""
    text = idioms.cast(column.copy(), target.text, target)
    frame = _FRAME
    if form == PLAIN:
        text = idioms.trim(text, target)
    else:
        _check_units(column.name, form, target)
        text, frame = idioms.replace(text, marks.in_one_way(form, _UNIT), target), _FREE_FRAME

    def read(sql: str) -> exp.Expr:
        return _parse(sql, form, target, {"refused": idioms.text_literal(_REFUSED, target)})

    framed = exp.or_(read(_IS_FRAMED), read(_IS_ENCLOSED)) if form.signs else read(_IS_FRAMED)
    conditions = [framed, read(_IS_NUMBER)]
    pieces = {"frame": read(frame), "plain": read("REPLACE(core, 'E', 'e')")}
    if form.thousands:
        pieces["plain"] = read("REPLACE(REPLACE(core, '_', ''), 'E', 'e')")
        pieces["grouped"] = idioms.replace(read("core"), _groups(form), target)
        conditions.append(read(_IS_GROUPED))
    around = exp.Literal.string(" +-" + _UNIT * bool(form.units) + "()" * form.signs)
    whole = exp.Case(ifs=[exp.If(this=exp.and_(*conditions), true=read("frame"))])
    steps: list[Mapping[str, exp.Expr]] = [
        {"written": text},
        {"core": exp.Trim(this=read("written"), expression=around)},
        pieces,
        *({name: read(sql) for name, sql in step.items()} for step in _TAKEN_APART),
    ]
    steps[4] = {**steps[4], "frame": whole}
    return _chain(steps, read(_RESULT))


def _groups(form: Form) -> list[tuple[str, str]]:
    """List what to replace to see groups of three digits as `t`, in India those of two as `k`."""
    found = [(str(digit), "0") for digit in range(1, 10)]
    return [*found, (f"{form.thousands}000", "t"), *[(",00", "k")] * (form.thousands == ",")]


def _check_units(name: str, form: Form, target: Dialect) -> None:
    """See that units are found one by one, also beside each other and a point."""
    for one in form.units:
        for other in ("", ".", *form.units):
            for text in (one + other, other + one, f"{one}{other}."):
                for old, new in marks.in_one_way(form, _UNIT):
                    text = text.replace(old, new)
                if text.count(_UNIT) > 1 + (other in form.units):
                    raise UnsupportedError(
                        f"{target.name} cannot tell {one!r} and {other!r} apart beside the "
                        f"numbers of {name!r}: give it a column of numbers, or exclude it"
                    )


def _chain(steps: Sequence[Mapping[str, exp.Expr]], result: exp.Expr) -> exp.Expr:
    """Select each step from the one before, and pass on what is needed later.

    Each is kept: written into its reader, a step doubles at every use.
    """
    known, parts = list[str](), list[exp.CTE]()
    source: exp.From | None = None
    for place, step in enumerate(steps):
        later = [*(tree for other in steps[place + 1 :] for tree in other.values()), result]
        needed = {c.name for tree in later for c in tree.find_all(exp.Column)}
        kept = [name for name in known if name in needed and name not in step]
        named = {**{name: exp.column(idioms.quote(name)) for name in kept}, **step}
        query = exp.Select(
            expressions=[exp.alias_(tree, idioms.quote(name)) for name, tree in named.items()],
            from_=source,
        )
        known, name = list(named), idioms.quote(f"part_{place}")
        part = exp.CTE(this=query, alias=exp.TableAlias(this=name), materialized=True)
        source = exp.From(this=exp.Table(this=name.copy()))
        parts.append(part)
    last = exp.Select(expressions=[result], from_=source, with_=exp.With(expressions=parts))
    return exp.Subquery(this=last)


def _parse(sql: str, form: Form, target: Dialect, trees: Mapping[str, exp.Expr]) -> exp.Expr:
    """Make a tree of SQLite's SQL, with the form's marks, and trees for names."""

    def change(node: exp.Expr) -> exp.Expr:
        match node:
            case exp.Column():
                found = trees.get(node.name)
                return found.copy() if found else exp.column(idioms.quote(node.name))
            case exp.Literal(is_string=True):
                text = node.name.translate({ord("_"): form.thousands, ord("."): form.decimal})
                return idioms.text_literal(text, target)
            case exp.Literal() if "e" in node.name:
                return idioms.double_literal(float(node.name), target)
            case _:
                return node

    return _template(sql).copy().transform(change)


@cache
def _template(sql: str) -> exp.Expr:
    # Without SELECT, sqlglot takes REPLACE for a statement.
    return exp.maybe_parse(sql, into=exp.Select, prefix="SELECT", dialect="sqlite").selects[0]
