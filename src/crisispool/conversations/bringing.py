"""A bed for the people that a referrer brings: address and key by link, arrival, trouble at the door, given back."""

from dataclasses import replace
from typing import Any

from crisispool.conversations.booking import PROBLEMS
from crisispool.conversations.elsewhere import fitting, listed
from crisispool.conversations.engine import After, Place, Turn, go, want
from crisispool.conversations.intents import (
    CallDesk,
    Cancel,
    CheckIn,
    ListOwnRequests,
    MakeLink,
    Move,
    NoShow,
    StillOnTheWay,
    WithdrawRequest,
)
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

DOES: dict[str, type[CheckIn | StillOnTheWay | NoShow | Cancel]] = {
    "arrived": CheckIn,
    "on_the_way": StillOnTheWay,
    "no_show": NoShow,
    "give_back": Cancel,
}
"""What is said of every bed of the household, one after the other."""

Bed = dict[str, Any]


def ways(*codes: str) -> tuple[Choice, ...]:
    """Choices of this talk."""
    return tuple(Choice(code, f"referrer.choice.{code}") for code in codes)


def elsewhere(situation: Situation) -> tuple[Say, ...]:
    """Where else people can turn to, with the numbers."""
    places = fitting(listed(situation.fallback), "no_unit")
    return tuple(Say("night_desk.place", {"name": each["name"], "phone": each["phone"]}) for each in places)


def look_at(session: Session, about_id: str, *notes: Say) -> Turn:
    """How a request stands; `about_id` is the request, or a bed of it."""
    return replace(want(session.knowing(sought=about_id), ListOwnRequests(), "referrer.found"), notes=notes)


def again(session: Session, situation: Situation) -> Turn:
    """The same request, as it stands now."""
    return look_at(session, session.memory["own"]["id"])


def _beds(session: Session) -> list[Bed]:
    """Those that people are still to come to."""
    return [bed for bed in session.memory["own"]["beds"] if not bed["inside"]]


def show(session: Session, situation: Situation) -> Screen:
    """A bed is there, or people are in it; from then on nobody is told whether they stay."""
    own = session.memory["own"]
    beds = _beds(session)
    if not beds:
        facts = {"reference": own["reference"], "desk": situation.desk_phone}
        return Screen("referrer.inside", facts, choices=ways("new", "menu"))
    readable = [bed["until"] for bed in beds if bed["until"] is not None]
    return Screen(
        "referrer.booked",
        {
            "reference": own["reference"],
            "beds": [bed["reference"] for bed in beds],
            "checkout": beds[0]["checkout"],
            "at": situation.checkout_at.isoformat(),
        },
        lines=(
            Say("referrer.readable", {"until": readable[0]}) if readable else Say("referrer.unreadable"),
            Say("referrer.phone", {"desk": situation.desk_phone}),
        ),
        # What a second tap on a button of the screen before could hit comes first: nothing is lost by it.
        choices=ways(
            "on_the_way", *(("links",) if readable else ()), "arrived", "door", "no_show", "withdraw", "menu"
        ),
        links=tuple(
            Link("link.access_of", url, {"reference": reference})
            for url, reference in session.memory.get("links", [])
        ),
    )


def take(session: Session, code: str, situation: Situation) -> Turn:
    """What is tapped at a bed."""
    match code:
        case "arrived" | "on_the_way":
            return _each(session, code)
        case "links":
            return with_links(session, *((bed["id"], bed["reference"]) for bed in _beds(session)))
        case "door":
            return _door(session)
        case "no_show":
            return go(session, "referrer.no_show")
    return again(session, situation)


def give_back(session: Session, situation: Situation) -> Turn:
    """The bed is not needed: it is free for somebody else, and the request is over."""
    return _each(session, "give_back")


def _each(session: Session, doing: str) -> Turn:
    return _next(session.knowing(doing=doing, todo=[bed["id"] for bed in _beds(session)]))


def _next(session: Session) -> Turn:
    doing, todo, own = session.memory["doing"], session.memory["todo"], session.memory["own"]
    if todo:
        return want(session, DOES[doing](todo[0]), "referrer.did")
    done = session.knowing(doing=None, todo=None)
    if doing == "give_back":
        return want(done, WithdrawRequest(own["id"]), "referrer.withdrawn")
    return look_at(done, own["id"], Say(f"referrer.said_{doing}", {"reference": own["reference"]}))


