"""Steps of the desk: requests and holds."""

from datetime import date, timedelta
from random import Random
from typing import Any

from crisispool.domain.request import Need, RequestKind
from crisispool.services.asks import IdentityAsk, PersonAsk
from tests.sequences.kept import Hold, Person, Request
from tests.sequences.rules import DAY, stretch
from tests.sequences.scene import Scene, chance, verb
from tests.sequences.world import World

DESK = ("calltaker", "calltaker", "coordinator")
BUSY = ("iz-room", "iz-house", "in-house", "iz-rota")
TOWNS = ("36007", "36008", "37017")
NAMES = tuple(IdentityAsk(given, "Canary-Peeters", date(1980, 5, 17)) for given in ("Jan", "An", "Bo"))


def some_request(w: World, r: Random) -> str | None:
    """A request: mostly one of the last, and mostly one that can still get a bed."""
    waiting = [each.label for each in w.requests.values() if each.state == "open"]
    labels = waiting if waiting and chance(r, 0.75) else list(w.requests)
    return r.choice(labels[-4:]) if labels else None


def some_unit(w: World, r: Random) -> str:
    """A unit of the few where most happens, more often one that is free now or was held a while ago."""
    held = [hold.unit for hold in w.holds.values() if hold.ended is None]
    if held and chance(r, 0.3):
        return r.choice(held)
    busy = [unit for unit in w.units if unit in BUSY or chance(r, 0.1)]
    free = [unit for unit in busy if not w.why_not_free(unit, [w.tonight])]
    return r.choice(free if free and chance(r, 0.6) else busy)


def _request(w: World, r: Random) -> dict[str, Any] | None:
    adults = r.choice((1, 1, 1, 2))
    recent = [w.tonight - DAY * n for n in range(1, 5)]
    persons: list[dict[str, Any]] = []
    for _ in range(adults):
        if chance(r, 0.45):
            persons.append({"identity": r.randrange(len(NAMES))})
        elif chance(r, 0.3):
            persons.append({"claimed": tuple(recent[: r.choice((1, 2, 3))])})
    return {
        "by": r.choice(("calltaker", "calltaker", "coordinator", "referrer")),
        "adults": adults,
        "children": r.choice((0, 0, 1, 2)),
        "persons": persons,
        "hiding": chance(r, 0.2),
        "origin": r.choice((*TOWNS, "none")),
        "avoid": tuple(r.sample(TOWNS, 1)) if chance(r, 0.1) else (),
        "caw_only": chance(r, 0.1),
        "night": w.tonight + DAY * r.choice((-1, 1, 2)) if chance(r, 0.12) else None,
    }


@verb("request", _request, 5)
async def request(s: Scene, label: str, **told: Any) -> None:
    """Somebody asks for a bed."""
    w, asks = s.world, []
    night = told["night"] or w.tonight
    for each in told["persons"]:
        known = NAMES[each["identity"]] if "identity" in each else None
        asks.append(PersonAsk(identity=known, claimed_nights=each.get("claimed", ())))
    asks += [PersonAsk(adult=False, age=6)] * told["children"]
    done = await s.attempt(
        s.night.request(
            told["by"],
            kind=RequestKind.VIOLENCE if told["hiding"] else RequestKind.FIRE_WATER_CLOSED,
            adults=told["adults"],
            children=told["children"],
            origin=told["origin"],
            avoid=told["avoid"],
            needs=(Need.PREFERS_CAW,) if told["caw_only"] else (),
            night=told["night"],
            persons=tuple(asks),
        ),
        {"bad_input"} if night < w.tonight else (),
    )
    if done is None:
        return
    labels = [f"{label}.{n}" for n in range(told["adults"] + told["children"])]
    w.requests[label] = Request(
        label, told["by"], told["adults"], told["children"], night, told["hiding"], told["origin"],
        told["avoid"], told["caw_only"], labels,
    )  # fmt: skip
    s.made[label] = done
    for n, (name, person_id) in enumerate(zip(labels, done.persons, strict=True)):
        is_told = told["persons"][n] if n < len(told["persons"]) else {}
        w.persons[name] = Person(name, label, n < told["adults"], name, is_told.get("claimed", ()))
        s.person_ids[name] = person_id
        if "identity" in is_told:
            w.recognise(name, is_told["identity"])


def _hold(w: World, r: Random) -> dict[str, Any] | None:
    if (asked := some_request(w, r)) is None:
        return None
    some = r.choice((1, 2, 3)) if chance(r, 0.25) else None
    return {"request": asked, "unit": some_unit(w, r), "by": r.choice(DESK), "nights": some}


@verb("hold", _hold, 4)
async def hold(s: Scene, label: str, request: str, unit: str, by: str, nights: int | None) -> None:
    """A unit is kept for a few minutes."""
    w = s.world
    asked = w.requests[request]
    first = max(asked.night, w.tonight)
    wanted = stretch(first, nights or min(w.days.block(first), 5))
    why = w.why_not_free(unit, wanted) | closed(asked) | unsafe(w, unit, asked)
    done = await s.attempt(s.night.hold(s.made[request], unit, by, nights=nights), why)
    if done is not None:
        until = w.now + timedelta(minutes=10)
        w.holds[label], s.made[label] = Hold(label, request, unit, wanted, until), done


def _release(w: World, r: Random) -> dict[str, Any] | None:
    return {"hold": r.choice(list(w.holds)), "by": r.choice(DESK)} if w.holds else None


@verb("release", _release, 1)
async def release(s: Scene, label: str, hold: str, by: str) -> None:
    """A held unit is given back; one that ended stays as it was."""
    await s.attempt(s.night.release(s.made[hold], by))
    s.world.holds[hold].ended = s.world.holds[hold].ended or s.world.now


def some_booking(w: World, r: Random) -> str | None:
    """A booking, mostly one that goes on."""
    live = [booking.label for booking in w.bookings.values() if booking.live]
    labels = live if chance(r, 0.9) else list(w.bookings)
    return r.choice(labels[-5:]) if labels else None


def closed(asked: Request) -> set[str]:
    """Why a request gets no bed any more."""
    return {"request_closed"} if asked.state in ("refused", "withdrawn") else set()


def unsafe(w: World, unit: str, asked: Request) -> set[str]:
    """Why a unit is no place for them."""
    return set() if w.safe(unit, asked) else {"unit_avoided"}
