"""After a failure a server is left alone for a moment; then one caller tries."""

from datetime import timedelta

from crisispool.adapters.rest import Rest


class Seconds:
    """A measure of time that a test moves."""

    def __init__(self) -> None:
        self.passed = 0.0

    def __call__(self) -> float:
        return self.passed


def test_a_server_that_works_is_asked() -> None:
    assert not Rest().is_on()


def test_from_a_failure_on_nobody_tries_and_then_one_does() -> None:
    seconds = Seconds()
    rest = Rest(timedelta(seconds=3), seconds)
    rest.begin()
    assert [rest.is_on(), rest.is_on()] == [True, True]
    seconds.passed = 3
    assert [rest.is_on(), rest.is_on(), rest.is_on()] == [False, True, True]
    seconds.passed = 5.9
    assert rest.is_on()
    seconds.passed = 6
    assert [rest.is_on(), rest.is_on()] == [False, True]


def test_when_something_works_again_everybody_may_ask() -> None:
    seconds = Seconds()
    rest = Rest(timedelta(seconds=3), seconds)
    rest.begin()
    rest.end()
    assert [rest.is_on(), rest.is_on()] == [False, False]
