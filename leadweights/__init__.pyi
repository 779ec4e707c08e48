from .decisions.apply import decide
from .decisions.asks import Capacity, Precision, Profit, QueueRate, Recall
from .decisions.calibrate import calibrate
from .decisions.threshold import threshold
from .errors import LeadweightsError
from .learn.compare import compare, cross_validate
from .learn.fit import columns, fit, fit_model
from .learn.queries import learning_queries
from .learn.recipe import Forward, Groups, InMemory, OnDisk, Random, Recipe, Warehouse
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
    "Capacity",
    "Forward",
    "Groups",
    "InMemory",
    "LeadweightsError",
    "OnDisk",
    "Precision",
    "Profit",
    "QueueRate",
    "Random",
    "Recall",
    "Recipe",
    "ScoringModel",
    "Warehouse",
    "calibrate",
    "check_input",
    "columns",
    "compare",
    "cross_validate",
    "decide",
    "expression",
    "fit",
    "fit_model",
    "golden_sql",
    "learning_queries",
    "load",
    "render",
    "report",
    "save",
    "score",
    "score_to_file",
    "threshold",
    "verify",
    "weights",
]
