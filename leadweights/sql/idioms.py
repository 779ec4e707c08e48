"""How each dialect writes a name, a literal, a cast, a function: trees of SQL in and out."""

import re
from collections.abc import Sequence
from functools import cache, reduce
from math import copysign
from typing import assert_never

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect as SqlglotDialect

from leadweights.errors import UnsupportedError
from leadweights.formula import marks
from leadweights.model.dates import EPOCH
from leadweights.sql.dialects import Dialect

# Letters whose lower case some engines find by the letters beside them.
_BY_LETTER = {"\u03a3": "\u03c3", "\u0130": "i"}


TEMPLATE_MARKS = re.compile(r"(?<=\{)(?=[{%#])")
"""Where to cut a text that dbt would run: to it all SQL is a template, literals and comments."""


def quote(name: str) -> exp.Identifier:
    """Quote a name: no engine then folds its case or takes it for a word of its own."""
    return exp.to_identifier(name, quoted=True)


def text_literal(text: str, target: Dialect) -> exp.Expr:
    """Write a text, in every letter that Unicode has, so that no template engine runs it."""
    literals: list[exp.Expr] = [
        exp.National(this=part) if target.national else exp.Literal.string(part)
        for part in TEMPLATE_MARKS.split(text)
    ]
    return concat(literals)


def concat(texts: Sequence[exp.Expr]) -> exp.Expr:
    """Put texts behind each other: two at a time, Oracle's CONCAT takes no more."""
    return reduce(
        lambda left, right: exp.Concat(expressions=[left, right], safe=True, coalesce=False),
        texts,
    )


def double_literal(value: float, target: Dialect) -> exp.Expr:
    """Write a double in 17 digits and an exponent: every engine reads it back as the same one."""
    if target.casts_literals:
        return cast_double(exp.Literal.string(f"{value:.16e}"), target)
    number = exp.Literal.number(f"{abs(value):.16e}{target.double_mark}")
    negative = copysign(1.0, value) < 0
    return exp.Paren(this=exp.Neg(this=number)) if negative else number


def day_literal(day: str, target: Dialect) -> exp.Expr:
    """Write a day such as 2026-02-28, to be read as one."""
    text = exp.Literal.string(day)
    if not target.dates_by_session:
        return text
    return exp.Anonymous(this="TO_DATE", expressions=[text, exp.Literal.string("YYYY-MM-DD")])


def cast(tree: exp.Expr, name: str, target: Dialect, *, fails: bool = True) -> exp.Expr:
    """Cast; unless it `fails`, what cannot be read becomes NULL."""
    if target.casts_by_operator and isinstance(tree, exp.Binary | exp.Neg):
        tree = exp.Paren(this=tree)
    found = (exp.Cast if fails else exp.TryCast)(this=tree, to=parse_type(name).copy())
    return exp.Paren(this=found) if target.casts_by_operator else found


def cast_double(tree: exp.Expr, target: Dialect, *, fails: bool = True) -> exp.Expr:
    """Cast to a double."""
    return cast(tree, target.double, target, fails=fails)


@cache
def parse_type(name: str) -> exp.DataType:
    """Parse a type once; a tree takes a copy."""
    if name in ("DATE", "DOUBLE", "INT"):
        return exp.DataType.build(exp.DType[name])
    if "CHARACTER SET" in name:
        # sqlglot would lose the character set.
        return exp.DataType(this=exp.DType.USERDEFINED, kind=name)
    return exp.DataType.build(name, udt=True)


def by_presence(tree: exp.Expr, missing: int, present: int) -> exp.Case:
    """Give one number for NULL, another for a value."""
    is_missing = exp.Is(this=tree, expression=exp.Null())
    branch = exp.If(this=is_missing, true=exp.Literal.number(missing))
    return exp.Case(ifs=[branch], default=exp.Literal.number(present))


def count_present(tree: exp.Expr, target: Dialect) -> exp.Expr:
    """Count the rows of the whole table with a value."""
    if target.counts_missing:
        return exp.Window(this=exp.Sum(this=by_presence(tree, 0, 1)))
    return exp.Window(this=exp.Count(this=tree))


