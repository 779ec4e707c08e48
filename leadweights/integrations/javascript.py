"""A model as a module of JavaScript with its types, for a web form of one's own."""

from leadweights.formula.javascript import render_javascript
from leadweights.formula.javascript_types import render_types
from leadweights.model.model import ScoringModel

MODULE, TYPES = "lead-score.js", "lead-score.d.ts"


def export_javascript(model: ScoringModel) -> dict[str, str]:
    """Write a module that scores one lead, without dependencies, and its types, by file name.

    The same model gives the same bytes. Raises UnsupportedError for a model that is too large.
    """
    return {MODULE: render_javascript(model), TYPES: render_types(model)}
