"""The menu of the desk: a new request, what is free, my bookings, open requests."""

from dataclasses import replace
from typing import Any

from crisispool.conversations import care_calls, coordinating, daytime, duty_talk, friday_list, shift
from crisispool.conversations.asking import begin, find, refuse_as, resume, stop, who_asked
from crisispool.conversations.booking import open_booking
from crisispool.conversations.engine import After, Leave, Place, Turn, go, to_start, want
from crisispool.conversations.intents import (
    ListBookings,
    ListFree,
    ListHandovers,
    ListRequests,
    TakeRequest,
    WithdrawRequest,
)
from crisispool.conversations.listing import arriving, fetching
from crisispool.conversations.questions import BRIEF, KNOWN, options
from crisispool.conversations.vocabulary import Choice, Outcome, Refused, Say, Screen, Session, Situation
from crisispool.domain.calendar import DAY
from crisispool.domain.organisation import Role

WAYS = {
    "desk.menu": ("new", "free", "bookings", "requests", "care", "shift", "roster", "day", "asks"),
    "coordinator.menu": (
        "stuck",
        "handovers",
        "requests",
        "bookings",
        "friday",
        "care",
        "free",
        "new",
        "cold",
        "roster",
        "day",
        "asks",
    ),
}
"""The coordinator can do what the desk does, and sees every case."""


OTHER_TALKS: dict[str, Leave] = {
    "stuck": coordinating.look,
    "friday": friday_list.look,
    "care": care_calls.look,
    "cold": coordinating.look_at_the_cold,
    "day": daytime.open_questions,
}
"""What a menu opens that has a file of its own."""


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
            key if on_duty else "desk.off_duty",
            facts,
            notes=hours,
            lines=_waiting(situation),
            choices=options("menu", *WAYS[key]),
        )

    return Place(show, _take_menu, look=lambda session, situation: go(session, key))


def _waiting(situation: Situation) -> tuple[Say, ...]:
    """What is open: requests that nobody took yet, and those that somebody works on."""
    untaken, taken = situation.open_requests
    return (Say("desk.waiting", {"untaken": untaken, "taken": taken}),) if untaken + taken else ()


def _take_menu(session: Session, code: str, situation: Situation) -> Turn:
    match code:
        case "new":
            return begin(session, situation)
        case "free":
            return want(session, ListFree(), "desk.free")
        case "bookings":
            return want(session.knowing(everyone=None), ListBookings(), "desk.bookings")
        case "handovers":
            return want(session, ListHandovers(), "morning.listed")
        case "shift":
            return shift.look(session, situation)
        case "roster":
            return duty_talk.look(session, situation)
        case "asks":
            return go(session, session.at, Say("desk.never_say"))
        case code if code in OTHER_TALKS:
            return OTHER_TALKS[code](session, situation)
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
    bookings, everyone = session.memory["listed"], bool(session.memory.get("everyone"))
    others = [each for each in bookings if not each["mine"]]
    choices = tuple(
        _booking(number, booking) for number, booking in enumerate(bookings) if booking["mine"] or everyone
    )
    more = options("bookings", "everyone") if others and not everyone else ()
    key = "all_bookings" if everyone else "bookings" if choices else "no_bookings"
    return Screen(f"desk.{key}", {"count": len(choices)}, choices=(*choices, *more))


def _booking(number: int, booking: dict[str, Any]) -> Choice:
    facts = {name: booking[name] for name in ("reference", "checkout", "unit", "by")}
    whose = "booking" if booking["mine"] else "other_booking"
    return Choice(f"booking:{number}", f"choice.{whose}_{booking['state']}", facts)


def _take_bookings(session: Session, code: str, situation: Situation) -> Turn:
    if code == "everyone":
        return go(session, session.at, everyone=True)
    listed = session.memory["listed"]
    return open_booking(session, listed[int(code.removeprefix("booking:"))], listed)


