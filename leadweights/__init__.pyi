from .decisions.choosing import calibrate, decide, threshold
from .errors import LeadweightsError
from .learn.compare import compare, cross_validated
from .learn.fit import columns, fit
from .learn.learning import fit_model, queries
from .model.file import load, save
from .model.model import ScoringModel
from .prove.golden import golden_sql
from .prove.parity import verify
from .reports.html.gather import report
from .reports.weights import weights
from .scoring.check_input import check_input
from .scoring.score import score, score_to_file
from .sql.render import expression, render

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
    "golden_sql",
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
