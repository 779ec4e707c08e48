"""Commands run in this process, as quickly as they can."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from click.testing import CliRunner, Result

from leadweights.cli.main import main
from leadweights.learn.recipe import Limits
from tests.support.learning import QUICK


def invoke(words: Sequence[str], *, limits: Limits = QUICK, **how: Any) -> Result:
    """Run `leadweights` with these words; what it learns, compares and resamples has `limits`."""
    return CliRunner().invoke(main, words, obj=limits, **how)
