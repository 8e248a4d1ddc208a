"""Steps of time: it goes on, with or without the sweep coming by."""

from datetime import datetime, time, timedelta
from random import Random
from typing import Any

from tests.sequences.morning import sweep as sweep_model
from tests.sequences.rules import DAY, HERE
from tests.sequences.scene import Scene, chance, verb
from tests.sequences.world import World

TURNS = ((0, 30), (2, 30), (5, 59), (6, 0), (7, 10), (8, 0), (8, 29), (8, 30), (11, 0), (14, 59), (15, 0),
         (16, 59), (17, 0), (20, 0), (23, 50))  # fmt: skip


def _wait(w: World, r: Random) -> dict[str, Any] | None:
    return {"minutes": r.choice((3, 11, 16, 95, 400)), "sweep": chance(r, 0.4)}


def _later(w: World, r: Random) -> dict[str, Any] | None:
    day = w.now.astimezone(HERE).date() + DAY * r.choice((0, 0, 1, 1, 1, 2, 3, 5))
    moments = [datetime.combine(day, time(*turn)) for turn in TURNS]
    left = [at for at in moments if at.replace(tzinfo=HERE) > w.now]
    if not left:
        return None
    return {"to": r.choice(left).isoformat(" ", "minutes"), "sweep": chance(r, 0.75)}


@verb("wait", _wait, 4)
async def wait(s: Scene, label: str, minutes: int, sweep: bool) -> None:
    """Some minutes go by."""
    await pass_on(s, s.world.now + timedelta(minutes=minutes), sweep)


@verb("later", _later, 10)
async def later(s: Scene, label: str, to: str, sweep: bool) -> None:
    """It is later, at one of the moments when something turns."""
    await pass_on(s, datetime.fromisoformat(to).replace(tzinfo=HERE), sweep)


async def pass_on(s: Scene, now: datetime, sweep: bool) -> None:
    """Time moves on to this moment, never back."""
    if now > s.world.now:
        s.night.clock.set(now)
        s.world.now = now
        s.swept = False
    if sweep:
        # It comes every few seconds: what follows from one step is done soon after it.
        while await s.night.app.sweep.run():
            pass
        sweep_model(s.world)
        s.swept = True
