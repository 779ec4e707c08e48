from .decisions.apply import decide
from .decisions.asks import Capacity, Precision, Profit, QueueRate, Recall
from .decisions.calibrate import calibrate
from .decisions.threshold import threshold
from .errors import (
    DictionaryError,
    EngineError,
    LeadweightsError,
    ModelError,
    OutputError,
    ParityError,
    PlanError,
    TableError,
    UnheldError,
    UnsupportedError,
)
from .integrations.dbt import export_dbt
from .integrations.github import export_github
from .integrations.sklearn import LeadScorer
from .learn.adopted.adopt import Adopted, adopt
from .learn.compare import Comparison, Folds, compare, cross_validate
from .learn.fit import Fit, columns, fit, fit_model, learning_queries
from .learn.prepare.columns import Decision
from .learn.prepare.leakage import Suspect
from .learn.recipe import Forward, Groups, InMemory, OnDisk, Random, Recipe, Warehouse
from .lifecycle.lint import lint
from .model.file import load, save
from .model.model import ScoringModel
from .model.personal import PersonalData
from .prove.golden import golden_sql
from .prove.parity import Parity, verify
from .reports.html.gather import report
from .reports.weights import Weight, weights
from .scoring.check_input import InputCheck, check_input
from .scoring.check_table import check_table
from .scoring.score import score, score_to_file
from .sql.render import expression, render
from .tables.file import File

__all__ = [
    "Adopted",
    "Capacity",
    "Comparison",
    "Decision",
    "DictionaryError",
    "EngineError",
    "File",
    "Fit",
    "Folds",
    "Forward",
    "Groups",
    "InMemory",
    "InputCheck",
    "LeadScorer",
    "LeadweightsError",
    "ModelError",
    "OnDisk",
    "OutputError",
    "Parity",
    "ParityError",
    "PersonalData",
    "PlanError",
    "Precision",
    "Profit",
    "QueueRate",
    "Random",
    "Recall",
    "Recipe",
    "ScoringModel",
    "Suspect",
    "TableError",
    "UnheldError",
    "UnsupportedError",
    "Warehouse",
    "Weight",
    "adopt",
    "calibrate",
    "check_input",
    "check_table",
    "columns",
    "compare",
    "cross_validate",
    "decide",
    "export_dbt",
    "export_github",
    "expression",
    "fit",
    "fit_model",
    "golden_sql",
    "learning_queries",
    "lint",
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
