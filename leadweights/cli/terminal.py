"""Long work at a terminal: a progress bar, and an orderly end by Ctrl-C or SIGTERM."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from shutil import get_terminal_size

import click

from leadweights.errors.shown import show
from leadweights.files.temporary import remove_held_folders
from leadweights.tables.cancellable import still_working

_STEPS = 1000
_CLEARED = "\r\033[K"
_TIMINGS = f"{__name__}.timings"


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


class _Line:
    """One line of a terminal that says what is being done, once it is to be seen."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._words = ""
        self._seen = False

    def tell(self, words: str) -> None:
        """Say what is being done from now on."""
        with self._lock:
            self._words = words
            self._draw()

    def see(self, seen: bool) -> None:
        """Draw the line from now on, or take it away for good."""
        with self._lock:
            if self._seen and not seen:
                click.echo(_CLEARED, err=True, nl=False)
            self._seen = seen
            self._draw()

    def _draw(self) -> None:
        if self._seen and self._words:
            # A line that wraps could not be taken away.
            widest = max(20, get_terminal_size().columns - 1)
            click.echo(_CLEARED + show(self._words)[:widest], err=True, nl=False)


class Timings:
    """Where a command's time goes, by what it says it does; the seconds and those of processors."""

    def __init__(self) -> None:
        self._stage = "starting, with imports"
        self._spent: dict[str, tuple[float, float]] = {}
        self._at = _read_clocks()

    def begin(self, words: str) -> None:
        """Say what is done from now on; how far it is, behind a comma or a number, is left out."""
        now, before = _read_clocks(), self._spent.get(self._stage, (0.0, 0.0))
        wall, processors = (then + b - a for then, a, b in zip(before, self._at, now, strict=True))
        self._spent[self._stage] = wall, processors
        self._stage, self._at = re.split(r",| \d", words)[0], now

    def follow(self, progress: Callable[[str], None]) -> Callable[[str], None]:
        """Hear what a line is told."""

        def tell(words: str) -> None:
            self.begin(words)
            progress(words)

        return tell

    def table(self) -> str:
        """Write a line for each stage, in order of time, and one for all."""
        self.begin("")
        whole = sum(wall for wall, _ in self._spent.values()) or 1.0
        lines = [f"{'seconds':>8}{'share':>7}{'processors':>12}"]
        for stage, (wall, processors) in [
            *self._spent.items(),
            ("in all", tuple(map(sum, zip(*self._spent.values(), strict=True)))),
        ]:
            lines.append(f"{wall:8.2f}{wall / whole:7.0%}{processors:12.2f}  {show(stage)}")
        return "\n".join(lines)


def _begin_timings(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked:
        context.meta[_TIMINGS] = context.with_resource(_tell_timings())


@contextmanager
def _tell_timings() -> Iterator[Timings]:
    """Print the times at the end of a command; nothing beside the line of an error."""
    times = Timings()
    yield times
    click.echo(times.table(), err=True)


timings_option = click.option(
    "--timings",
    is_flag=True,
    expose_value=False,
    callback=_begin_timings,
    help="Print on stderr where the time went.",
)


def _read_clocks() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


@contextmanager
def line(*, after: float = 1.0) -> Iterator[Callable[[str], None]]:
    """Say on stderr `after` so many seconds what is being done; nothing if no terminal.

    With `timings_option` how long it takes is noted, too.
    """
    context = click.get_current_context(silent=True)
    times: Timings | None = context.meta.get(_TIMINGS) if context else None
    with _drawn(after) as progress:
        yield times.follow(progress) if times else progress
    if times:
        times.begin("writing")


@contextmanager
def _drawn(after: float) -> Iterator[Callable[[str], None]]:
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda _: None
        return
    drawn = _Line()
    # What takes long may say so at once and then nothing more: a clock of its own draws it.
    clock = threading.Timer(after, drawn.see, [True])
    clock.daemon = True
    clock.start()
    try:
        yield drawn.tell
    finally:
        clock.cancel()
        clock.join()
        drawn.see(False)


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
        end_at_work(code)
        raise SystemExit(code) from None
    finally:
        signal.signal(signal.SIGTERM, before)


def end_at_work(code: int) -> None:
    """End the process if there is work that was left to itself; else do nothing.

    It is a thread in DuckDB: Python's own end would complain of it in many lines, or crash.
    """
    if still_working():
        remove_held_folders()
        os._exit(code)
