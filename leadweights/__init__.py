"""Learn lead-scoring weights, ship them as one SQL SELECT, prove the two equal, bit for bit.

Each name is imported when it is first used: the command line answers without scikit-learn.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leadweights.checking import check_input
    from leadweights.choosing import calibrate, decide, threshold
    from leadweights.comparing import compare, cross_validated
    from leadweights.errors import LeadweightsError
    from leadweights.fitting import columns, fit
    from leadweights.golden_rows import golden
    from leadweights.learning import fit_model, queries
    from leadweights.model import ScoringModel
    from leadweights.model_file import load, save
    from leadweights.prove import verify
    from leadweights.reporting import report
    from leadweights.scoring import score, score_to_file
    from leadweights.statement import expression, render
    from leadweights.weight_list import weights

__all__ = [
    "LeadweightsError",
    "ScoringModel",
    "calibrate",
    "check_input",
    "columns",
    "compare",
    "cross_validated",
    "decide",
    "expression",
    "fit",
    "fit_model",
    "golden",
    "load",
    "queries",
    "render",
    "report",
    "save",
    "score",
    "score_to_file",
    "threshold",
    "verify",
    "weights",
]

# No room has the name of a public function: importing it would put the room in its place.
_ROOMS = {
    "LeadweightsError": "errors",
    "ScoringModel": "model",
    "calibrate": "choosing",
    "check_input": "checking",
    "columns": "fitting",
    "compare": "comparing",
    "cross_validated": "comparing",
    "decide": "choosing",
    "expression": "statement",
    "fit": "fitting",
    "fit_model": "learning",
    "golden": "golden_rows",
    "load": "model_file",
    "queries": "learning",
    "render": "statement",
    "report": "reporting",
    "save": "model_file",
    "score": "scoring",
    "score_to_file": "scoring",
    "threshold": "choosing",
    "verify": "prove",
    "weights": "weight_list",
}


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module 'leadweights' has no attribute {name!r}")
    return getattr(import_module(f"leadweights.{_ROOMS[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