def people(request: dict[str, Any]) -> dict[str, Any]:
    """The facts of a request in a list: its reference, how many people, when it was asked, and who took it."""
    return {name: request[name] for name in ("reference", "adults", "children", "asked_at", "taken_label")}


def in_turn(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those nobody took first, then the own ones, then those of others; each oldest first."""
    return sorted(requests, key=lambda each: (WHOSE.index(each["whose"]), each["asked_at"]))


WHOSE = ("nobody", "mine", "other")


def _show_requests(session: Session, situation: Situation) -> Screen:
    requests = session.memory["listed"]
    takes_over = Role.COORDINATOR in situation.roles
    choices = tuple(
        Choice(f"request:{number}", f"choice.request_{request['whose']}", people(request))
        for number, request in enumerate(requests)
        if request["whose"] != "other" or takes_over
    )
    others = [] if takes_over else [each for each in requests if each["whose"] == "other"]
    key = "requests" if choices else "others_only" if others else "no_requests"
    return Screen(
        f"desk.{key}",
        {"count": len(choices)},
        lines=tuple(Say("desk.request_other", people(request)) for request in others),
        choices=choices,
    )


def _take_requests(session: Session, code: str, situation: Situation) -> Turn:
    request = session.memory["listed"][int(code.removeprefix("request:"))]
    return want(session, TakeRequest(request["id"]), "desk.taken")


def taken(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """The request is this calltaker's: to proposals when the check-up is done, else to what is missing."""
    if isinstance(outcome, Refused):
        # What was on the list is not so any more.
        said = Say(f"refusal.{outcome.code}", outcome.facts)
        return replace(want(session, ListRequests(), "desk.requests"), notes=(said,))
    answer = outcome.answer
    mine = to_start(session).session.knowing(
        request_id=answer["id"], request=answer["reference"], asked_by=answer.get("asked_by")
    )
    if answer.get("stay_sentence"):
        told = {"stay_sentence": answer["stay_sentence"], "one_night": answer.get("one_night")}
        return refuse_as(mine.knowing(screened=True, **told), "stay_limit")
    if answer.get("screened") == "ok":
        return replace(find(mine.knowing(screened=True), situation), notes=who_asked(mine, situation))
    if answer.get("same_household") and not answer.get("screened"):
        return go(
            mine, "desk.same_household", alike=list(answer["same_household"]), brief=answer.get("brief")
        )
    return resume(mine, situation, BRIEF if answer.get("brief") else KNOWN)


def _show_alike(session: Session, situation: Situation) -> Screen:
    facts = {"references": list(session.memory["alike"])}
    return Screen("night_desk.same_household", facts, choices=options("same_household", "no", "yes"))


def _take_alike(session: Session, code: str, situation: Situation) -> Turn:
    if code == "yes":
        return want(session, WithdrawRequest(session.memory["request_id"]), "night_desk.withdrawn")
    known = BRIEF if session.memory.get("brief") else KNOWN
    return resume(session.knowing(alike=None, brief=None), situation, known)


def _to_start(session: Session, situation: Situation) -> Turn:
    return to_start(session)


PLACES: dict[str, Place] = {
    "desk.menu": _menu("desk.menu"),
    "coordinator.menu": _menu("coordinator.menu"),
    "desk.free": Place(_show_free, _take_free, back=_to_start, look=fetching(ListFree(), "desk.free")),
    "desk.bookings": Place(
        _show_bookings, _take_bookings, back=_to_start, look=fetching(ListBookings(), "desk.bookings")
    ),
    "desk.same_household": Place(_show_alike, _take_alike, stop=stop),
    "desk.requests": Place(
        _show_requests, _take_requests, back=_to_start, look=fetching(ListRequests(), "desk.requests")
    ),
}

AFTER: dict[str, After] = {
    "desk.free": arriving("desk.free", "free", lambda answer: answer["proposals"]),
    "desk.bookings": arriving("desk.bookings", "listed"),
    "desk.requests": arriving("desk.requests", "listed", in_turn),
    "desk.taken": taken,
}