def order_by(tree: exp.Expr, target: Dialect, *, falling: bool = False) -> exp.Ordered:
    """Order by what is never NULL."""
    # Where NULL goes by itself, so that nothing is written about it: there is none to place.
    by_itself = {"nulls_are_small": not falling, "nulls_are_large": falling}
    ordering = SqlglotDialect.get_or_raise(target.sqlglot).NULL_ORDERING
    first = by_itself.get(ordering, False)
    return exp.Ordered(this=tree, desc=falling or None, nulls_first=first)


def orderable(text: exp.Expr, target: Dialect) -> exp.Expr:
    """Make an order see every letter, and not the language."""
    if target.ordered_as:
        return _fill(target.ordered_as, text, target)
    tree = comparable(text, target)
    if target.ordered_under:
        return exp.Collate(this=tree, expression=quote(target.ordered_under))
    return tree


def comparable(tree: exp.Expr, target: Dialect) -> exp.Expr:
    """Make a comparison see every letter, and spaces at the end."""
    if target.compared_as:
        return cast(tree, target.compared_as, target)
    if target.compared_by:
        return exp.func(target.compared_by, tree, dialect=target.sqlglot)
    if target.collation and not isinstance(tree, exp.Literal):
        return exp.Collate(this=tree, expression=exp.Var(this=target.collation))
    return tree


def without(text: exp.Expr, characters: str, target: Dialect) -> exp.Expr:
    """Take characters out of a text."""
    if target.searched_under:
        text = exp.Collate(this=text, expression=exp.Var(this=target.searched_under))
    return replace(text, [(character, "") for character in characters], target)


def surround(text: exp.Expr, mark: str, target: Dialect) -> exp.Expr:
    """Put a mark before and behind a text."""
    return concat([text_literal(mark, target), text, text_literal(mark, target)])


def has_part(text: exp.Expr, part: exp.Expr, target: Dialect) -> exp.Expr:
    """Tell whether a text has a part, letter by letter."""
    if target.searched_as:
        part, text = (cast(tree, target.searched_as, target) for tree in (part, text))
    if target.searched_under:
        part = exp.Collate(this=part, expression=exp.Var(this=target.searched_under))
    if target.search == "REPLACE":
        none = text_literal("", target)
        rest = exp.Anonymous(this="REPLACE", expressions=[text, part, none])
        return exp.NEQ(this=rest, expression=text.copy())
    place: exp.Expr = exp.StrPosition(this=text, substr=part)
    if target.search:
        place = exp.Anonymous(this=target.search, expressions=[text, part])
    return exp.GT(this=place, expression=exp.Literal.number(0))


def sign(value: exp.Expr, target: Dialect) -> exp.Expr:
    """Give 1, 0 or -1."""
    if target.sign:
        return exp.Sign(this=value)
    zero = double_literal(0.0, target)
    found = exp.Case()
    for compared, sign in {exp.GT: 1.0, exp.LT: -1.0, exp.EQ: 0.0}.items():
        test = compared(this=value.copy(), expression=zero.copy())
        found.append("ifs", exp.If(this=test, true=double_literal(sign, target)))
    return found


def trim(text: exp.Expr, target: Dialect) -> exp.Trim:
    """Take spaces from both ends."""
    space = None if target.trims_alone else exp.Literal.string(" ")
    both = "BOTH" if target.trims_both else None
    return exp.Trim(this=text, expression=space, position=both)


def lower(text: exp.Expr, target: Dialect) -> exp.Expr:
    """Give each letter its lower case. Raises UnsupportedError."""
    if not target.lower:
        raise UnsupportedError(
            f"{target.name} does not give every letter beyond A to Z its lower case: learn "
            "without casefold, or take another dialect"
        )
    for capital, small in _BY_LETTER.items() if target.lowers_words else ():
        letter, other = exp.Literal.string(capital), exp.Literal.string(small)
        text = exp.Replace(this=text, expression=letter, replacement=other)
    if target.lowered_under:
        text = exp.Collate(this=text, expression=exp.Var(this=target.lowered_under))
    if target.lower == "LOWER":
        return exp.Lower(this=text)
    return exp.Anonymous(this=target.lower, expressions=[text])


