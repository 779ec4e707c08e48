from .decisions.apply import decide
from .decisions.asks import Capacity, Precision, Profit, QueueRate, Recall
from .decisions.calibrate import calibrate
from .decisions.threshold import threshold
from .errors import (
    CloudError,
    DictionaryError,
    EngineError,
    GatesError,
    LeadweightsError,
    ModelError,
    OutputError,
    ParityError,
    PlanError,
    StoreError,
    TableError,
    TokenError,
    UnheldError,
    UnsupportedError,
)
from .formula.promises import Promise
from .integrations import mlflow
from .integrations.airflow import export_airflow
from .integrations.azureml import export_azureml
from .integrations.crm import CrmRows, score_for_crm
from .integrations.dbt import export_dbt
from .integrations.dvc import export_dvc
from .integrations.github import export_github
from .integrations.javascript import export_javascript
from .integrations.mlflow import export_mlflow
from .integrations.sklearn import LeadScorer
from .integrations.xlsx import export_xlsx
from .learn.adopted.adopt import Adopted, adopt
from .learn.compare import Comparison, Folds, compare, cross_validate
from .learn.fit import Fit, columns, fit, fit_model, learning_queries
from .learn.prepare.columns import Decision
from .learn.prepare.leakage import Suspect
from .learn.recipe import (
    Forward,
    Groups,
    InMemory,
    Limits,
    OnDisk,
    Random,
    Recipe,
    Warehouse,
)
from .lifecycle.challenger.challenge import Challenge, challenge
from .lifecycle.challenger.diff import Change, Difference, diff
from .lifecycle.challenger.gates import Gates
from .lifecycle.experiments.arms import assign_arms
from .lifecycle.experiments.experiment import (
    Experiment,
    ExperimentPlan,
    plan_experiment,
    read_experiment,
)
from .lifecycle.lint import lint
from .lifecycle.monitoring.monitor import Monitor, monitor
from .lifecycle.monitoring.prove import MonitorProof, verify_monitor
from .lifecycle.monitoring.sql import drift_sql, gate_sql
from .lifecycle.outcomes.merge import Merged, merge_outcomes
from .lifecycle.relearn import relearn
from .lifecycle.retrain import Retrained, retrain
from .lifecycle.store.audit import append_audit, verify_audit
from .lifecycle.store.keys import TrainingKeys, read_keys_of, read_secret
from .lifecycle.store.outcomes import record_outcomes
from .lifecycle.store.people import (
    Erasure,
    Retention,
    apply_retention,
    erase,
    export_person,
)
from .lifecycle.store.registry import activate, push, retire, rollback
from .lifecycle.store.scores import ScoreRun, score_to_store
from .lifecycle.store.store import Active, Store, Version, init_store, open_store
from .lifecycle.store.trail import Line, Trail
from .model.baseline import Baseline, load_baseline, save_baseline
from .model.file import load, save
from .model.model import ScoringModel
from .model.personal import PersonalData
from .prove.golden import golden_sql
from .prove.parity import Parity, verify
from .reports.html.gather import report
from .reports.packet import write_packet
from .reports.weights import Weight, weights
from .scoring.adjusting.adjust import Adjustments, adjust
from .scoring.adjusting.ask import Endpoint
from .scoring.adjusting.evaluate import AdjustmentEffect, evaluate_adjustment
from .scoring.check_input import InputCheck, check_input
from .scoring.check_table import check_table
from .scoring.score import score, score_to_file
from .serve.app import make_app
from .serve.service import Service
from .serve.tokens import Token, add_token, read_tokens, revoke_token
from .sql.render import expression, render
from .tables.file import File

__all__ = [
    "Active",
    "AdjustmentEffect",
    "Adjustments",
    "Adopted",
    "Baseline",
    "Capacity",
    "Challenge",
    "Change",
    "CloudError",
    "Comparison",
    "CrmRows",
    "Decision",
    "DictionaryError",
    "Difference",
    "Endpoint",
    "EngineError",
    "Erasure",
    "Experiment",
    "ExperimentPlan",
    "File",
    "Fit",
    "Folds",
    "Forward",
    "Gates",
    "GatesError",
    "Groups",
    "InMemory",
    "InputCheck",
    "LeadScorer",
    "LeadweightsError",
    "Limits",
    "Line",
    "Merged",
    "ModelError",
    "Monitor",
    "MonitorProof",
    "OnDisk",
    "OutputError",
    "Parity",
    "ParityError",
    "PersonalData",
    "PlanError",
    "Precision",
    "Profit",
    "Promise",
    "QueueRate",
    "Random",
    "Recall",
    "Recipe",
    "Retention",
    "Retrained",
    "ScoreRun",
    "ScoringModel",
    "Service",
    "Store",
    "StoreError",
    "Suspect",
    "TableError",
    "Token",
    "TokenError",
    "Trail",
    "TrainingKeys",
    "UnheldError",
    "UnsupportedError",
    "Version",
    "Warehouse",
    "Weight",
    "activate",
    "add_token",
    "adjust",
    "adopt",
    "append_audit",
    "apply_retention",
    "assign_arms",
    "calibrate",
    "challenge",
    "check_input",
    "check_table",
    "columns",
    "compare",
    "cross_validate",
    "decide",
    "diff",
    "drift_sql",
    "erase",
    "evaluate_adjustment",
    "export_airflow",
    "export_azureml",
    "export_dbt",
    "export_dvc",
    "export_github",
    "export_javascript",
    "export_mlflow",
    "export_person",
    "export_xlsx",
    "expression",
    "fit",
    "fit_model",
    "gate_sql",
    "golden_sql",
    "init_store",
    "learning_queries",
    "lint",
    "load",
    "load_baseline",
    "make_app",
    "merge_outcomes",
    "mlflow",
    "monitor",
    "open_store",
    "plan_experiment",
    "push",
    "read_experiment",
    "read_keys_of",
    "read_secret",
    "read_tokens",
    "record_outcomes",
    "relearn",
    "render",
    "report",
    "retire",
    "retrain",
    "revoke_token",
    "rollback",
    "save",
    "save_baseline",
    "score",
    "score_for_crm",
    "score_to_file",
    "score_to_store",
    "threshold",
    "verify",
    "verify_audit",
    "verify_monitor",
    "weights",
    "write_packet",
]
