"""A bed that was given: address and key by link, arrival, trouble at the door, extension, cancellation."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from crisispool.conversations.asking import begin
from crisispool.conversations.elsewhere import fitting, listed
from crisispool.conversations.engine import KEPT, After, Place, Turn, go, to_start, want
from crisispool.conversations.intents import (
    Cancel,
    CheckIn,
    CheckOut,
    Extend,
    Intent,
    MakeLink,
    Move,
    NoShow,
    StillOnTheWay,
)
from crisispool.conversations.questions import options
from crisispool.conversations.vocabulary import (
    Done,
    Link,
    Outcome,
    Refused,
    Say,
    Screen,
    Session,
    Situation,
)

WAYS = {
    "booked": ("on_the_way", "arrived", "door", "no_show", "cancel", "links", "extend", "menu"),
    "checked_in": ("door", "extend", "left", "links", "menu"),
}
"""What can be done with a booking, by its state. What a second tap on "book" could hit comes first: nothing."""

JUST_BOOKED = timedelta(minutes=5)
"""So soon after the booking "still on the way" is nothing new: the first question is still to come."""

HIDING = "access_hiding"
"""Why the desk may not open the address of a bed that it gave itself."""

PROBLEMS = ("key_fails", "not_in_order", "someone_inside")


def booked_now(session: Session, bookings: list[dict[str, Any]], situation: Situation) -> Turn:
    """Show what was booked, with its pages; nothing of the talk before it is kept."""
    first, *further = bookings
    kept = {key: session.memory[key] for key in KEPT if key in session.memory}
    clean = replace(session, answers={}, history=(), memory=kept)
    at = situation.now.isoformat()
    return with_links(clean.knowing(booking=first, further=further, booked_at=at), "booked")


def with_links(session: Session, said: str) -> Turn:
    """Fresh links for address and key of each unit, and for who they are."""
    booking, further = session.memory["booking"], session.memory.get("further", [])
    wanted = [[purpose, booking["id"], booking["reference"]] for purpose in ("access", "identity")]
    wanted += [["access", each["id"], each["reference"]] for each in further]
    return _next_link(session.knowing(wanted=wanted, links=[], said=said, unseen=None))


def _next_link(session: Session) -> Turn:
    if not session.memory["wanted"]:
        return go(session, "booking.view", wanted=None)
    purpose, booking_id, *_ = session.memory["wanted"][0]
    return want(session, MakeLink(purpose, booking_id), "booking.linked")


def linked(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """One link is there, or not: the booking stands all the same."""
    purpose, _, reference = session.memory["wanted"][0]
    rest = session.knowing(wanted=session.memory["wanted"][1:])
    if isinstance(outcome, Refused):
        return _next_link(rest.knowing(unseen=True) if outcome.code == HIDING else rest)
    made = [purpose, outcome.answer["url"], reference]
    return _next_link(rest.knowing(links=[*session.memory["links"], made]))


def show_booking(session: Session, situation: Situation) -> Screen:
    """A booking with what can be done; the key says what was last done with it."""
    booking, said = session.memory["booking"], session.memory.get("said", "view")
    state = booking["state"]
    ways = [way for way in WAYS.get(state, ("menu",)) if way != "extend" or said != "booked"]
    further = [each["reference"] for each in session.memory.get("further", [])]
    inside = state == "checked_in"
    links = session.memory.get("links", [])
    # Where people hide, who asked for the bed opens the address, and the desk does not.
    unseen = said in ("booked", "moved") and bool(session.memory.get("unseen"))
    together = "further_arrived" if inside else "further"
    return Screen(
        "booking.inside" if said == "view" and inside else f"booking.{said}{'_unseen' * unseen}",
        {
            "reference": booking["reference"],
            "checkout": booking["checkout"],
            "at": situation.checkout_at.isoformat(),
        },
        lines=(
            *((Say(f"booking.{together}", {"references": further}),) if further else ()),
            *((Say("talk.sentence", {"sentence": booking["warning"]}),) if booking.get("warning") else ()),
        ),
        choices=options("booking", *ways),
        links=tuple(
            Link(f"link.{purpose}_of", url, {"reference": reference}) for purpose, url, reference in links
        ),
    )


def open_booking(session: Session, booking: dict[str, Any], listed: list[dict[str, Any]]) -> Turn:
    """From a list: one booking and what can be done with it. `further`: where the same household sleeps as well."""
    further = [each for each in listed if _together(each, booking)]
    return go(session, "booking.view", booking=booking, further=further, links=[], said="view")


def _together(one: dict[str, Any], other: dict[str, Any]) -> bool:
    same = all(one[name] == other[name] for name in ("case_id", "state", "nights"))
    return bool(same and one["id"] != other["id"])


def _take(session: Session, code: str, situation: Situation) -> Turn:
    booking_id = session.memory["booking"]["id"]
    at_once: dict[str, tuple[Intent, str]] = {
        "arrived": (CheckIn(booking_id), "booking.arrived"),
        "on_the_way": (StillOnTheWay(booking_id), "booking.on_the_way"),
    }
    if code == "on_the_way" and _just_booked(session, situation):
        return go(session, "booking.view", said="on_the_way")
    if code == "arrived":
        session = session.knowing(also=[each["id"] for each in session.memory.get("further", [])])
    if code in at_once:
        return want(session, *at_once[code])
    match code:
        case "links":
            return with_links(session, "view")
        case "door" | "cancel" | "no_show" | "extend" | "left":
            return go(session, f"booking.ask_{code}")
    return to_start(session)


def _just_booked(session: Session, situation: Situation) -> bool:
    at = session.memory.get("booked_at")
    return at is not None and situation.now - datetime.fromisoformat(at) < JUST_BOOKED


def arrived(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """They are inside; a household in two units is so in both."""
    first, *others = session.memory.get("also", []) or [None]
    if first is None or isinstance(outcome, Refused):
        return said("arrived")(session.knowing(also=None), outcome, situation)
    return want(session.knowing(booking=outcome.answer, also=others), CheckIn(first), "booking.also_arrived")


def also_arrived(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """The other unit too. The booking shown stays the first one."""
    if isinstance(outcome, Refused):
        return said("arrived")(session.knowing(also=None, further=[]), outcome, situation)
    further = [
        outcome.answer if each["id"] == outcome.answer["id"] else each for each in session.memory["further"]
    ]
    return arrived(session.knowing(further=further), Done(session.memory["booking"]), situation)


def said(what: str) -> After:
    """The booking as it is after something was done with it."""

    def after(session: Session, outcome: Outcome, situation: Situation) -> Turn:
        if isinstance(outcome, Refused):
            return go(session, "booking.view", Say(f"refusal.{outcome.code}", outcome.facts), said="view")
        return go(session, "booking.view", booking=outcome.answer, said=what)

    return after


def ended(what: str) -> After:
    """The booking is over; the bed is free for someone else."""

    def after(session: Session, outcome: Outcome, situation: Situation) -> Turn:
        if isinstance(outcome, Refused):
            return go(session, "booking.view", Say(f"refusal.{outcome.code}", outcome.facts), said="view")
        return go(session, "booking.ended", ending=what, links=[])

    return after


def cancelled(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """The bed is free; the request is open again until it has another bed or an end."""
    if isinstance(outcome, Refused):
        return go(session, "booking.view", Say(f"refusal.{outcome.code}", outcome.facts), said="view")
    reference = outcome.answer["reference"]
    open_again = to_start(session).session.knowing(
        request_id=outcome.answer["request_id"], request=reference, screened=True
    )
    return go(open_again, "night_desk.stopped", Say("booking.cancelled", {"reference": reference}))


def _show_ended(session: Session, situation: Situation) -> Screen:
    facts = {"reference": session.memory["booking"]["reference"]}
    return Screen(f"booking.{session.memory['ending']}", facts, choices=options("refused", "new", "menu"))


def _take_ended(session: Session, code: str, situation: Situation) -> Turn:
    start = to_start(session)
    return begin(start.session, situation) if code == "new" else start


def _show_door(session: Session, situation: Situation) -> Screen:
    return Screen(
        "booking.door",
        {"reference": session.memory["booking"]["reference"]},
        choices=options("door", *PROBLEMS, "solved"),
    )


def _take_door(session: Session, code: str, situation: Situation) -> Turn:
    if code == "solved":
        return _to_booking(session, situation)
    return want(session, Move(session.memory["booking"]["id"], code), "booking.moved")


def moved(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """The next unit, with its own address and key; or nowhere to go, and then a human decides."""
    if isinstance(outcome, Refused):
        # Only when nothing is free there is nowhere to go; else the booking itself says how it stands.
        place = "booking.nowhere" if outcome.code == "no_unit" else "booking.view"
        return go(session, place, Say(f"refusal.{outcome.code}", outcome.facts), said="view")
    return with_links(session.knowing(booking=outcome.answer, further=[]), "moved")


def _show_nowhere(session: Session, situation: Situation) -> Screen:
    places = tuple(
        Say("night_desk.place", {"name": each["name"], "phone": each["phone"]})
        for each in fitting(listed(situation.fallback), "no_unit")
    )
    phone = situation.coordinator_phone or situation.desk_phone
    facts = {"reference": session.memory["booking"]["reference"], "coordinator": phone}
    return Screen("booking.nowhere", facts, lines=places, choices=options("nowhere", "back"))


def _sure(code: str, intent: type[Cancel | NoShow | Extend | CheckOut], then: str) -> Place:
    def show(session: Session, situation: Situation) -> Screen:
        booking = session.memory["booking"]
        facts = {"reference": booking["reference"], "checkout": booking["checkout"]}
        return Screen(f"booking.ask_{code}", facts, choices=options(f"sure_{code}", "no", "yes"))

    def take(session: Session, answer: str, situation: Situation) -> Turn:
        if answer == "yes":
            return want(session, intent(session.memory["booking"]["id"]), then)
        return _to_booking(session, situation)

    return Place(show, take, back=_to_booking, stop=_to_menu)


def _to_booking(session: Session, situation: Situation) -> Turn:
    return go(session, "booking.view", said="view")


def _to_menu(session: Session, situation: Situation) -> Turn:
    return to_start(session)


PLACES: dict[str, Place] = {
    "booking.view": Place(show_booking, _take, back=_to_menu, stop=_to_menu),
    "booking.ask_door": Place(_show_door, _take_door, back=_to_booking, stop=_to_menu),
    "booking.nowhere": Place(
        _show_nowhere,
        lambda session, code, situation: _to_booking(session, situation),
        back=_to_booking,
        stop=_to_menu,
    ),
    "booking.ask_cancel": _sure("cancel", Cancel, "booking.cancelled"),
    "booking.ask_no_show": _sure("no_show", NoShow, "booking.no_show"),
    "booking.ask_extend": _sure("extend", Extend, "booking.extended"),
    "booking.ask_left": _sure("left", CheckOut, "booking.left"),
    "booking.ended": Place(_show_ended, _take_ended, back=_to_menu, stop=_to_menu),
}

AFTER: dict[str, After] = {
    "booking.linked": linked,
    "booking.arrived": arrived,
    "booking.also_arrived": also_arrived,
    "booking.on_the_way": said("on_the_way"),
    "booking.extended": said("extended"),
    "booking.left": ended("left"),
    "booking.cancelled": cancelled,
    "booking.no_show": ended("no_show"),
    "booking.moved": moved,
}
