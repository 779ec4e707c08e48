"""Long work in a thread of its own, so that neither Ctrl-C nor a progress bar waits for it."""

from collections.abc import Callable
from threading import Event, Thread
from threading import enumerate as threads
from typing import TypeVar

Result = TypeVar("Result")

_LOOK_SECONDS = 0.1
# DuckDB breaks off a query within 0.3 s, but not while it finds out the types of a text file.
_GRACE_SECONDS = 0.5
_NAME = "leadweights-work"


def finish(
    work: Callable[[], Result],
    stop: Callable[[], object],
    look: Callable[[], object] | None = None,
) -> Result:
    """Do `work` in another thread; return what it returns, raise what it raises.

    `look` is called ten times a second meanwhile. What is raised here in that time, such as
    KeyboardInterrupt, stops the work by calling `stop`; work that does not heed that within
    half a second is left to itself.
    """
    done = Event()
    results: list[Result] = []
    problems: list[BaseException] = []

    def do() -> None:
        try:
            results.append(work())
        except BaseException as problem:  # raised again where it is waited for
            problems.append(problem)
        finally:
            done.set()

    Thread(target=do, name=_NAME, daemon=True).start()
    try:
        while not done.wait(_LOOK_SECONDS):
            if look is not None:
                look()
    except BaseException:
        stop()
        done.wait(_GRACE_SECONDS)
        raise
    if problems:
        raise problems[0]
    return results[0]


def still_working() -> bool:
    """Tell whether there is work that was left to itself and is not done yet."""
    return any(thread.name == _NAME for thread in threads())
