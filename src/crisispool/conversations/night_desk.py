"""The talk of the night desk: the questions, the request that comes of them, and where it goes from there."""

from dataclasses import replace

from crisispool.conversations import proposing, refusing, staying
from crisispool.conversations.asking import advance, back, find, place_of, refuse_as, released, stop
from crisispool.conversations.checkup import answers_for_checklist, fail_of
from crisispool.conversations.engine import After, Place, Turn, go, to_start, want
from crisispool.conversations.intents import ScreenRequest, WithdrawRequest
from crisispool.conversations.questions import QUESTIONS, options
from crisispool.conversations.refusing import because
from crisispool.conversations.vocabulary import Outcome, Refused, Say, Screen, Session, Situation
from crisispool.domain.admission import FailAction

UNSAFE = ("medical", "psychiatric", "aggression", "intoxicated", "minor_alone")
"""What is said before anything else is asked."""


def opened(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """The request is stored: first see whether these people asked before, then judge the check-up."""
    if isinstance(outcome, Refused):
        return _refused(session, outcome, situation)
    known = session.knowing(request_id=outcome.answer["id"], request=outcome.answer["reference"])
    if outcome.answer.get("same_household") and not session.memory.get("not_the_same"):
        return go(known, "night_desk.same_household", alike=list(outcome.answer["same_household"]))
    return screen(known, situation)


def screen(session: Session, situation: Situation) -> Turn:
    """Let the checklist of the network judge, so that the judgement is kept with its version."""
    answers = answers_for_checklist(session.answers)
    return want(session, ScreenRequest(session.memory["request_id"], answers), "night_desk.screened")


def screened(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """What the check-up leads to."""
    if isinstance(outcome, Refused):
        return _refused(session, outcome, situation)
    fail = fail_of(session.answers, situation)
    result, refusal = outcome.answer["result"], outcome.answer.get("refusal")
    if fail is None and result in ("ok", FailAction.CHOOSE_OTHER_UNIT):
        return find(session.knowing(screened=True), situation)
    if fail is None:
        note = Say("talk.sentence", {"sentence": outcome.answer["sentence"]})
        return refuse_as(session, refusal or "other", note)
    if fail.action is FailAction.PAUSE:
        return go(session, "night_desk.pause")
    return refuse_as(session, fail.refusal)


def _refused(session: Session, outcome: Refused, situation: Situation) -> Turn:
    note = Say(f"refusal.{outcome.code}", outcome.facts)
    gone = outcome.code in ("request_closed", "not_there", "not_your_role", "not_on_duty", "already_taken")
    turn = to_start(session) if gone or not session.history else back(session, situation)
    return replace(turn, notes=(note, *turn.notes))


def _show_alike(session: Session, situation: Situation) -> Screen:
    fail = fail_of(session.answers, situation)
    return Screen(
        "night_desk.same_household",
        {"references": list(session.memory["alike"])},
        notes=because(fail.refusal, situation) if fail and fail.refusal in UNSAFE else (),
        choices=options("same_household", "no", "yes"),
    )


def _take_alike(session: Session, code: str, situation: Situation) -> Turn:
    if code == "yes":
        return want(session, WithdrawRequest(session.memory["request_id"]), "night_desk.withdrawn")
    return screen(session.knowing(not_the_same=True, alike=None), situation)


def withdrawn(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """The second request of one household is gone; the first one goes on."""
    if isinstance(outcome, Refused):
        return to_start(session, Say(f"refusal.{outcome.code}", outcome.facts))
    return to_start(session, Say("night_desk.is_the_same"))


def _show_stopped(session: Session, situation: Situation) -> Screen:
    facts = {"request": session.memory["request"]}
    return Screen("night_desk.stopped", facts, choices=options("stopped", "later", "go_on", "withdrawn"))


def _take_stopped(session: Session, code: str, situation: Situation) -> Turn:
    match code:
        case "later":
            return to_start(session, Say("night_desk.kept_open", {"request": session.memory["request"]}))
        case "withdrawn":
            return refuse_as(session, "withdrawn")
    return _go_on(session, situation)


def _go_on(session: Session, situation: Situation) -> Turn:
    return find(session, situation) if session.memory.get("screened") else advance(session, situation)


PLACES: dict[str, Place] = {
    **{f"night_desk.{question.key}": place_of(question) for question in QUESTIONS},
    "night_desk.same_household": Place(_show_alike, _take_alike, back=back, stop=stop),
    "night_desk.stopped": Place(_show_stopped, _take_stopped, back=_go_on),
    **refusing.PLACES,
    **staying.PLACES,
    **proposing.PLACES,
}

AFTER: dict[str, After] = {
    "night_desk.opened": opened,
    "night_desk.screened": screened,
    "night_desk.released": released,
    "night_desk.withdrawn": withdrawn,
    **refusing.AFTER,
    **staying.AFTER,
    **proposing.AFTER,
}
