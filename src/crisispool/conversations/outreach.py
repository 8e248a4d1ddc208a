"""More nights for people who are there: the next block where they are, elsewhere, or the coordinator is asked."""

from dataclasses import replace
from typing import Any

from crisispool.conversations.engine import After, Place, Turn, go, to_start, want
from crisispool.conversations.intents import (
    Extend,
    ListHandovers,
)
from crisispool.conversations.intents_by_day import (
    AskExtension,
    ListStuck,
    ListWeekend,
    LookExtension,
)
from crisispool.conversations.questions import options
from crisispool.conversations.staying import MEET_MYSELF, REASONS
from crisispool.conversations.vocabulary import Choice, Outcome, Refused, Say, Screen, Session, Situation
from crisispool.domain.granting import LandingChoice
from crisispool.domain.organisation import Role

CASE, FRIDAY, STUCK, MESSAGE = "case", "friday", "stuck", "message"
"""Where somebody came from, and goes back to when it is decided."""


def to_extension(session: Session, booking_id: str, came: str) -> Turn:
    """Look what the next block of a stay would be."""
    return want(session.knowing(came=came), LookExtension(booking_id), "outreach.looked")


def looked(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """What can be done about this stay."""
    if isinstance(outcome, Refused):
        return return_to(session, Say(f"refusal.{outcome.code}", outcome.facts))
    return go(session, "outreach.extend", extension=outcome.answer)


def return_to(session: Session, said: Say) -> Turn:
    """Back to the case or the list, read anew, with what was done."""
    came, clean = session.memory.get("came"), session.knowing(came=None, extension=None, stay=None, also=None)
    if came == CASE:
        return replace(want(clean, ListHandovers(), "morning.returned"), notes=(said,))
    if came == FRIDAY:
        return replace(want(clean, ListWeekend(), "friday.listed"), notes=(said,))
    if came == STUCK:
        return replace(want(clean, ListStuck(), "coordinating.listed"), notes=(said,))
    return to_start(clean, said)


def _show(session: Session, situation: Situation) -> Screen:
    extension: dict[str, Any] = session.memory["extension"]
    facts = {name: extension[name] for name in ("reference", "checkout", "until", "nights", "sentence")}
    if extension["code"] != "ok":
        stays = [_stay(n, stay) for n, stay in enumerate(extension["stays"])]
        return Screen("outreach.not_yours", facts, choices=(*(stays or _ask(situation)), _way("no")))
    if extension["here"]:
        return Screen("outreach.extend", facts, choices=(_way("yes", **facts), _way("no")))
    places = tuple(
        Choice(f"place:{n}", "outreach.way.place", {**facts, **place})
        for n, place in enumerate(extension["elsewhere"])
    )
    key = "hidden" if extension["hidden"] else "elsewhere" if places else "nowhere"
    return Screen(f"outreach.{key}", facts, choices=(*places, *_ask(situation), _way("no")))


def _way(name: str, **facts: Any) -> Choice:
    return Choice(name, f"outreach.way.{name}", facts)


def _stay(number: int, stay: dict[str, Any]) -> Choice:
    return Choice(f"stay:{number}", f"choice.stay_{stay['choice']}", stay)


def _ask(situation: Situation) -> list[Choice]:
    """Whoever decides in the end has nobody to ask."""
    return [] if Role.COORDINATOR in situation.roles else [_way("ask")]


def _take(session: Session, code: str, situation: Situation) -> Turn:
    extension = session.memory["extension"]
    name, _, number = code.partition(":")
    match name:
        case "yes":
            return _extend(session.knowing(also=extension["others"]), Extend(extension["booking_id"]))
        case "place":
            place = extension["elsewhere"][int(number)]
            return _extend(session, Extend(extension["booking_id"], unit_id=place["unit_id"]))
        case "ask":
            return want(session, AskExtension(extension["booking_id"]), "outreach.asked")
        case "stay":
            stay = extension["stays"][int(number)]
            if stay["choice"] == LandingChoice.SOLVE_BY:
                return _extend(
                    session.knowing(also=extension["others"]),
                    Extend(extension["booking_id"], nights=stay["nights"]),
                )
            return go(session, "outreach.reason", stay=stay)
    return return_to(session, Say("outreach.unchanged", {"reference": extension["reference"]}))


def _extend(session: Session, intent: Extend) -> Turn:
    return want(session, intent, "outreach.extended")


def extended(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """It is given; a household over two units goes on in both. Refused: how it stands now, and why."""
    booking_id = session.memory["extension"]["booking_id"]
    if isinstance(outcome, Refused):
        again = want(session.knowing(also=None), LookExtension(booking_id), "outreach.looked")
        return replace(again, notes=(Say(f"refusal.{outcome.code}", outcome.facts),))
    if also := session.memory.get("also"):
        return _extend(session.knowing(also=also[1:]), Extend(also[0]))
    facts = {"reference": session.memory["extension"]["reference"], "checkout": outcome.answer["checkout"]}
    return return_to(session, Say("outreach.extended", facts))


def asked(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """The coordinator has a message."""
    facts = {"reference": session.memory["extension"]["reference"]}
    phone = situation.coordinator_phone or situation.desk_phone
    said = Say("outreach.asked", {**facts, "coordinator": phone})
    if isinstance(outcome, Refused):
        said = Say(f"refusal.{outcome.code}", outcome.facts)
    return return_to(session, said)


def _show_reason(session: Session, situation: Situation) -> Screen:
    stay = session.memory["stay"]
    met = (MEET_MYSELF,) if stay["choice"] == LandingChoice.NAMED_PERSON else ()
    facts = {"reference": session.memory["extension"]["reference"], "checkout": stay["checkout"]}
    return Screen("outreach.reason", facts, choices=options("stay_reason", *met, *REASONS))


def _take_reason(session: Session, code: str, situation: Situation) -> Turn:
    extension, stay = session.memory["extension"], session.memory["stay"]
    intent = Extend(extension["booking_id"], nights=stay["nights"], override_reason=code)
    return _extend(session.knowing(also=extension["others"]), intent)


def _unchanged(session: Session, situation: Situation) -> Turn:
    return _take(session, "no", situation)


def _to_start(session: Session, situation: Situation) -> Turn:
    return to_start(session)


PLACES: dict[str, Place] = {
    "outreach.extend": Place(_show, _take, back=_unchanged, stop=_to_start),
    "outreach.reason": Place(
        _show_reason,
        _take_reason,
        back=lambda session, situation: go(session, "outreach.extend", stay=None),
        stop=_to_start,
    ),
}

AFTER: dict[str, After] = {
    "outreach.looked": looked,
    "outreach.extended": extended,
    "outreach.asked": asked,
}
