"""Results that people look at: what they show is the reports' to say, which know them all."""

from collections.abc import Callable
from typing import ClassVar


class Shown:
    """A result that shows in a few lines what its report says; in a notebook as HTML.

    `shown_by` writes the text of a result, or its HTML. Reports stand above all results, so the
    package itself, which knows both, sets it.
    """

    __slots__ = ()
    shown_by: ClassVar[Callable[[object, bool], str]]

    def __repr__(self) -> str:
        return type(self).shown_by(self, False)

    def _repr_html_(self) -> str:
        return type(self).shown_by(self, True)