def did(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """One bed is done: the next one."""
    if isinstance(outcome, Refused):
        stopped = session.knowing(doing=None, todo=None)
        said = Say(f"refusal.{outcome.code}", outcome.facts)
        return look_at(stopped, session.memory["own"]["id"], said)
    return _next(session.knowing(todo=session.memory["todo"][1:]))


def with_links(session: Session, *beds: tuple[str, str], said: tuple[Say, ...] = ()) -> Turn:
    """A fresh link for address and key of each of these beds (id and reference)."""
    wanted = [list(bed) for bed in beds]
    return _next_link(session.knowing(wanted=wanted, made=[]), said)


def _next_link(session: Session, said: tuple[Say, ...] = ()) -> Turn:
    wanted = session.memory["wanted"]
    if not wanted:
        return look_at(session.knowing(wanted=None), session.memory["own"]["id"], *said)
    return replace(want(session, MakeLink("access", wanted[0][0]), "referrer.linked"), notes=said)


def linked(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """One link is there; or why the address is not shown any more."""
    (_, reference), *rest = session.memory["wanted"]
    following = session.knowing(wanted=rest)
    if isinstance(outcome, Refused):
        return _next_link(following, (Say("referrer.no_link", {"desk": situation.desk_phone}),))
    return _next_link(following.knowing(made=[*session.memory["made"], [outcome.answer["url"], reference]]))


def _door(session: Session) -> Turn:
    beds = _beds(session)
    if len(beds) > 1:
        return go(session, "referrer.which")
    return go(session, "referrer.door", bed=beds[0])


def _show_which(session: Session, situation: Situation) -> Screen:
    choices = tuple(
        Choice(f"bed:{n}", "referrer.choice.bed", {"reference": bed["reference"]})
        for n, bed in enumerate(_beds(session))
    )
    return Screen("referrer.which", {"desk": situation.desk_phone}, choices=choices)


def _take_which(session: Session, code: str, situation: Situation) -> Turn:
    return go(session, "referrer.door", bed=_beds(session)[int(code.removeprefix("bed:"))])


def _show_door(session: Session, situation: Situation) -> Screen:
    facts = {"reference": session.memory["bed"]["reference"], "desk": situation.desk_phone}
    return Screen("referrer.door", facts, choices=ways(*PROBLEMS, "solved"))


def _take_door(session: Session, code: str, situation: Situation) -> Turn:
    if code == "solved":
        return again(session, situation)
    return want(session.knowing(problem=code), Move(session.memory["bed"]["id"], code), "referrer.moved")


def moved(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """The next bed, with its own address and key; or nowhere to go, and then the desk hears it at once."""
    if not isinstance(outcome, Refused):
        new = outcome.answer
        told = Say("referrer.said_moved", {"reference": new["reference"]})
        clean = session.knowing(bed=None, problem=None)
        return with_links(clean, (new["id"], new["reference"]), said=(told,))
    if outcome.code == "booking_over":
        return look_at(session, session.memory["own"]["id"], Say("refusal.booking_over"))
    return want(session, CallDesk(session.memory["bed"]["id"], session.memory["problem"]), "referrer.called")


def called(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """The desk knows; or nobody could be told, and then the phone is what is left."""
    return go(session, "referrer.nowhere" if not isinstance(outcome, Refused) else "referrer.call")


def _show_nowhere(key: str) -> Place:
    def show(session: Session, situation: Situation) -> Screen:
        coordinator = situation.coordinator_phone or situation.desk_phone
        facts = {
            "reference": session.memory["bed"]["reference"],
            "desk": situation.desk_phone,
            "coordinator": coordinator,
        }
        return Screen(key, facts, lines=elsewhere(situation), choices=ways("look"))

    return Place(show, lambda session, code, situation: again(session, situation), back=again)


def _show_no_show(session: Session, situation: Situation) -> Screen:
    facts = {"reference": session.memory["own"]["reference"], "desk": situation.desk_phone}
    return Screen("referrer.no_show", facts, choices=ways("not_sure", "no_show_sure"))


def _take_no_show(session: Session, code: str, situation: Situation) -> Turn:
    return _each(session, "no_show") if code == "no_show_sure" else again(session, situation)


PLACES: dict[str, Place] = {
    "referrer.which": Place(_show_which, _take_which, back=again),
    "referrer.door": Place(_show_door, _take_door, back=again),
    "referrer.nowhere": _show_nowhere("referrer.nowhere"),
    "referrer.call": _show_nowhere("referrer.call"),
    "referrer.no_show": Place(_show_no_show, _take_no_show, back=again),
}

AFTER: dict[str, After] = {
    "referrer.did": did,
    "referrer.linked": linked,
    "referrer.moved": moved,
    "referrer.called": called,
}
