"""The small talk about the language, asked for at any screen by its word; the talk before it waits meanwhile."""

from crisispool.conversations.engine import LANGUAGE_ASKED, After, Place, Turn, to_start, want
from crisispool.conversations.intents import ReadLanguage
from crisispool.conversations.questions import options
from crisispool.conversations.vocabulary import Outcome, Refused, Say, Screen, Session, Situation
from crisispool.domain.language import LANGUAGES


def _show(session: Session, situation: Situation) -> Screen:
    return Screen(LANGUAGE_ASKED, choices=options("language", *LANGUAGES))


def _take(session: Session, code: str, situation: Situation) -> Turn:
    return want(session, ReadLanguage(code), "language.chosen")


def _read(session: Session, text: str, situation: Situation) -> Turn | None:
    """Two letters do as well."""
    code = text.casefold()
    return want(session, ReadLanguage(code), "language.chosen") if code in LANGUAGES else None


def chosen(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """Said in the new language, and then on with what waited."""
    if isinstance(outcome, Refused):
        return to_start(session, Say(f"refusal.{outcome.code}", outcome.facts))
    return to_start(session, Say("language.chosen"))


PLACES: dict[str, Place] = {
    LANGUAGE_ASKED: Place(_show, _take, back=lambda session, situation: to_start(session), read=_read),
}

AFTER: dict[str, After] = {"language.chosen": chosen}
