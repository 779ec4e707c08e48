"""How each dialect reads the parts of a date in a text: a shape for each layout, and its places."""

import re
from collections.abc import Iterable, Sequence
from functools import reduce

from sqlglot import exp

from leadweights.errors import UnsupportedError
from leadweights.model.date_formats import (
    BEHIND,
    FIRST_YEAR,
    MONTH_NAMES,
    SHORT,
    Layout,
    Part,
    every_layout,
    parse,
)
from leadweights.sql import idioms
from leadweights.sql.dialects import Dialect

_HOURS = ("00:00", "0:00")
_OFFSETS = ("+00:00", "+0000", "+00")
_UTC = ("Z", "UTC", "GMT")


def date_part(text: exp.Expr, written: str, part: Part, target: Dialect) -> exp.Expr:
    """Read a part of the date that a text begins with. Raises UnsupportedError."""
    if not (target.written_dates and target.reads_texts):
        raise UnsupportedError(
            f"{target.name} cannot tell dates in texts written {written}: "
            "give it a column of dates, or exclude it"
        )
    own = parse(written)
    reader = _Reader(text, every_layout(own), target)
    found = reader.minutes(own.zone) if part == "minutes" else reader.part(part)
    if not target.globs:
        return found
    # GLOB takes a text for one that ends at a zero byte.
    zero_byte = idioms.has_part(text.copy(), exp.Chr(expressions=[exp.Literal.number(0)]), target)
    return exp.Case(ifs=[exp.If(this=exp.Not(this=zero_byte), true=found)])


