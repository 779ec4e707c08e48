"""The circuit breaker, by a clock that the test moves."""

from leadweights.scoring.adjusting.breaker import Breaker


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_after_failures_in_a_row_nobody_is_asked_until_the_rest_is_over() -> None:
    clock = Clock()
    breaker = Breaker(3, 10.0, clock)
    for _ in range(2):
        assert breaker.lets_through()
        breaker.fail()
    breaker.succeed()  # what went well in between begins the row anew
    for _ in range(3):
        assert breaker.lets_through()
        breaker.fail()
    assert not breaker.lets_through()
    clock.now = 9.9
    assert not breaker.lets_through()
    clock.now = 10.0
    assert breaker.lets_through()


def test_one_call_tries_and_decides_for_all() -> None:
    clock = Clock()
    breaker = Breaker(1, 10.0, clock)
    breaker.fail()
    clock.now = 10.0
    assert breaker.lets_through()
    assert not breaker.lets_through()
    breaker.fail()
    clock.now = 19.9
    assert not breaker.lets_through()
    clock.now = 20.0
    assert breaker.lets_through()
    breaker.succeed()
    assert breaker.lets_through()
    assert breaker.lets_through()
