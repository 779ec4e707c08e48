"""What a judgement from outside needs beside the core: the libraries of `leadweights[rerank]`."""

from collections.abc import Iterator
from contextlib import contextmanager

from leadweights.errors import UnsupportedError


@contextmanager
def explain_absent() -> Iterator[None]:
    """Raise UnsupportedError where a library is imported that is not there."""
    try:
        yield
    except ModuleNotFoundError as problem:
        if (problem.name or "").split(".")[0] not in ("openai", "httpx2", "redis"):
            raise
        raise UnsupportedError(
            f'a judgement from outside needs {problem.name}: pip install "leadweights[rerank]"'
        ) from None