class _Reader:
    """Reads one text, which is written again wherever it is read."""

    def __init__(self, text: exp.Expr, layouts: Sequence[Layout], target: Dialect) -> None:
        self._text, self._layouts, self._target = text, layouts, target

    def part(self, part: Part) -> exp.Expr:
        """Read the year, month or day from where each layout has it."""
        places: dict[tuple[int, int, bool], list[Layout]] = {}
        for layout in self._layouts:
            start, width = layout.places[part]
            named = layout.shape[start - 1] == "A"
            short = part == "year" and layout.short_year
            places.setdefault((start, SHORT if named else width, named or short), []).append(layout)
        found = exp.Case()
        for (start, width, special), layouts in places.items():
            piece = self._piece(exp.Literal.number(start), width)
            if special and part == "month":
                value = self._month(piece)
            elif special:
                value = self._full_year(piece)
            else:
                value = self._number(piece)
            found.append("ifs", exp.If(this=self._begins(layouts), true=value))
        return found

    def minutes(self, zone: int) -> exp.Expr:
        """Count the minutes from midnight, and take away the offset from UTC."""
        clock, timed = exp.Case(), list[tuple[Layout, str]]()
        by_end: dict[tuple[int, str], list[Layout]] = {}
        for layout in self._layouts:
            for hours in _HOURS:
                by_end.setdefault((layout.end, hours), []).append(layout)
                timed.append((layout, hours))
        for (end, hours), layouts in by_end.items():
            width = hours.index(":")
            hour = self._number(self._piece(exp.Literal.number(end + 2), width))
            minute = self._number(self._piece(exp.Literal.number(end + 3 + width), 2))
            is_so = self._begins_timed([(layout, hours) for layout in layouts])
            clock.append("ifs", exp.If(this=is_so, true=self._in_minutes(hour, minute)))
        moment = exp.Sub(this=clock, expression=self._offset(zone))
        no_time = exp.If(this=self._begins(self._layouts), true=self._double(0.0))
        return exp.Case(ifs=[exp.If(this=self._begins_timed(timed), true=moment), no_time])

    def _offset(self, zone: int) -> exp.Expr:
        """Read the offset that the text ends with, in minutes."""
        utc = exp.If(this=self._ends(_UTC), true=self._double(0.0))
        found = exp.Case(ifs=[utc], default=self._double(float(zone)))
        for form in _OFFSETS:
            hour = self._number(self._last(len(form) - 1, 2))
            minute = self._number(self._last(2, 2)) if len(form) > 3 else self._double(0.0)
            minus = exp.If(this=exp.Literal.string("-"), true=self._double(-1.0))
            sign = exp.Case(this=self._last(len(form), 1), ifs=[minus], default=self._double(1.0))
            minutes = exp.Paren(this=self._in_minutes(hour, minute))
            signed = exp.Mul(this=sign, expression=minutes)
            found.append("ifs", exp.If(this=self._ends([form]), true=signed))
        return found

    def _in_minutes(self, hour: exp.Expr, minute: exp.Expr) -> exp.Expr:
        hours = exp.Paren(this=exp.Mul(this=self._double(60.0), expression=hour))
        return exp.Add(this=hours, expression=minute)

    def _month(self, piece: exp.Expr) -> exp.Expr:
        """Tell a month by the first letters of its name: to some patterns A to Z is more."""
        target = self._target
        names = [
            exp.If(
                this=idioms.comparable(exp.Literal.string(name[:SHORT]), target),
                true=self._double(float(number)),
            )
            for number, name in enumerate(MONTH_NAMES, 1)
        ]
        return exp.Case(this=idioms.comparable(exp.Lower(this=piece), target), ifs=names)

    def _full_year(self, piece: exp.Expr) -> exp.Expr:
        year = self._number(piece)
        pivot = self._double(float(FIRST_YEAR % 100))
        this_century = exp.Add(this=year.copy(), expression=self._double(1900.0))
        late = exp.If(this=exp.GTE(this=year.copy(), expression=pivot), true=this_century)
        return exp.Case(ifs=[late], default=exp.Add(this=year, expression=self._double(2000.0)))

    def _piece(self, start: exp.Expr, width: int) -> exp.Expr:
        return exp.Substring(this=self._text.copy(), start=start, length=exp.Literal.number(width))

    def _last(self, back: int, width: int) -> exp.Expr:
        """Take letters so many from the end of a text that a pattern found to be of ASCII."""
        length = exp.Length(this=self._text.copy())
        if back == 1:
            return self._piece(length, width)
        start = exp.Sub(this=length, expression=exp.Literal.number(back - 1))
        return self._piece(start, width)

    def _number(self, piece: exp.Expr) -> exp.Expr:
        return idioms.cast_double(piece, self._target, fails=not self._target.tries_casts)

    def _double(self, value: float) -> exp.Expr:
        return idioms.double_literal(value, self._target)

    def _begins(self, layouts: Iterable[Layout]) -> exp.Expr:
        """Ask whether the text is a date in one of these layouts, and a time of day at most."""
        if self._target.globs:
            shapes = [_glob(layout.shape) for layout in layouts]
            return self._any(
                [
                    *map(self._glob, shapes),
                    self._and_behind([f"{shape}[ T]*" for shape in shapes]),
                ]
            )
        return self._matches(f"^{_among(layout.shape for layout in layouts)}([ T][{BEHIND}]*)?")

    def _begins_timed(self, layouts: Iterable[tuple[Layout, str]]) -> exp.Expr:
        """Ask whether a time of day is behind the date, its hours written so."""
        if self._target.globs:
            return self._and_behind(
                [f"{_glob(layout.shape)}[ T]{_glob(hours)}*" for layout, hours in layouts]
            )
        shapes = f"{_among(layout.shape for layout, _ in layouts)}[ T]"
        clock = _among(hours for _, hours in layouts)
        return self._matches(f"^{shapes}{clock}[{BEHIND}]*")

    def _ends(self, forms: Sequence[str]) -> exp.Expr:
        """Ask whether the text, a date and time, ends in one of these forms."""
        if self._target.globs:
            return self._any(self._glob(f"*{_glob(form)}") for form in forms)
        return self._matches(f"^[{BEHIND}]*{_among(forms)}")

    def _and_behind(self, globs: Sequence[str]) -> exp.Expr:
        begins = self._any(map(self._glob, globs))
        odd = exp.Not(this=self._glob(f"*[^{BEHIND}]*"))
        return exp.Paren(this=exp.And(this=exp.Paren(this=begins), expression=odd))

    def _glob(self, pattern: str) -> exp.Expr:
        return exp.Glob(this=self._text.copy(), expression=exp.Literal.string(pattern))

    def _any(self, conditions: Iterable[exp.Expr]) -> exp.Expr:
        return reduce(lambda left, right: exp.Or(this=left, expression=right), conditions)

    def _matches(self, pattern: str) -> exp.Expr:
        return idioms.matches(self._text.copy(), pattern, self._target)


def _among(shapes: Iterable[str]) -> str:
    """Write shapes as a regular expression."""
    found = list(dict.fromkeys(map(_regex, shapes)))
    return found[0] if len(found) == 1 else f"({'|'.join(found)})"


def _regex(shape: str) -> str:
    """Write a shape as a regular expression without a backslash."""

    def write(run: re.Match[str]) -> str:
        letter, times = run[0][0], len(run[0])
        one = {"0": "[0-9]", "A": "[A-Za-z]", ".": "[.]", "+": "[+-]"}.get(letter)
        if one is None:
            return run[0]
        return one if times == 1 else f"{one}{{{times}}}"

    return re.sub(r"(.)\1*", write, shape)


def _glob(shape: str) -> str:
    """Write a shape as a pattern of GLOB."""
    return "".join({"0": "[0-9]", "A": "[A-Za-z]", "+": "[+-]"}.get(c, c) for c in shape)
