"""Every operation that changes something, one line each: who calls it with what, and what has to be there first."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any, Final

from crisispool.domain.secret import Secret
from crisispool.opening import open_app
from crisispool.services.messenger.incoming import Incoming
from crisispool.services.messenger.reception import Receipt
from crisispool.settings import Settings
from tests.scenarios.people import ONE_ADULT, SCREENED, Colleague

NUMBERS = count(1)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
TURNED_AWAY = {"code": "no_unit", "contact_consent": True, "alternative": "night_shelter"}

Prepared = tuple[str, object]
"""Path and body of a call, with all there that it is about."""


def untaken(me: Colleague) -> dict[str, Any]:
    """A request that nobody of the desk has taken yet."""
    return Colleague(me.program, "referrer").request(referrer="police")


def to_hold(me: Colleague) -> Prepared:
    request = me.request()
    return "/holds", {"request_id": request["id"], "unit_id": me.proposed(request)[0]}


def held(me: Colleague) -> dict[str, Any]:
    made: dict[str, Any] = me.call("POST", *to_hold(me))
    return made


def booked(me: Colleague) -> dict[str, Any]:
    return me.book(me.request())


def handed_over(me: Colleague, *, taken: bool = False) -> str:
    """A handover that nobody took yet; the first who asks has the due work done."""
    if not me.call("GET", "/handovers"):
        do_what_is_due(me)
    waiting = [each for each in me.call("GET", "/handovers") if each["accepted_by"] is None]
    if taken:
        me.call("POST", f"/handovers/{waiting[0]['id']}/acknowledge", {"named": False})
    return f"/handovers/{waiting[0]['id']}"


def do_what_is_due(me: Colleague) -> None:
    jobs = me.program.another()
    jobs.start("--only", "jobs", load=False)
    jobs.kill()


def go_on(me: Colleague, days: int, clock: str) -> None:
    """So many days later, at this time."""
    now = datetime.fromisoformat(me.call("GET", "/training/clock")["now"])
    me.program.move_clock(f"{now.date() + days * DAY}T{clock}+01:00")


def at_the_menu(me: Colleague) -> Prepared:
    """A number: at the screen after this one it would be another answer."""
    me.say("stop", "1")
    return "/chat", {"say": "1"}


def told_something(me: Colleague) -> Prepared:
    """The same person turns out to be in two beds."""
    me.told()
    who = somebody()
    for _ in range(2):
        me.call("PUT", person_of(booked(me)), who)
    return "/messages", {}


def status_of(me: Colleague, unit_id: str) -> Prepared:
    version = me.call("GET", f"/units/{unit_id}")["version"]
    return f"/units/{unit_id}/status", {"status": "confirmed", "version": version}


def somebody() -> dict[str, str]:
    surname = "Peeters" + "".join(chr(ord("a") + int(digit)) for digit in str(next(NUMBERS)))
    return {"given_name": "Jan", "surname": surname, "birth_date": "1980-05-17"}


def a_later_monday(_: Colleague) -> Prepared:
    """What was handed over at eight is there."""
    then = datetime(2026, 11, 30, 7, tzinfo=UTC) + next(NUMBERS) * MINUTE
    return "/training/clock", {"now": then.isoformat()}


def own_shift(me: Colleague) -> str:
    """A shift that the asker begins now."""
    off_duty(me)
    me.call("POST", "/duty/on", {})
    return running(me)[0]


def running(me: Colleague) -> list[str]:
    """Ids of the own shifts at the desk that run."""
    now = datetime.fromisoformat(me.call("GET", "/training/clock")["now"])
    tonight = me.call("GET", "/duty/roster")["nights"][0]["shifts"]
    mine = [each for each in tonight if each["mine"] and each["duty"] == "calltaker"]
    return [each["id"] for each in mine if datetime.fromisoformat(each["starts_at"]) <= now]


def off_duty(me: Colleague) -> None:
    if running(me):
        me.call("POST", "/duty/off", {"sure": True})


def other_calltaker(me: Colleague) -> str:
    return "calltaker" if me.call("GET", "/me")["colleague_id"] == "calltaker_2" else "calltaker_2"


def to_begin(me: Colleague) -> Prepared:
    off_duty(me)
    return "/duty/on", {}


def to_end(me: Colleague) -> Prepared:
    """Nobody else is left."""
    off_duty(Colleague(me.program, other_calltaker(me)))
    own_shift(me)
    return "/duty/off", {"sure": True}


def in_hand(me: Colleague) -> Prepared:
    """One request and nothing else."""
    for open_ in me.call("GET", "/requests"):
        me.call("POST", f"/requests/{open_['id']}/withdraw", {})
    me.request()
    return "/duty/give", {"to_id": other_calltaker(me)}


def given_away(me: Colleague) -> str:
    """Offered by one calltaker, to be taken by the other."""
    off_duty(me)
    other = Colleague(me.program, other_calltaker(me))
    offer = other.call("POST", "/duty/offers", {"shift_id": own_shift(other)})
    return f"/duty/offers/{offer['id']}/accept"


def on_offer(me: Colleague) -> str:
    offer = me.call("POST", "/duty/offers", {"shift_id": own_shift(me)})
    return str(offer["id"])


def put_on(me: Colleague) -> str:
    return str(me.call("POST", *open_stretch(me))["id"])


def substituted(me: Colleague) -> Prepared:
    """A calltaker is on duty, and another one can be put in."""
    one, other = (Colleague(me.program, name) for name in ("calltaker", "calltaker_2"))
    off_duty(other)
    return "/duty/substitute", {"shift_id": own_shift(one), "colleague_id": "calltaker_2"}


def open_stretch(me: Colleague) -> Prepared:
    """An evening long after the rosters end, for somebody to take."""
    begins = datetime(2028, 2, 1, 17, tzinfo=UTC) + next(NUMBERS) * DAY
    stretch = {
        "starts_at": f"{begins.isoformat()}",
        "ends_at": f"{(begins + timedelta(hours=12)).isoformat()}",
    }
    return "/duty/shifts", {"duty": "calltaker", "colleague_id": "calltaker_2", **stretch}


def closing_day(_: Colleague) -> Prepared:
    return "/closing-days", {"day": f"{date(2027, 6, 1) + next(NUMBERS) * DAY}", "name": "dicht"}


def closed(me: Colleague) -> str:
    made: str = me.call("POST", *closing_day(me))["closing_day"]["id"]
    return f"/closing-days/{made}"


def slept(me: Colleague) -> str:
    """A booking of the day before."""
    booking = booked(me)
    go_on(me, 1, "12:00")
    return f"/bookings/{booking['id']}"


def on_the_weekend_list(me: Colleague) -> str:
    """On a Friday, when this comes after a Wednesday."""
    if not me.call("GET", "/weekend-list"):
        go_on(me, 1, "12:00")
        booked(me), booked(me)
        go_on(me, 1, "13:01")
        do_what_is_due(me)
    line = next(each for each in me.call("GET", "/weekend-list") if each["answer"] is None)
    return f"/weekend-list/{line['id']}"


def to_be_called(me: Colleague) -> str:
    """On a Saturday, when this comes after a Friday."""
    if not me.call("GET", "/care"):
        booked(me), booked(me)
        go_on(me, 1, "16:01")
        do_what_is_due(me)
    return f"/bookings/{me.call('GET', '/care')[0]['booking_id']}"


def two_people(me: Colleague) -> Prepared:
    one, other = (me.request()["persons"][0] for _ in range(2))
    return "/merges", {"person_id": one, "into_person_id": other}


def merged(me: Colleague) -> str:
    return f"/merges/{me.call('POST', *two_people(me))['id']}"


def person_of(booking: Mapping[str, Any]) -> str:
    return f"/bookings/{booking['id']}/persons/{booking['persons'][0]}"


def opened_invitation(me: Colleague) -> str:
    """Somebody opened an invitation in the messenger."""
    made = me.call("POST", "/invitations", {"role": "council"})
    number = next(NUMBERS)

    async def opens() -> None:
        async with open_app(Settings.from_env(me.program.environment()), jobs=False) as app:
            came = Incoming(number, number, number, 1, "nl", command="start", argument=Secret(made["token"]))
            assert await app.reception.receive(came, lambda link, data: None) is Receipt.KEPT

    asyncio.run(opens())
    return f"/invitations/{made['id']}"


def linked_account(me: Colleague) -> str:
    """An account of a colleague."""
    me.call("POST", f"{opened_invitation(me)}/approve", {})
    return f"/messenger-links/{me.call('GET', '/messenger-links')[0]['id']}"


def noted_by_day(me: Colleague) -> str:
    """A question by day that was not one."""
    return f"/daytime-questions/{me.call('POST', '/daytime-questions', dict(ASKED_BY_DAY))['id']}"


DESK, ALL = "calltaker", "coordinator"
STUDIO = {
    "label": "Studio 4",
    "nis": "36008",
    "kind": "crisis_dwelling",
    "places": 2,
    "owner_id": "ocmw-izegem",
}
TO_IZEGEM = {"organisation_id": "ocmw-izegem"}
NOT_AGAIN = {"allowed": False, "reason": "er is iets anders"}
WORKER = {"role": "support_worker", "organisation_id": "caw-de-regio"}
ASKED_BY_DAY = {"kind": "bed_soon", "outcome": "answered"}
ENDED = {"outcome": "own_network", "solved": "yes"}

# fmt: off
TABLE: Final[Mapping[str, tuple[str, Callable[[Colleague], Prepared]]]] = {
    # Who calls, and what; in the order of a night and its morning. A new operation needs one line here.
    "POST /chat": (DESK, at_the_menu),
    "POST /messages": (ALL, told_something),
    "PUT /me/language": (ALL, lambda me: ("/me/language", {"language": "nl"})),
    "POST /requests": (DESK, lambda me: ("/requests", dict(ONE_ADULT))),
    "POST /requests/{id}/take": (DESK, lambda me: (f"/requests/{untaken(me)['id']}/take", {})),
    "POST /requests/{id}/screening": (DESK, lambda me: (f"/requests/{me.request()['id']}/screening", SCREENED)),
    "POST /requests/{id}/refusal": (DESK, lambda me: (f"/requests/{me.request()['id']}/refusal", TURNED_AWAY)),
    "POST /requests/{id}/withdraw": (DESK, lambda me: (f"/requests/{me.request()['id']}/withdraw", {})),
    "POST /requests/{id}/links": (DESK, lambda me: (f"/requests/{me.request()['id']}/links", {})),
    "POST /holds": (DESK, to_hold),
    "DELETE /holds/{id}": (DESK, lambda me: (f"/holds/{held(me)['id']}", None)),
    "POST /bookings": (DESK, lambda me: ("/bookings", {"hold_id": held(me)["id"]})),
    "PUT /bookings/{id}/persons/{person}": (DESK, lambda me: (person_of(booked(me)), somebody())),
    "POST /bookings/{id}/check-in": (DESK, lambda me: (f"/bookings/{booked(me)['id']}/check-in", {})),
    "POST /bookings/{id}/extend": (ALL, lambda me: (f"/bookings/{booked(me)['id']}/extend", {})),
    "POST /bookings/{id}/cancel": (DESK, lambda me: (f"/bookings/{booked(me)['id']}/cancel", {})),
    "POST /bookings/{id}/no-show": (DESK, lambda me: (f"/bookings/{booked(me)['id']}/no-show", {})),
    "POST /bookings/{id}/check-out": (ALL, lambda me: (f"/bookings/{booked(me)['id']}/check-out", {})),
    "POST /bookings/{id}/move": (DESK, lambda me: (f"/bookings/{booked(me)['id']}/move", {"problem": "key_fails"})),
    "POST /bookings/{id}/links": (DESK, lambda me: (f"/bookings/{booked(me)['id']}/links", {"purpose": "access"})),
    "POST /bookings/{id}/readmission": (ALL, lambda me: (f"/bookings/{booked(me)['id']}/readmission", NOT_AGAIN)),
    "POST /requests/{id}/coordinator": (DESK, lambda me: (f"/requests/{me.request()['id']}/coordinator", {})),
    "POST /duty/on": (DESK, to_begin),
    "POST /duty/off": (DESK, to_end),
    "POST /duty/give": (DESK, in_hand),
    "POST /duty/offers": (DESK, lambda me: ("/duty/offers", {"shift_id": own_shift(me)})),
    "POST /duty/offers/{id}/accept": (DESK, lambda me: (given_away(me), {})),
    "DELETE /duty/offers/{id}": (DESK, lambda me: (f"/duty/offers/{on_offer(me)}", None)),
    "POST /duty/shifts": (ALL, open_stretch),
    "DELETE /duty/shifts/{id}": (ALL, lambda me: (f"/duty/shifts/{put_on(me)}?sure=true", None)),
    "POST /duty/substitute": (ALL, substituted),
    "POST /closing-days": (ALL, closing_day),
    "DELETE /closing-days/{id}": (ALL, lambda me: (closed(me), None)),
    "POST /units": (ALL, lambda me: ("/units", STUDIO)),
    "PATCH /units/{id}": (ALL, lambda me: ("/units/izegem-01", {"rooms": 1 + next(NUMBERS) % 20})),
    "PUT /units/{id}/status": (ALL, lambda me: status_of(me, "izegem-01")),
    "POST /training/clock": (ALL, a_later_monday),
    "POST /handovers/{id}/acknowledge": (ALL, lambda me: (f"{handed_over(me)}/acknowledge", {"named": False})),
    "POST /handovers/{id}/contact": (ALL, lambda me: (f"{handed_over(me, taken=True)}/contact", {})),
    "POST /handovers/{id}/outcome": (ALL, lambda me: (f"{handed_over(me, taken=True)}/outcome", ENDED)),
    "POST /handovers/{id}/reassign": (ALL, lambda me: (f"{handed_over(me)}/reassign", TO_IZEGEM)),
    "POST /handovers/{id}/links": (ALL, lambda me: (f"{handed_over(me)}/links", {})),
    "POST /merges": (ALL, two_people),
    "POST /merges/{id}/undo": (ALL, lambda me: (f"{merged(me)}/undo", {})),
    "POST /bookings/{id}/overstay": (ALL, lambda me: (f"{slept(me)}/overstay", {})),
    "POST /weekend-list/{id}/answer": (ALL, lambda me: (f"{on_the_weekend_list(me)}/answer", {"answer": "leaves"})),
    "POST /bookings/{id}/care": (ALL, lambda me: (f"{to_be_called(me)}/care", {"answer": "well"})),
    "POST /invitations": (ALL, lambda me: ("/invitations", dict(WORKER))),
    "POST /invitations/{id}/approve": (ALL, lambda me: (f"{opened_invitation(me)}/approve", {})),
    "POST /invitations/{id}/refuse": (ALL, lambda me: (f"{opened_invitation(me)}/refuse", {})),
    "POST /messenger-links/{id}/end": (ALL, lambda me: (f"{linked_account(me)}/end", {})),
    "POST /bookings/{id}/stays-as": (ALL, lambda me: (f"{slept(me)}/stays-as", {})),
    "POST /daytime-questions": (DESK, lambda me: ("/daytime-questions", dict(ASKED_BY_DAY))),
    "DELETE /daytime-questions/{id}": (DESK, lambda me: (noted_by_day(me), None)),
}
# fmt: on

EACH_TIME_ANEW = {"POST /training/sign-in"}
"""Whoever is not signed in has nothing under which an answer could be kept: each sign-in is a token of its own."""
