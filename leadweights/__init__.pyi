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
from .learn.adopted.adopt import Adopted, adopt
from .learn.compare import Comparison, Folds, compare, cross_validate
from .learn.fit import Fit, columns, fit, fit_model, learning_queries
from .learn.prepare.columns import Decision
from .learn.prepare.leakage import Suspect
from .learn.recipe import Forward, Groups, InMemory, OnDisk, Random, Recipe, Warehouse
from .lifecycle.monitor import Monitor, monitor
from .lifecycle.monitor_sql import drift_sql, gate_sql
from .lifecycle.prove_monitor import MonitorProof, verify_monitor
from .model.baseline import Baseline, load_baseline, save_baseline
from .model.file import load, save
from .model.model import ScoringModel
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
    "Baseline",
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
    "LeadweightsError",
    "ModelError",
    "Monitor",
    "MonitorProof",
    "OnDisk",
    "OutputError",
    "Parity",
    "ParityError",
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
    "drift_sql",
    "expression",
    "fit",
    "fit_model",
    "gate_sql",
    "golden_sql",
    "learning_queries",
    "load",
    "load_baseline",
    "monitor",
    "render",
    "report",
    "save",
    "save_baseline",
    "score",
    "score_to_file",
    "threshold",
    "verify",
    "verify_monitor",
    "weights",
]
