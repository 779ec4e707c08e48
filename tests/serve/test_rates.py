"""How often a caller may ask: windows that slide, by hand arithmetic; no thread, nothing left."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

import leadweights as lw
from leadweights.serve.rates import Rates


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_what_the_last_window_had_counts_for_the_share_that_is_in_sight() -> None:
    clock = Clock()
    rates = Rates("10/minute", clock=clock)
    clock.now = 60.0 * 20
    assert [rates.count("a") for _ in range(11)] == [0] * 10 + [61]
    clock.now += 75  # a quarter of the next minute: 7.5 of the ten are in sight
    assert [rates.count("a") for _ in range(4)] == [0, 0, 0, 4]
    # 3 of this minute and less than 7 of the last: after 18 s of it, 3 from now.
    clock.now += 2.9
    assert rates.count("a") == 1
    clock.now += 0.2
    assert rates.count("a") == 0
    assert rates.count("b") == 0  # another caller
    clock.now += 120
    assert [rates.count("a") for _ in range(11)][:10] == [0] * 10


@given(
    st.sampled_from(["1/second", "3/second", "7/2 second", "5/minute"]),
    st.lists(st.floats(0, 3) | st.sampled_from([0.0, 0.5, 1.0]), max_size=60),
)
def test_after_the_time_that_is_told_there_is_room(text: str, pauses: list[float]) -> None:
    clock = Clock()
    rates = Rates(text, clock=clock)
    for pause in pauses:
        clock.now += pause
        wait = rates.count("a")
        if wait:
            assert rates.count("a") == wait  # what was refused is not counted
            clock.now += wait
            assert rates.count("a") == 0


@given(st.lists(st.floats(0, 0.4), min_size=1, max_size=200))
def test_no_window_has_more_than_it_may(pauses: list[float]) -> None:
    clock = Clock()
    rates, counts = Rates("4/second", clock=clock), dict[int, int]()
    for pause in pauses:
        clock.now += pause
        if not rates.count("a"):
            second = int(clock.now)
            counts[second] = counts.get(second, 0) + 1
    assert max(counts.values()) <= 4


def test_of_several_limits_each_counts() -> None:
    clock = Clock()
    rates = Rates("2/second;3/minute", clock=clock)
    assert [rates.count("a") > 0 for _ in range(3)] == [False, False, True]
    clock.now += 2
    assert rates.count("a") == 0
    assert rates.count("a") > 2


def test_callers_who_have_gone_leave_nothing_and_no_thread_looks_for_them() -> None:
    before = threading.active_count()
    clock = Clock()
    rates = Rates("5/second", clock=clock)
    for number in range(1000):
        rates.count(f"caller {number}")
    assert threading.active_count() == before
    clock.now += 2
    rates.count("somebody")
    (window,) = rates._windows
    assert len(window._now) + len(window._before) == 1


@pytest.mark.parametrize("text", ["", "often", "0/second", "-1/second", "1/second;x"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(lw.UnsupportedError, match="is no rate, such as 200/second"):
        Rates(text)
