"""The night list in a talk: never its content, only the page where it stands, for this one colleague."""

from crisispool.conversations.engine import After, Place, Turn, go, to_start, want
from crisispool.conversations.intents import MakeLink
from crisispool.conversations.vocabulary import (
    Choice,
    Link,
    Outcome,
    Refused,
    Say,
    Screen,
    Session,
    Situation,
)


def open_list(session: Session, list_id: str) -> Turn:
    """Ask for a page with this list."""
    return want(session, MakeLink("night_list", list_id), "paper.linked")


def _linked(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    if isinstance(outcome, Refused):
        return to_start(session, Say(f"refusal.{outcome.code}", outcome.facts))
    return go(session, "paper.list", url=outcome.answer["url"])


def _show(session: Session, situation: Situation) -> Screen:
    links = (Link("link.night_list", session.memory["url"]),)
    return Screen("paper.list", choices=(Choice("menu", "paper.choice.menu"),), links=links)


def _take(session: Session, code: str, situation: Situation) -> Turn:
    return to_start(session)


def _leave(session: Session, situation: Situation) -> Turn:
    return to_start(session)


PLACES: dict[str, Place] = {"paper.list": Place(_show, _take, back=_leave, stop=_leave)}

AFTER: dict[str, After] = {"paper.linked": _linked}
