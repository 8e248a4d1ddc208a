"""Steps by day: who is who, closing days, what outreach decides, how a handover goes on, requests that end."""

from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

from tests.sequences.asking import DESK, NAMES, some_booking, some_request
from tests.sequences.morning import begin_case, replan, service_of
from tests.sequences.rules import DAY
from tests.sequences.scene import Scene, chance, verb
from tests.sequences.world import World

WORKERS = ("worker_caw", "worker_ingelmunster", "worker_izegem", "coordinator")


def _identify(w: World, r: Random) -> dict[str, Any] | None:
    """Somebody in a booking who was not known yet; mostly somebody who had a bed under another reference."""
    unknown = [
        (booking.label, person)
        for booking in w.bookings.values()
        for person in booking.persons
        if w.persons[person].identity is None and w.persons[person].adult
    ]
    if not unknown:
        return None
    booking, person = r.choice(unknown)
    slept = sorted({who for each, _ in w.slept if (who := w.persons[each].identity) is not None})
    identity = r.choice(slept) if slept and chance(r, 0.8) else r.randrange(len(NAMES))
    return {"booking": booking, "person": person, "identity": identity}


@verb("identify", _identify, 7)
async def identify(s: Scene, label: str, booking: str, person: str, identity: int) -> None:
    """Who somebody is, told after the bed was given."""
    theirs = replace(s.made[booking], persons=(s.person_ids[person],))
    await s.attempt(s.night.identify(theirs, NAMES[identity], "coordinator"))
    s.world.recognise(person, identity)


def _merge(w: World, r: Random) -> dict[str, Any] | None:
    with_bed = sorted({person for person, _ in w.slept} | {p.label for p in w.persons.values() if p.claimed})
    if len(with_bed) < 2:
        return None
    one, other = r.sample(with_bed, 2)
    return {"person": one, "into": other}


@verb("merge", _merge, 3)
async def merge(s: Scene, label: str, person: str, into: str) -> None:
    """Two references turn out to be one person."""
    w = s.world
    one, other = w.persons[person], w.persons[into]
    why = set() if w.days.works(w.today) else {"not_a_working_day"}
    if one.group == other.group or one.adult is not other.adult:
        why.add("bad_input")
    done = await s.attempt(s.night.merge(s.person_ids[person], s.person_ids[into]), why)
    if done is None:
        return
    moved = w.references(one.group)
    w.merges[label] = {each.label: (one.group, other.group) for each in moved}
    s.made[label] = done
    for each in moved:
        each.group = other.group


def _unmerge(w: World, r: Random) -> dict[str, Any] | None:
    return {"merge": r.choice(list(w.merges))} if w.merges else None


@verb("unmerge", _unmerge, 2)
async def unmerge(s: Scene, label: str, merge: str) -> None:
    """They are two people after all; who was recognised as one of them meanwhile goes along."""
    w = s.world
    moved = w.merges[merge]
    undone = merge in w.undone
    why = set() if w.days.works(w.today) else {"not_a_working_day"}
    if not undone and any(w.persons[each].group != to for each, (_, to) in moved.items()):
        why.add("merged_since")
    done = await s.attempt(s.night.unmerge(s.made[merge]), why)
    if done is None or undone:
        return
    w.undone.add(merge)
    known = {w.persons[each].identity for each in moved} - {None}
    back, of = next(iter(moved.values()))
    for person in w.references(of):
        if person.label in moved or person.identity in known:
            person.group = back


def _close_day(w: World, r: Random) -> dict[str, Any] | None:
    day = w.today + DAY * r.choice((-1, 0, 1, 1, 2, 3, 4))
    service = r.choice((None, None, "caw", "ocmw_ingelmunster"))
    return {"closed": day, "service": service}


@verb("close_day", _close_day, 3)
async def close_day(s: Scene, label: str, closed: date, service: str | None) -> None:
    """A day is closed, for outreach or for one service."""
    w = s.world
    why = {"bad_input"} if closed < w.today else set()
    if closed in w.days.closed if service is None else (service, closed) in w.closed_services:
        why.add("closing_day_exists")
    done = await s.attempt(s.night.close_day(closed, organisation_id=service), why)
    if done is None:
        return
    s.made[label] = done
    w.entered[label] = (closed, service)
    if service is None:
        w.days.closed.add(closed)
        # Which night it is may be another one now; the view follows within seconds.
        s.swept = False
    else:
        w.closed_services.add((service, closed))
    replan(w)


