"""Where people already work: a model as files of their tools, and as a scikit-learn estimator."""
