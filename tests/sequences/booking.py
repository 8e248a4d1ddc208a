"""Steps of the desk: bookings and more nights, and whether the rules let them be given."""

from collections.abc import Sequence
from datetime import date
from random import Random
from typing import Any

from crisispool.services.asks import Override
from tests.sequences.asking import DESK, closed, some_booking, some_request, some_unit, unsafe
from tests.sequences.kept import Booking, Hold, Request
from tests.sequences.morning import begin_case
from tests.sequences.rules import DAY, Asker, stretch, usual_nights, why_no_stay
from tests.sequences.scene import Scene, chance, role_of, verb
from tests.sequences.world import World


def _book_held(w: World, r: Random) -> dict[str, Any] | None:
    holds = [each.label for each in w.holds.values() if each.ended is None]
    labels = holds if holds and chance(r, 0.9) else list(w.holds)
    if not labels:
        return None
    return {"hold": r.choice(labels), "by": r.choice(DESK), "reason": chance(r, 0.2)}


@verb("book_held", _book_held, 6)
async def book_held(s: Scene, label: str, hold: str, by: str, reason: bool) -> None:
    """A booking from a hold. One that only lapsed serves as long as the unit is free."""
    held = s.world.holds[hold]
    doing = s.night.book_held(s.made[hold], by, override=Override("want") if reason else None)
    first, number = held.nights[0], len(held.nights)
    await _book(
        s, label, held.request, held.unit, by, reason, night=first, nights=number, held=held, doing=doing
    )


def _book_at_once(w: World, r: Random) -> dict[str, Any] | None:
    if (asked := some_request(w, r)) is None:
        return None
    chosen: list[str] | None = None
    adults = [p for p in w.requests[asked].persons if w.persons[p].adult]
    if chance(r, 0.15):
        chosen = r.choice(([], [r.choice(adults)], w.requests[asked].persons[-1:]))
    return {
        "request": asked,
        "unit": some_unit(w, r),
        "by": r.choice(DESK),
        "night": w.tonight + DAY * r.choice((-1, 1, 2, 3)) if chance(r, 0.15) else None,
        "nights": r.choice((1, 2, 3, 4, 5, 6)) if chance(r, 0.4) else None,
        "persons": chosen,
        "reason": chance(r, 0.35),
    }


@verb("book", _book_at_once, 13)
async def book(
    s: Scene,
    label: str,
    request: str,
    unit: str,
    by: str,
    night: date | None,
    nights: int | None,
    persons: list[str] | None,
    reason: bool,
) -> None:
    """A booking at once."""
    chosen = None if persons is None else tuple(s.person_ids[each] for each in persons)
    doing = s.night.book(
        s.made[request], unit, by, reason="want" if reason else None, night=night, nights=nights,
        persons=chosen,
    )  # fmt: skip
    first = night or max(s.world.requests[request].night, s.world.tonight)
    await _book(s, label, request, unit, by, reason, night=first, nights=nights, chosen=persons, doing=doing)


async def _book(
    s: Scene,
    label: str,
    request: str,
    unit: str,
    by: str,
    reason: bool,
    *,
    night: date,
    nights: int | None,
    doing: Any,
    chosen: Sequence[str] | None = None,
    held: Hold | None = None,
) -> None:
    w = s.world
    asked = w.requests[request]
    why = closed(asked) | unsafe(w, unit, asked)
    case = w.cases.get(request)
    if case and case.handover and case.handover.closed:
        why.add("request_closed")
    if held and held.ended is not None and held.ended < held.until:
        why.add("hold_lapsed")
    sleepers = who_sleeps(w, asked, chosen, night)
    wanted, refused, beyond = the_stay(w, asked, sleepers, night, nights, by, reason)
    why |= refused | w.why_not_free(unit, wanted, held)
    done = await s.attempt(doing, why)
    if done is None:
        return
    if held:
        held.ended = held.ended or w.now
    begin_case(w, request, wanted[0])
    made = Booking(label, request, unit, (), tuple(sleepers), wanted[0], w.now, overridden=beyond)
    w.bookings[label], s.made[label] = made, done
    w.take(made, wanted, sleepers)
    asked.state = "booked"


