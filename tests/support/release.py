"""How much random tests draw: a part of it on every commit, all of it before a release."""

import os

MODELS = int(os.environ.get("LEADWEIGHTS_MODELS", "12"))
"""Random models on each engine; LEADWEIGHTS_MODELS=1000 is a release run."""

RELEASE = MODELS >= 1000
