"""When the stay rule says no to the desk: the coordinator is told, or decides with a reason."""

from typing import Any

from crisispool.conversations.asking import back, find, over, stop
from crisispool.conversations.checkup import nights_before
from crisispool.conversations.engine import After, Place, Turn, go, to_start, want
from crisispool.conversations.intents import AskCoordinator, StayOptions
from crisispool.conversations.questions import options
from crisispool.conversations.refusing import to_cascade
from crisispool.conversations.vocabulary import Choice, Outcome, Refused, Say, Screen, Session, Situation
from crisispool.domain.granting import LandingChoice
from crisispool.domain.organisation import Role

MEET_MYSELF = "meet_myself"
"""The coordinator meets the household on the closed day on which its stay ends."""

REASONS = ("no_other_bed", "safety", "children", "medical", "tomorrow")
"""Why a coordinator goes beyond the rule: codes, because free text never passes through a talk."""


def _show_limit(session: Session, situation: Situation) -> Screen:
    used = nights_before(session.answers)
    sentence = session.memory.get("stay_sentence", [])
    if not sentence and 0 < used < len(situation.stay_after):
        sentence = [said.plain() for said in situation.stay_after[used].sentence]
    facts = {"sentence": sentence, "coordinator": situation.coordinator_phone or situation.desk_phone}
    decider: tuple[str, ...] = ("coordinator",)
    line = "stay_not_yours"
    if Role.COORDINATOR in situation.roles:
        decider, line = ("decide",), "stay_yours"
    elif session.memory.get("one_night"):
        decider, line = ("one_night", "coordinator"), "stay_one_night"
    return Screen(
        "night_desk.stay_limit",
        facts,
        lines=(Say(f"night_desk.{line}", facts),),
        choices=options("stay_limit", *decider, "elsewhere", "refuse"),
    )


def _take_limit(session: Session, code: str, situation: Situation) -> Turn:
    request_id = session.memory["request_id"]
    match code:
        case "coordinator":
            return want(session, AskCoordinator(request_id), "night_desk.coordinator_asked")
        case "one_night":
            return find(session.knowing(stay_nights=1, reason=None, screened=True), situation)
        case "decide":
            return want(session, StayOptions(request_id), "night_desk.stay_options")
        case "elsewhere":
            return to_cascade(session, situation, "stay_limit")
    return go(session, "night_desk.contact", refusal="stay_limit")


def coordinator_asked(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """The coordinator has a message; the request stays open."""
    if isinstance(outcome, Refused):
        return go(session, "night_desk.stay_limit", Say(f"refusal.{outcome.code}", outcome.facts))
    facts = {
        "request": session.memory["request"],
        "coordinator": situation.coordinator_phone or situation.desk_phone,
    }
    return to_start(session, Say("night_desk.with_coordinator", facts))


def options_known(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """What the coordinator may give."""
    if isinstance(outcome, Refused):
        return go(session, "night_desk.stay_limit", Say(f"refusal.{outcome.code}", outcome.facts))
    return go(session, "night_desk.decide", stays=outcome.answer)


def _show_decide(session: Session, situation: Situation) -> Screen:
    stays: list[dict[str, Any]] = session.memory["stays"]
    return Screen(
        "night_desk.decide" if stays else "night_desk.nothing_to_decide",
        choices=(
            *(Choice(f"stay:{n}", f"choice.stay_{stay['choice']}", stay) for n, stay in enumerate(stays)),
            *options("stay_limit", "elsewhere", "refuse"),
        ),
    )


def _take_decide(session: Session, code: str, situation: Situation) -> Turn:
    if not code.startswith("stay:"):
        return _take_limit(session, code, situation)
    stay = session.memory["stays"][int(code.removeprefix("stay:"))]
    chosen = session.knowing(stay=stay, stay_nights=stay["nights"], screened=True)
    if stay["choice"] == LandingChoice.SOLVE_BY:
        return find(chosen.knowing(reason=None), situation)
    return go(chosen, "night_desk.reason")


def _show_reason(session: Session, situation: Situation) -> Screen:
    stay = session.memory["stay"]
    met = (MEET_MYSELF,) if stay["choice"] == LandingChoice.NAMED_PERSON else ()
    key = "night_desk.reason_met" if met else "night_desk.reason"
    return Screen(key, {"checkout": stay["checkout"]}, choices=options("stay_reason", *met, *REASONS))


def _take_reason(session: Session, code: str, situation: Situation) -> Turn:
    return find(session.knowing(reason=code), situation)


def _to_limit(session: Session, situation: Situation) -> Turn:
    return go(session, "night_desk.stay_limit", stay=None, stay_nights=None, reason=None)


def _to_decide(session: Session, situation: Situation) -> Turn:
    return go(session, "night_desk.decide", stay=None, stay_nights=None, reason=None)


PLACES: dict[str, Place] = {
    "night_desk.stay_limit": Place(_show_limit, _take_limit, back=back, over=over, stop=stop),
    "night_desk.decide": Place(_show_decide, _take_decide, back=_to_limit, over=over, stop=stop),
    "night_desk.reason": Place(_show_reason, _take_reason, back=_to_decide, over=over, stop=stop),
}

AFTER: dict[str, After] = {
    "night_desk.coordinator_asked": coordinator_asked,
    "night_desk.stay_options": options_known,
}
