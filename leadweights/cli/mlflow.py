"""What `fit --mlflow` does: log what was found, and never fail by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadweights.cli.options import say, warn

if TYPE_CHECKING:
    from leadweights.learn.fit import Fit


def check_mlflow() -> None:
    """Raise UnsupportedError where there is no MLflow, before anything is learnt."""
    from leadweights.integrations.mlflow import check_installed

    check_installed()


def log_to_mlflow(found: Fit, name: str) -> None:
    """Log a fit; say where it is, or warn that it is not there."""
    from leadweights.integrations.mlflow import try_to_log

    uri, problem = try_to_log(found, name=name)
    if problem:
        warn([problem])
    else:
        say(f"logged to MLflow: {name}, model {str(uri).rpartition('/')[2]}")