def hash_of(text: exp.Expr, column: str, target: Dialect) -> exp.Expr:
    """Make a number of a column's text. Raises UnsupportedError."""
    if not target.text_hash:
        raise UnsupportedError(
            f"a number made of the texts of {column!r} is needed to choose or to part rows, "
            f"and none is known for {target.name}: give it a number, a date or a flag instead"
        )
    return cast_double(_fill(target.text_hash, text, target), target)


def matches(text: exp.Expr, pattern: str, target: Dialect) -> exp.Expr:
    """Ask whether a text matches a pattern, which begins with `^`, up to its end."""
    # It ends where a text ends, and not before a newline there.
    end = "$" if not target.newline_ends else "$(?![^0])" if target.looks_ahead else r"\z"
    literal = text_literal(pattern + end, target)
    if target.matching:
        matched = exp.Anonymous(this=target.matching, expressions=[text, literal])
        return exp.EQ(this=matched, expression=exp.Literal.number(1))
    return exp.RegexpLike(this=text, expression=literal)


def replace(text: exp.Expr, replacements: Sequence[tuple[str, str]], target: Dialect) -> exp.Expr:
    """Replace parts of a text, none of which another one makes."""
    if target.nests_slowly:
        if all(len(old) == 1 and not new for old, new in replacements):
            gone = text_literal("".join(old for old, _ in replacements), target)
            return exp.Translate(this=text, from_=gone, to=text_literal("", target))
        for by in dict.fromkeys(new for _, new in replacements):
            olds = marks.any_of(old for old, other in replacements if other == by)
            # Its patterns find letters in any case, unless they are told not to.
            literals = [text_literal(part, target) for part in (f"(?-i){olds}", by)]
            text = exp.Anonymous(this="REGEXP_REPLACE", expressions=[text, *literals])
        return text
    for pair in replacements:
        old, new = (text_literal(part, target) for part in pair)
        if target.replaces:
            text = exp.Anonymous(this=target.replaces, expressions=[text, old, new])
        else:
            text = exp.Replace(this=text, expression=old, replacement=new)
    return text


def days_since_1970(column: exp.Expr, target: Dialect) -> exp.Expr:
    """Count the whole days up to a date or timestamp."""
    day = cast(column, target.date, target)
    first = day_literal(str(EPOCH), target)
    if not target.dates_by_session:
        first = cast(first, target.date, target)
    match target.days:
        case "function":
            return exp.DateDiff(this=day, expression=first, unit=exp.Var(this="DAY"))
        case "subtraction":
            return exp.Paren(this=exp.Sub(this=day, expression=first))
        case "truncation":
            whole = exp.Anonymous(this="TRUNC", expressions=[day])
            return exp.Paren(this=exp.Sub(this=whole, expression=first))
        case "cast":
            return cast(day, "INT", target)
        case _:
            assert_never(target.days)


def month_of(column: exp.Expr, target: Dialect) -> exp.Expr:
    """Give the month of a date or timestamp, 1 to 12."""
    day = cast(column, target.date, target)
    if target.month_by_format:
        text = exp.Anonymous(this="STRFTIME", expressions=[exp.Literal.string("%m"), day])
        return cast(text, "INT", target)
    return exp.Extract(this=exp.Var(this="MONTH"), expression=day)


def _fill(template: str, tree: exp.Expr, target: Dialect) -> exp.Expr:
    """Put a tree where a piece of SQL has `{}`."""
    whole = _parse(template, target.sqlglot).copy()
    (place,) = whole.find_all(exp.Column)
    place.replace(tree)
    return whole


@cache
def _parse(template: str, dialect: str) -> exp.Expr:
    return exp.maybe_parse(template.format("place"), dialect=dialect)
