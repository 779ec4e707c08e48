"""Long work in a thread of its own, so that neither Ctrl-C nor a progress bar waits for it."""

from collections.abc import Callable
from concurrent.futures import Future, wait
from threading import Thread
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
    future: Future[Result] = Future()

    def do() -> None:
        try:
            future.set_result(work())
        except BaseException as problem:  # raised again where it is waited for
            future.set_exception(problem)

    Thread(target=do, name=_NAME, daemon=True).start()
    try:
        while not wait([future], _LOOK_SECONDS).done:
            if look is not None:
                look()
    except BaseException:
        stop()
        wait([future], _GRACE_SECONDS)
        raise
    return future.result()


def still_working() -> bool:
    """Tell whether there is work that was left to itself and is not done yet."""
    return any(thread.name == _NAME for thread in threads())
