"""Long work at a terminal: a progress bar, and an orderly end by Ctrl-C or SIGTERM."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import click

from leadweights.files.temporary import remove_held_folders
from leadweights.tables.cancellable import still_working

_STEPS = 1000


class _Terminated(BaseException):
    """SIGTERM came."""


@contextmanager
def bar(label: str, *, after: float = 1.0) -> Iterator[Callable[[float], None] | None]:
    """Draw the share of the work done on stderr `after` so many seconds; None if no terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    began = time.monotonic()
    with ExitStack() as stack:
        shown = click.progressbar(length=_STEPS, label=label, show_eta=False, file=sys.stderr)
        drawn = False

        def progress(share: float) -> None:
            nonlocal drawn
            if not drawn and time.monotonic() - began >= after:
                stack.enter_context(shown)
                drawn = True
            if drawn:
                shown.update(round(share * _STEPS) - shown.pos)

        yield progress
        if drawn:
            progress(1.0)


@contextmanager
def line() -> Iterator[Callable[[str], None]]:
    """Say on stderr what is being done, one thing at a time in one line; nothing if no terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda _: None
        return
    try:
        yield lambda words: click.echo(f"\r\033[K{words}", err=True, nl=False)
    finally:
        click.echo("\r\033[K", err=True, nl=False)


@contextmanager
def end_cleanly() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM take away what is unfinished: one line, exit 130 or 143."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def terminate(_number: int, _frame: object) -> None:
        raise _Terminated

    before = signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    except (KeyboardInterrupt, _Terminated) as end:
        code = 128 + (signal.SIGTERM if isinstance(end, _Terminated) else signal.SIGINT)
        click.echo("Aborted!", err=True)
        if still_working():
            # A thread in DuckDB: Python's own end would complain of it in many lines.
            remove_held_folders()
            os._exit(code)
        raise SystemExit(code) from None
    finally:
        signal.signal(signal.SIGTERM, before)
