"""What pages need beside the core: the libraries of `leadweights[report]`."""

from collections.abc import Iterator
from contextlib import contextmanager

from leadweights.errors import UnsupportedError

_LIBRARIES = ("jinja2", "markupsafe", "matplotlib")


@contextmanager
def explain_absent(what: str) -> Iterator[None]:
    """Raise UnsupportedError where `what` is imported and a library of its page is not there."""
    try:
        yield
    except ModuleNotFoundError as problem:
        if (problem.name or "").split(".")[0] not in _LIBRARIES:
            raise
        raise UnsupportedError(
            f'the {what} needs {problem.name}: pip install "leadweights[report]"'
        ) from None
