"""Steps during a stay: arrival, trouble at the door, leaving, cancelling, staying on as the owner's own."""

from collections.abc import Callable
from datetime import date
from random import Random
from typing import Any

from tests.sequences.asking import some_booking
from tests.sequences.kept import Booking, Use
from tests.sequences.rules import DAY, at
from tests.sequences.scene import Scene, chance, role_of, verb
from tests.sequences.world import World


def _by(*who: str) -> Callable[[World, Random], dict[str, Any] | None]:
    def choose(w: World, r: Random) -> dict[str, Any] | None:
        booking = some_booking(w, r)
        if booking is None:
            return None
        may = [each for each in who if not w.not_seen(each, w.bookings[booking])]
        return {"booking": booking, "by": r.choice(may if may and chance(r, 0.9) else who)}

    return choose


def _over(booking: Booking) -> set[str]:
    return set() if booking.live else {"booking_over"}


@verb("check_in", _by("calltaker", "coordinator", "worker_caw", "referrer"), 5)
async def check_in(s: Scene, label: str, booking: str, by: str) -> None:
    """They are inside."""
    w, stay = s.world, s.world.bookings[booking]
    over = set() if w.past(by, stay) else _over(stay)
    done = await s.attempt(s.night.check_in(s.made[booking], by), over | w.not_seen(by, stay))
    if done is not None and stay.live:
        stay.state, stay.arrived = "checked_in", stay.arrived or w.now


@verb("no_show", _by("calltaker", "coordinator", "referrer"), 2)
async def no_show(s: Scene, label: str, booking: str, by: str) -> None:
    """Somebody said that they do not come: no night counts."""
    w, stay = s.world, s.world.bookings[booking]
    why = _over(stay) | w.not_seen(by, stay)
    if w.past(by, stay) or (stay.live and stay.known):
        why.add("already_inside")
    if await s.attempt(s.night.no_show(s.made[booking], by), why) is None:
        return
    give_up(w, stay, "no_show")
    if not _other_bed(w, stay):
        w.requests[stay.request].state = "withdrawn"


@verb("cancel", _by("calltaker", "coordinator", "referrer"), 4)
async def cancel(s: Scene, label: str, booking: str, by: str) -> None:
    """The bed is not needed. In time no night counts; later it is leaving, which is the desk's to say."""
    w, stay = s.world, s.world.bookings[booking]
    in_time = stay.live and not stay.known and w.now < at(stay.nights[0] + DAY, 6)
    why = _over(stay) | w.not_seen(by, stay)
    if w.past(by, stay):
        why.add("already_inside")
    if await s.attempt(s.night.cancel(s.made[booking], by), why) is None:
        return
    if in_time:
        _cancelled(w, stay)
    else:
        _left(w, stay)


LEAVERS = ("calltaker", "coordinator", "worker_caw", "owner_izegem", "owner_ingelmunster")


@verb("check_out", _by(*LEAVERS), 7)
async def check_out(s: Scene, label: str, booking: str, by: str) -> None:
    """They left. The owner says so when the stay is over, and not before."""
    w, stay = s.world, s.world.bookings[booking]
    why = _over(stay) | w.not_seen(by, stay)
    if stay.live and role_of(by) == "owner" and w.today < stay.checkout:
        why.add("booked_until")
    if await s.attempt(s.night.check_out(s.made[booking], by), why) is None:
        return
    if w.tonight < stay.nights[0]:
        _cancelled(w, stay)
    else:
        _left(w, stay)


@verb("not_yet_left", _by(*LEAVERS), 2)
async def not_yet_left(s: Scene, label: str, booking: str, by: str) -> None:
    """The stay is over and they are still there: the unit stays booked."""
    w, stay = s.world, s.world.bookings[booking]
    why = _over(stay) | w.not_seen(by, stay)
    if stay.live and w.today < stay.checkout:
        why.add("booked_until")
    await s.attempt(s.night.not_yet_left(s.made[booking], by), why)


def _care(w: World, r: Random) -> dict[str, Any] | None:
    """On closed days the desk calls whoever is inside."""
    booking = some_booking(w, r)
    if booking is None or w.days.works(w.today) or w.now < at(w.today, 16):
        return None
    return {"booking": booking, "answer": r.choice(("left", "left", "well", "help"))}


@verb("care", _care, 12)
async def care(s: Scene, label: str, booking: str, answer: str) -> None:
    """The weekend call. Who left leaves a unit that is free and not cleaned; where somebody hid, one to be made ready.

    Whom the round of that day calls is not in the model.
    """
    w, stay = s.world, s.world.bookings[booking]
    doing = s.night.care(s.made[booking], answer)
    if await s.attempt(doing, _over(stay), {"not_there"}) is not None and answer == "left":
        _left(w, stay, ready=not w.requests[stay.request].hiding)


