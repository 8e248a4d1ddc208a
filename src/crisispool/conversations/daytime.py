"""A question by day: what was asked and how it ended, in two taps; who asked only when it was for another."""

from crisispool.conversations.engine import After, Place, Turn, go, to_start, want
from crisispool.conversations.intents_by_day import NoteQuestion, TakeBackQuestion
from crisispool.conversations.questions import options
from crisispool.conversations.vocabulary import Outcome, Refused, Say, Screen, Session, Situation
from crisispool.domain.daytime import AskerKind, QuestionKind, QuestionOutcome

ASKER, UNDO = "asker", "undo"


def open_questions(session: Session, situation: Situation) -> Turn:
    """The first of the two taps."""
    return go(session, "daytime.asked")


def _show_asked(session: Session, situation: Situation) -> Screen:
    asker = session.memory.get("asker", AskerKind.PERSON)
    # The last one stays in reach: a wrong tap is the most likely mistake here.
    more = (ASKER, UNDO) if session.memory.get("question_id") else (ASKER,)
    return Screen(
        "daytime.asked",
        {"asker": Say(f"choice.daytime_asker.{asker}").plain()},
        choices=(*options("daytime_kind", *QuestionKind), *options("daytime", *more)),
    )


def _take_asked(session: Session, code: str, situation: Situation) -> Turn:
    if code == ASKER:
        return go(session, "daytime.asker")
    if code == UNDO:
        return want(session, TakeBackQuestion(session.memory["question_id"]), "daytime.taken_back")
    return go(session, "daytime.ended", kind=code)


def _show_asker(session: Session, situation: Situation) -> Screen:
    return Screen("daytime.asker", choices=options("daytime_asker", *AskerKind))


def _take_asker(session: Session, code: str, situation: Situation) -> Turn:
    return go(session, "daytime.asked", asker=code)


def _show_ended(session: Session, situation: Situation) -> Screen:
    facts = {"kind": Say(f"choice.daytime_kind.{session.memory['kind']}").plain()}
    return Screen("daytime.ended", facts, choices=options("daytime_outcome", *QuestionOutcome))


def _take_ended(session: Session, code: str, situation: Situation) -> Turn:
    asker = session.memory.get("asker", AskerKind.PERSON)
    return want(session, NoteQuestion(session.memory["kind"], code, asker), "daytime.noted")


def noted(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """It counts, and the next one may come."""
    if isinstance(outcome, Refused):
        return go(session, "daytime.asked", Say(f"refusal.{outcome.code}", outcome.facts), kind=None)
    said, question_id = Say("daytime.noted"), outcome.answer["id"]
    return go(session, "daytime.asked", said, kind=None, asker=None, question_id=question_id)


def taken_back(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """It does not count, or it was too late for that."""
    said = Say("daytime.taken_back")
    if isinstance(outcome, Refused):
        said = Say(f"refusal.{outcome.code}", outcome.facts)
    return go(session, "daytime.asked", said, question_id=None)


def _to_start(session: Session, situation: Situation) -> Turn:
    return to_start(session)


PLACES: dict[str, Place] = {
    "daytime.asked": Place(_show_asked, _take_asked, back=_to_start, stop=_to_start),
    "daytime.asker": Place(_show_asker, _take_asker, back=open_questions, stop=_to_start),
    "daytime.ended": Place(_show_ended, _take_ended, back=open_questions, stop=_to_start),
}

AFTER: dict[str, After] = {"daytime.noted": noted, "daytime.taken_back": taken_back}