def _open_day(w: World, r: Random) -> dict[str, Any] | None:
    return {"closing": r.choice(list(w.entered))} if w.entered else None


@verb("open_day", _open_day, 2)
async def open_day(s: Scene, label: str, closing: str) -> None:
    """It is not closed after all."""
    w = s.world
    day, service = w.entered[closing]
    why = {"bad_input"} if day < w.today else set()
    if closing in w.reopened:
        why.add("not_there")
    if await s.attempt(s.night.open_day(s.made[closing]), why) is None:
        return
    w.reopened.add(closing)
    if service is None:
        w.days.closed.discard(day)
        s.swept = False
    else:
        w.closed_services.discard((service, day))
    replan(w)


def _readmission(w: World, r: Random) -> dict[str, Any] | None:
    if (booking := some_booking(w, r)) is None:
        return None
    may = [each for each in WORKERS if not w.not_seen(each, w.bookings[booking])]
    by = r.choice(may if chance(r, 0.9) else WORKERS)
    return {"booking": booking, "by": by, "allowed": chance(r, 0.25), "reason": chance(r, 0.85)}


@verb("readmission", _readmission, 3)
async def readmission(s: Scene, label: str, booking: str, by: str, allowed: bool, reason: bool) -> None:
    """Outreach says whether the desk may give another block at night."""
    w, stay = s.world, s.world.bookings[booking]
    why = w.not_seen(by, stay) | ({"reason_missing"} if not allowed and not reason else set())
    doing = s.night.readmission(s.made[booking], by, allowed=allowed, reason="want" if reason else "")
    if await s.attempt(doing, why) is not None:
        stay.no_readmission = not allowed


def _end(w: World, r: Random) -> dict[str, Any] | None:
    if (asked := some_request(w, r)) is None:
        return None
    return {"request": asked, "by": r.choice(DESK), "contact": r.choice((None, True, True, False))}


@verb("end", _end, 2)
async def end(s: Scene, label: str, request: str, by: str, contact: bool | None) -> None:
    """A request is withdrawn (contact None), or refused; with contact it becomes a case of the next working day."""
    w, asked = s.world, s.world.requests[request]
    why = set() if asked.state == "open" else {"request_closed", "booked_already"}
    if contact is None:
        if await s.attempt(s.night.withdraw(s.made[request], by), why) is not None:
            asked.state = "withdrawn"
        return
    if await s.attempt(s.night.refuse(s.made[request], contact=contact, by=by), why) is None:
        return
    asked.state, asked.contact = "refused", contact
    if contact:
        case = w.cases.get(request)
        begin_case(w, request, case.night if case else asked.night)


def _outreach(w: World, r: Random) -> dict[str, Any] | None:
    labels = [case.request for case in w.cases.values() if case.handover]
    if not labels:
        return None
    case = r.choice(labels[-3:])
    may = [each for each in WORKERS if not w.not_with(each, case)]
    by = r.choice(may if chance(r, 0.9) else WORKERS)
    return {"case": case, "by": by, "what": r.choice(("accept", "accept", "contact", "end"))}


@verb("outreach", _outreach, 4)
async def outreach(s: Scene, label: str, case: str, by: str, what: str) -> None:
    """A service takes a handover, speaks with the people, says how it ended."""
    w, about = s.world, s.world.cases.get(case)
    if about is None or about.handover is None:
        return
    handover, service = about.handover, service_of(by, about.handover)
    why = w.not_with(by, case)
    if handover.closed:
        why.add("handover_closed")
    found = await s.handover_of(case)
    if what == "accept":
        if handover.accepted_by not in (None, service):
            why.add("already_accepted")
        if await s.attempt(s.night.accept(found, by, named=False), why) is not None:
            handover.accepted_by = service
        return
    if handover.accepted_by is None:
        why.add("not_accepted")
    fields = {"contacted": True} if what == "contact" else {"outcome": "own_network", "solved": "yes"}
    if what == "end" and handover.closed:
        # The same end again changes nothing.
        why.discard("handover_closed")
    if await s.attempt(s.night.outcome(found, by, **fields), why) is None:
        return
    handover.contacted = True
    if what == "end":
        handover.closed = True
