"""Steps of the owners: what they say of a unit, and what they offer of it."""

from datetime import date
from random import Random
from typing import Any

from tests.sequences.asking import BUSY
from tests.sequences.kept import Unit, Use
from tests.sequences.rules import DAY, at
from tests.sequences.scene import Scene, chance, role_of, verb
from tests.sequences.world import World

OWNERS = ("owner_izegem", "owner_ingelmunster", "coordinator", "calltaker")


def _unit_and_owner(w: World, r: Random) -> dict[str, Any]:
    """A unit, more often one where something goes on, and somebody who may mostly say something of it."""
    used = [unit for unit in w.units if w.status(unit) != "free"]
    unit = r.choice(used if used and chance(r, 0.6) else BUSY)
    own = "owner_" + w.units[unit].owner.removeprefix("ocmw_")
    may = [each for each in OWNERS if role_of(each) != "owner" or each == own]
    return {"unit": unit, "by": r.choice(may if chance(r, 0.92) else OWNERS)}


def _say(w: World, r: Random) -> dict[str, Any] | None:
    words = ("free", "free", "free", "occupied", "occupied", "out_of_service", "turnover", "confirmed")
    owner = _unit_and_owner(w, r)
    again = w.units[owner["unit"]].turnover and chance(r, 0.3)
    status = "turnover" if again else r.choice(words)
    since = w.tonight + DAY * r.choice((-1, 0, 1, 2, 4)) if chance(r, 0.3) else None
    until = w.tonight + DAY * r.choice((0, 1, 3, 8)) if chance(r, 0.4) else None
    cleaned = False if status == "free" and chance(r, 0.3) else None
    return {**owner, "status": status, "since": since, "until": until, "cleaned": cleaned}


@verb("say", _say, 9)
async def say(
    s: Scene,
    label: str,
    unit: str,
    by: str,
    status: str,
    since: date | None,
    until: date | None,
    cleaned: bool | None,
) -> None:
    """The owner, or the desk, says what a unit is."""
    w, it = s.world, s.world.units[unit]
    why = _not_theirs(w, unit, by)
    first = since or w.tonight
    if (since is not None and status not in ("occupied", "free")) or first < w.tonight:
        why.add("bad_input")
    ready_today = status == "turnover" and until == first and w.now < at(first, 16)
    if until is not None and until <= first and not ready_today:
        why.add("bad_input")
    if status in ("occupied", "out_of_service", "turnover"):
        last = until if status == "occupied" else None
        if w.in_the_way(unit, first, last):
            why |= {"booked_until", "held_until"}
    now_free = status == "free" and first == w.tonight
    if now_free and it.turnover and it.other_key and (cleaned is False or by == "calltaker"):
        why.add("key_code_must_change")
    done = await s.attempt(s.night.say(unit, status, by, since=since, until=until, cleaned=cleaned), why)
    if done is not None:
        _so_it_is(w, it, status, first, until)


def _so_it_is(w: World, it: Unit, status: str, first: date, until: date | None) -> None:
    now_free = status == "free" and first == w.tonight
    if status == "free" and not now_free:
        it.uses = [use for use in it.uses if use.since < first]
    elif now_free or status == "turnover" or (status == "occupied" and first == w.tonight):
        key = it.turnover and it.other_key
        it.uses = [use for use in it.uses if use.since > w.tonight]
        it.closed = False
        # Another use does not change the key code.
        it.other_key = key and not now_free
        it.turnover = it.other_key or status == "turnover"
    if status == "occupied":
        it.uses.append(Use(first, until))
    if status == "out_of_service":
        it.closed = True


def _offer(w: World, r: Random) -> dict[str, Any] | None:
    chosen = _unit_and_owner(w, r)
    day = w.tonight + DAY * r.choice((0, 1, 2, 4, 7))
    monday = w.tonight - DAY * w.tonight.weekday()
    name = r.choice(("free_until", "free_until", "leaves_on", "joined_on", "clear"))
    if w.units[chosen["unit"]].rota and chance(r, 0.7):
        return {**chosen, "rota_weeks": tuple(monday + DAY * 7 * n for n in r.sample((-1, 0, 1, 2), 2))}
    cleared = (r.choice(("free_until", "leaves_on", "joined_on")),)
    return {**chosen, name: cleared if name == "clear" else day}


@verb("offer", _offer, 3)
async def offer(s: Scene, label: str, unit: str, by: str, **changes: Any) -> None:
    """What the owner offers changes: from when, until when, in which weeks."""
    w, it = s.world, s.world.units[unit]
    why = _not_theirs(w, unit, by) if by != "calltaker" else {"not_your_role"}
    free_until = changes.get("free_until")
    if free_until and w.in_the_way(unit, free_until, None):
        why |= {"booked_until", "held_until"}
    joined, leaves = (changes.get(name, getattr(it, name)) for name in ("joined_on", "leaves_on"))
    if joined and leaves and leaves <= joined:
        why |= {"bad_input"}
    if await s.attempt(s.night.change_unit(unit, by, **changes), why) is None:
        return
    for name in changes.pop("clear", ()):
        setattr(it, name, None)
    for name, value in changes.items():
        setattr(it, "weeks" if name == "rota_weeks" else name, value)


def _not_theirs(w: World, unit: str, by: str) -> set[str]:
    own = f"ocmw_{by.partition('_')[2]}" == w.units[unit].owner
    return {"not_there"} if role_of(by) == "owner" and not own else set()
