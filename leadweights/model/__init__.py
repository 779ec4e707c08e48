"""What was learnt, as frozen data and as model.json."""
