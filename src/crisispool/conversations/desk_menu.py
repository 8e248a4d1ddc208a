"""The menu of the desk: a new request, what is free, my bookings, open requests."""

from typing import Any

from crisispool.conversations.asking import begin, find, resume
from crisispool.conversations.booking import open_booking
from crisispool.conversations.engine import After, Place, Turn, go, to_start, want
from crisispool.conversations.intents import ListBookings, ListFree, ListHandovers, ListRequests, TakeRequest
from crisispool.conversations.listing import arriving, fetching
from crisispool.conversations.questions import options
from crisispool.conversations.vocabulary import Choice, Outcome, Refused, Say, Screen, Session, Situation
from crisispool.domain.calendar import DAY

WAYS = {
    "desk.menu": ("new", "free", "bookings", "requests", "asks"),
    "coordinator.menu": ("handovers", "requests", "bookings", "free", "new", "asks"),
}
"""The coordinator can do what the desk does, and sees every case."""


def _menu(key: str) -> Place:
    def show(session: Session, situation: Situation) -> Screen:
        on_duty = situation.on_duty or key != "desk.menu"
        facts = {
            "night": situation.night.isoformat(),
            "morning": (situation.night + DAY).isoformat(),
            "desk": situation.desk_phone,
            "coordinator": situation.coordinator_phone or situation.desk_phone,
        }
        hours = (Say("desk.office_hours", {"call": situation.office_call}),) if situation.office_hours else ()
        return Screen(
            key if on_duty else "desk.off_duty", facts, notes=hours, choices=options("menu", *WAYS[key])
        )

    return Place(show, _take_menu, look=lambda session, situation: go(session, key))


def _take_menu(session: Session, code: str, situation: Situation) -> Turn:
    match code:
        case "new":
            return begin(session, situation)
        case "free":
            return want(session, ListFree(), "desk.free")
        case "bookings":
            return want(session, ListBookings(), "desk.bookings")
        case "handovers":
            return want(session, ListHandovers(), "morning.listed")
        case "asks":
            return go(session, session.at, Say("desk.never_say"))
    return want(session, ListRequests(), "desk.requests")


def _show_free(session: Session, situation: Situation) -> Screen:
    units = session.memory["free"]
    return Screen(
        "desk.free" if units else "desk.nothing_free",
        {"count": len(units), "night": situation.night.isoformat()},
        lines=tuple(
            Say("desk.unit", {"unit": u["label"], "town": u["municipality"], "places": u["places"]})
            for u in units
        ),
        choices=options("free", "new"),
    )


def _take_free(session: Session, code: str, situation: Situation) -> Turn:
    return begin(session, situation)


def _show_bookings(session: Session, situation: Situation) -> Screen:
    bookings = session.memory["listed"]
    choices = tuple(
        Choice(
            f"booking:{number}",
            f"choice.booking_{booking['state']}",
            {"reference": booking["reference"], "checkout": booking["checkout"]},
        )
        for number, booking in enumerate(bookings)
    )
    return Screen(
        "desk.bookings" if bookings else "desk.no_bookings", {"count": len(bookings)}, choices=choices
    )


def _take_bookings(session: Session, code: str, situation: Situation) -> Turn:
    return open_booking(session, session.memory["listed"][int(code.removeprefix("booking:"))])


def people(request: dict[str, Any]) -> dict[str, Any]:
    """The facts of a request in a list: its reference and how many people."""
    return {name: request[name] for name in ("reference", "adults", "children")}


def _show_requests(session: Session, situation: Situation) -> Screen:
    requests = session.memory["listed"]
    choices = tuple(
        Choice(f"request:{number}", "choice.request", people(request))
        for number, request in enumerate(requests)
    )
    return Screen(
        "desk.requests" if requests else "desk.no_requests", {"count": len(requests)}, choices=choices
    )


def _take_requests(session: Session, code: str, situation: Situation) -> Turn:
    request = session.memory["listed"][int(code.removeprefix("request:"))]
    return want(session, TakeRequest(request["id"]), "desk.taken")


def taken(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """The request is this calltaker's: to proposals when the check-up is done, else to what is missing."""
    if isinstance(outcome, Refused):
        return go(session, "desk.requests", Say(f"refusal.{outcome.code}", outcome.facts))
    answer = outcome.answer
    mine = to_start(session).session.knowing(request_id=answer["id"], request=answer["reference"])
    if answer.get("screened") == "ok":
        return find(mine.knowing(screened=True), situation)
    return resume(mine, situation)


def _to_start(session: Session, situation: Situation) -> Turn:
    return to_start(session)


PLACES: dict[str, Place] = {
    "desk.menu": _menu("desk.menu"),
    "coordinator.menu": _menu("coordinator.menu"),
    "desk.free": Place(_show_free, _take_free, back=_to_start, look=fetching(ListFree(), "desk.free")),
    "desk.bookings": Place(
        _show_bookings, _take_bookings, back=_to_start, look=fetching(ListBookings(), "desk.bookings")
    ),
    "desk.requests": Place(
        _show_requests, _take_requests, back=_to_start, look=fetching(ListRequests(), "desk.requests")
    ),
}

AFTER: dict[str, After] = {
    "desk.free": arriving("desk.free", "free", lambda answer: answer["proposals"]),
    "desk.bookings": arriving("desk.bookings", "listed"),
    "desk.requests": arriving("desk.requests", "listed"),
    "desk.taken": taken,
}
