"""A model as a module of JavaScript with its types, for a web form of one's own."""

from pathlib import Path

from leadweights.files.remote import as_path
from leadweights.files.write import write_text
from leadweights.formula.javascript import render_javascript
from leadweights.formula.javascript_types import render_types
from leadweights.model.model import ScoringModel

MODULE, TYPES = "lead-score.js", "lead-score.d.ts"


def export_javascript(model: ScoringModel, *, output: str | Path | None = None) -> dict[str, str]:
    """Write a module that scores one lead, and its types: texts by their path, into `output`.

    The module needs nothing else, and the same model gives the same bytes: see `lead-score.d.ts`.
    Raises UnsupportedError for a model that is too large.
    """
    files = {MODULE: render_javascript(model), TYPES: render_types(model)}
    if output is not None:
        write_text({as_path(output) / path: text for path, text in files.items()})
    return files
