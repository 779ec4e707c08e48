"""A judgement from outside: a factor for each lead, asked of a language model, and why."""