@verb("move", _by("calltaker", "coordinator", "referrer"), 3)
async def move(s: Scene, label: str, booking: str, by: str) -> None:
    """Trouble at the door: the nights to come in another unit, and this one is closed."""
    w, old = s.world, s.world.bookings[booking]
    why = _over(old) | w.not_seen(by, old) | ({"already_inside"} if w.past(by, old) else set())
    left = tuple(night for night in old.nights if night >= w.tonight)
    better: list[str] = []
    if old.live:
        if not left:
            why.add("booking_over")
        better = _other_units(w, old, left)
        if not better:
            why.add("no_unit")
    done = await s.attempt(s.night.move(s.made[booking], by=by), why)
    if done is None:
        return
    assert done.unit_id in better, f"moved to {done.unit_id}, which is not one of {better}"
    new = Booking(
        label, old.request, done.unit_id, (), old.persons, left[0], w.now, overridden=old.overridden,
        no_readmission=old.no_readmission,
    )  # fmt: skip
    w.bookings[label], s.made[label] = new, done
    sleepers = [person for person in old.persons if (person, left[0]) in w.slept]
    if w.inside(old):
        _another_key_where_they_hid(w, old)
    w.drop(old, left[0])
    old.state = "checked_out" if old.nights else "cancelled"
    w.units[old.unit].closed = True
    w.take(new, left, sleepers)


def _stays_as(w: World, r: Random) -> dict[str, Any] | None:
    begun = [each.label for each in w.bookings.values() if each.live and each.nights[0] < w.tonight]
    booking = r.choice(begun) if begun and chance(r, 0.9) else some_booking(w, r)
    if booking is None:
        return None
    until = w.tonight + DAY * r.choice((0, 2, 9)) if chance(r, 0.5) else None
    return {
        "booking": booking,
        "by": r.choice(("coordinator", "coordinator", "owner_izegem")),
        "until": until,
    }


@verb("stays_as", _stays_as, 6)
async def stays_as(s: Scene, label: str, booking: str, by: str, until: date | None) -> None:
    """The people stay as the owner's own from tonight on: the nights slept count, the later ones do not."""
    w, stay = s.world, s.world.bookings[booking]
    why = _over(stay) | w.not_seen(by, stay)
    since = w.tonight
    if stay.live:
        kept = [night for night in stay.nights if night < w.today]
        since = kept[-1] + DAY if kept else w.tonight
        if w.tonight <= stay.nights[0]:
            why.add("not_begun")
        if until is not None and until <= since:
            why.add("bad_input")
        others = World(w.now, w.units, w.days, holds=w.holds)
        others.bookings = {each.label: each for each in w.bookings.values() if each is not stay}
        if others.in_the_way(stay.unit, since, until):
            why |= {"booked_until", "held_until"}
    if await s.attempt(s.night.stays_as(s.made[booking], by, until=until), why) is None:
        return
    w.drop(stay, since)
    stay.state = "checked_out"
    # The night that has not turned yet is theirs too: the unit is never free with people inside.
    w.units[stay.unit].uses.append(Use(min(since, w.tonight), until))
    _another_key_where_they_hid(w, stay)


def _another_key_where_they_hid(w: World, stay: Booking) -> None:
    if w.requests[stay.request].hiding:
        w.units[stay.unit].turnover = w.units[stay.unit].other_key = True


def give_up(w: World, stay: Booking, state: str) -> None:
    """No night counts any more; the people go on in the second unit of the household, when it has one."""
    _pass_on(w, stay, stay.nights[0])
    w.drop(stay, stay.nights[0])
    stay.state = state


def _cancelled(w: World, stay: Booking) -> None:
    give_up(w, stay, "cancelled")
    if not _other_bed(w, stay):
        w.requests[stay.request].state = "open"


def _left(w: World, stay: Booking, *, ready: bool = False) -> None:
    """The nights from today on are given back, and the unit is made ready unless it is given as it is."""
    _pass_on(w, stay, w.today)
    w.drop(stay, w.today)
    stay.state = "checked_out"
    unit = w.units[stay.unit]
    if ready:
        return
    unit.turnover = True
    unit.other_key |= w.requests[stay.request].hiding


def _pass_on(w: World, stay: Booking, first: date) -> None:
    other = w.beside(stay)
    if other is None:
        return
    w.slept = {key: of for key, of in w.slept.items() if of != stay.label or key[1] < first}
    later = tuple(night for night in other.nights if night >= first)
    other.persons = stay.persons
    for person in stay.persons:
        w.slept |= {(person, night): other.label for night in later}


def _other_bed(w: World, stay: Booking) -> bool:
    return any(b.live for b in w.bookings.values() if b.request == stay.request and b is not stay)


def _other_units(w: World, old: Booking, left: tuple[date, ...]) -> list[str]:
    asked = w.requests[old.request]
    people = asked.adults + asked.children
    if len([b for b in w.bookings.values() if b.request == old.request and b.live]) > 1:
        people = min(people, w.units[old.unit].places)
    return [
        unit.id
        for unit in w.units.values()
        if unit.id != old.unit
        and unit.places >= people
        and w.safe(unit.id, asked)
        and not w.why_not_free(unit.id, left)
    ]
