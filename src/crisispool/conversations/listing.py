"""A list to choose from: fetched anew whenever someone comes to look."""

from collections.abc import Callable
from typing import Any

from crisispool.conversations.engine import After, Leave, Turn, go, want
from crisispool.conversations.intents import Intent
from crisispool.conversations.vocabulary import Outcome, Refused, Say, Session, Situation


def fetching(intent: Intent, then: str) -> Leave:
    """Go and see."""
    return lambda session, situation: want(session, intent, then)


def arriving(at: str, name: str, picks: Callable[[Any], Any] = lambda answer: answer) -> After:
    """Show at `at` what was fetched, remembered as `name`; could it not be had, an empty list and why."""

    def after(session: Session, outcome: Outcome, situation: Situation) -> Turn:
        if isinstance(outcome, Refused):
            return go(session, at, Say(f"refusal.{outcome.code}", outcome.facts), **{name: []})
        return go(session, at, **{name: picks(outcome.answer)})

    return after
