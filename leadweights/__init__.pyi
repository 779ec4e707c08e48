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
    StoreError,
    TableError,
    UnheldError,
    UnsupportedError,
)
from .integrations.crm import CrmRows, score_for_crm
from .integrations.dbt import export_dbt
from .integrations.sklearn import LeadScorer
from .integrations.xlsx import export_xlsx
from .learn.adopted.adopt import Adopted, adopt
from .learn.compare import Comparison, Folds, compare, cross_validate
from .learn.fit import Fit, columns, fit, fit_model, learning_queries
from .learn.prepare.columns import Decision
from .learn.prepare.leakage import Suspect
from .learn.recipe import Forward, Groups, InMemory, OnDisk, Random, Recipe, Warehouse
from .lifecycle.audit import append_audit, verify_audit
from .lifecycle.keys import TrainingKeys, read_keys_of, read_secret
from .lifecycle.lint import lint
from .lifecycle.people import (
    Erasure,
    Retention,
    apply_retention,
    erase,
    export_person,
    record_outcomes,
)
from .lifecycle.registry import activate, push, retire, rollback
from .lifecycle.scores import ScoreRun, score_to_store
from .lifecycle.store import Active, Store, Version, init_store, open_store
from .lifecycle.trail import Line, Trail
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
    "Active",
    "Adopted",
    "Capacity",
    "Comparison",
    "CrmRows",
    "Decision",
    "DictionaryError",
    "EngineError",
    "Erasure",
    "File",
    "Fit",
    "Folds",
    "Forward",
    "Groups",
    "InMemory",
    "InputCheck",
    "LeadScorer",
    "LeadweightsError",
    "Line",
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
    "Retention",
    "ScoreRun",
    "ScoringModel",
    "Store",
    "StoreError",
    "Suspect",
    "TableError",
    "Trail",
    "TrainingKeys",
    "UnheldError",
    "UnsupportedError",
    "Version",
    "Warehouse",
    "Weight",
    "activate",
    "adopt",
    "append_audit",
    "apply_retention",
    "calibrate",
    "check_input",
    "check_table",
    "columns",
    "compare",
    "cross_validate",
    "decide",
    "erase",
    "export_dbt",
    "export_person",
    "export_xlsx",
    "expression",
    "fit",
    "fit_model",
    "golden_sql",
    "init_store",
    "learning_queries",
    "lint",
    "load",
    "open_store",
    "push",
    "read_keys_of",
    "read_secret",
    "record_outcomes",
    "render",
    "report",
    "retire",
    "rollback",
    "save",
    "score",
    "score_for_crm",
    "score_to_file",
    "score_to_store",
    "threshold",
    "verify",
    "verify_audit",
    "weights",
]
