"""A model as files of other tools, one module a target; a scikit-learn estimator."""

import lazy_loader

# `lw.mlflow` is a module, found when it is first asked for.
__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, submodules=["mlflow"])