def _extend(w: World, r: Random) -> dict[str, Any] | None:
    if (booking := some_booking(w, r)) is None:
        return None
    may = [
        each
        for each in ("calltaker", "coordinator", "worker_caw")
        if not w.not_seen(each, w.bookings[booking])
    ]
    return {
        "booking": booking,
        "by": r.choice(may) if chance(r, 0.95) else "worker_caw",
        "unit": some_unit(w, r) if chance(r, 0.3) else None,
        "nights": r.choice((1, 1, 2, 3)) if chance(r, 0.4) else None,
        "reason": chance(r, 0.4),
    }


@verb("extend", _extend, 9)
async def extend(
    s: Scene, label: str, booking: str, by: str, unit: str | None, nights: int | None, reason: bool
) -> None:
    """More nights from the check-out on, in the same unit or another."""
    w = s.world
    old = w.bookings[booking]
    asked = w.requests[old.request]
    doing = s.night.extend(
        s.made[booking], by, unit_id=unit, nights=nights, reason="want" if reason else None
    )
    if not old.live:
        await s.attempt(doing, {"booking_over", *w.not_seen(by, old)})
        return
    same = unit in (None, old.unit)
    # Whoever stayed on past the check-out slept there: those nights count, and more begin tonight.
    stayed = stretch(old.checkout, max((w.tonight - old.checkout).days, 0))
    if stayed:
        nights = len(stayed) + (nights or w.days.block(w.tonight))
    wanted, why, beyond = the_stay(w, asked, old.persons, old.checkout, nights, by, reason)
    to_come = tuple(night for night in wanted if night not in stayed)
    why = why | w.not_seen(by, old) | unsafe(w, unit or old.unit, asked)
    why |= w.why_not_free(unit or old.unit, to_come, own=booking if same else None)
    done = await s.attempt(doing, why)
    if done is None:
        return
    target = old
    if not same:
        w.take(old, stayed, old.persons)
        wanted = to_come
    if not same and unit is not None:
        target = w.bookings[label] = Booking(label, old.request, unit, (), old.persons, wanted[0], w.now)
        s.made[label] = done
    target.overridden |= beyond
    w.take(target, wanted, old.persons)


def who_sleeps(w: World, asked: Request, chosen: Sequence[str] | None, night: date) -> list[str]:
    """Those named; else all of the request without a bed that night, or everybody when all have one."""
    if chosen is not None:
        return [person for person in asked.persons if person in chosen]
    without = [person for person in asked.persons if (person, night) not in w.slept]
    return without or list(asked.persons)


def the_stay(
    w: World, asked: Request, sleepers: Sequence[str], first: date, number: int | None, by: str, reason: bool
) -> tuple[tuple[date, ...], set[str], bool]:
    """The nights asked, why they may not be given to each adult, and whether they are beyond the limit."""
    if not sleepers:
        return _second_unit(w, asked, first, number)
    adults = [person for person in sleepers if w.persons[person].adult]
    if not adults:
        return stretch(first, number or 1), {"minor_alone"}, False
    used = {person: w.used(person) for person in adults}
    number = number or min(usual_nights(first, each, w.days) for each in used.values())
    wanted = stretch(first, number)
    no_readmission = w.no_readmission(sleepers, wanted)
    who = Asker(role_of(by), w.now, reason, no_readmission)
    why: set[str] = set().union(*(why_no_stay(wanted, each, w.days, who) for each in used.values()))
    if any((person, night) in w.slept for person in sleepers for night in wanted):
        why.add("already_used")
    plain = Asker("coordinator", w.now)
    beyond = any("stay_limit" in why_no_stay(wanted, each, w.days, plain) for each in used.values())
    return wanted, why, beyond


def _second_unit(
    w: World, asked: Request, first: date, number: int | None
) -> tuple[tuple[date, ...], set[str], bool]:
    """A unit where nobody of its own sleeps is never longer than the stay of the people it is taken for."""
    live = {b.label for b in w.bookings.values() if b.request == asked.label and b.live}
    slept = {night for (_, night), of in w.slept.items() if of in live}
    if number is None:
        number = 0
        while first + DAY * number in slept:
            number += 1
    wanted = stretch(first, number)
    return wanted, set() if wanted and slept >= set(wanted) else {"bad_input"}, False
