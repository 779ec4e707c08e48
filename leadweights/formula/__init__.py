"""How to compute: nodes, the stages of a model, numpy."""
