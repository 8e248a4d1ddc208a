"""Plays sequences on a fresh record, and makes a failing one as short as it can be."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random

from sqlalchemy.ext.asyncio import AsyncEngine

from crisispool.domain.organisation import Actor
from crisispool.ports import LivePool
from tests.sequences import asking, booking, deciding, owning, passing, staying
from tests.sequences.kept import Unit
from tests.sequences.looking import look
from tests.sequences.scene import VERBS, Scene, Step, Wrong
from tests.sequences.world import World
from tests.support.clock import SteppingClock
from tests.support.databases import keys_for_tests
from tests.support.night import Night, local
from tests.support.region import UNITS

SUBJECTS = (asking, booking, staying, owning, deciding, passing)
"""Every module with steps; importing them fills `VERBS`."""

ROTA = "iz-rota"
BEGINS = (
    "2026-11-27 16:45", "2026-11-28 02:04", "2026-11-23 21:00", "2026-11-24 18:30", "2026-11-10 22:00",
    "2026-12-22 23:30", "2026-12-30 20:00", "2027-03-26 22:00", "2027-05-04 19:00", "2027-10-28 21:00",
)  # fmt: skip
"""Weekends, holidays, Christmas, both changes of the clock."""

LENGTH = 15
"""Steps of a sequence: from half as many to half more."""

WHOLLY_EVERY = 6
"""After so many steps the services and the live view are asked too, and at the end."""

ALWAYS = frozenset({"request", "book", "later"})
"""Verbs without which nothing happens."""

REFERS = frozenset({"request", "hold", "booking", "person", "into", "merge", "closing", "case"})
"""Arguments that name what an earlier step made."""


@dataclass
class Stage:
    """A record that can be made fresh, and all that plays on it."""

    engine: AsyncEngine
    pool: LivePool
    fresh: Callable[[], Awaitable[None]]
    played: dict[str, int] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)

    async def scene(self, begins: str) -> Scene:
        """A fresh record at this moment, and a model of it."""
        await self.fresh()
        night = Night([self.engine], keys_for_tests(), self.pool, SteppingClock(local(begins)))
        # The colleagues are the same in every sequence; looking them up would take a tenth of the time.
        night._actors = self.actors
        await night.app.view.rebuild(night.clock.now())
        units = {each.id: Unit(each.id, each.owner_id, each.nis, each.places) for each in UNITS}
        units[ROTA] = Unit(ROTA, "ocmw_izegem", "36008", 2, rota=True)
        return Scene(night, World(night.clock.now(), units))


@dataclass
class Failure(Exception):
    """A sequence in which product and model part ways."""

    begins: str
    steps: list[Step]
    why: BaseException
    seed: int | None = None

    def __str__(self) -> str:
        lines = [f"seed {self.seed}, begins {self.begins!r}, {len(self.steps)} steps:"]
        lines += [f"    {step}" for step in self.steps]
        return "\n".join([*lines, f"{type(self.why).__name__}: {self.why}"])


async def play_seeds(stage: Stage, seeds: range) -> None:
    """A random sequence of each seed; the same seed is the same sequence. Raises Failure."""
    for seed in seeds:
        await play_seed(stage, seed, LENGTH)


async def play_seed(stage: Stage, seed: int, length: int) -> None:
    """One random sequence of about so many steps. Raises Failure, as short as could be made."""
    random = Random(seed)  # noqa: S311  # nothing is secret here, and a seed must mean one sequence
    begins = random.choice(BEGINS)
    scene = await stage.scene(begins)
    done: list[Step] = []
    # Each sequence has its own half of the verbs: what is rare among all meets itself more often.
    verbs = [name for name in VERBS if name in ALWAYS or random.random() < 0.5]
    try:
        for number in range(1, random.randint(length // 2, length * 3 // 2) + 1):
            if (step := _choose(scene, random, verbs, str(number))) is None:
                continue
            done.append(step)
            await _do(stage, scene, step, wholly=number % WHOLLY_EVERY == 0)
        await _at_the_end(stage, scene)
    except Exception as why:  # noqa: BLE001  # whatever it is, it comes with its steps
        raise await shortened(stage, Failure(begins, done, why, seed)) from None


async def replay(stage: Stage, begins: str, steps: list[Step]) -> None:
    """The same steps again; one whose maker was left out is left out too. Raises Failure."""
    scene = await stage.scene(begins)
    for number, step in enumerate(steps):
        try:
            await _do(stage, scene, step, wholly=True)
        except Exception as why:
            raise Failure(begins, steps[: number + 1], why) from why
    try:
        await _at_the_end(stage, scene)
    except Exception as why:
        raise Failure(begins, steps, why) from why


async def shortened(stage: Stage, failure: Failure) -> Failure:
    """The failure without the steps that it does not need."""
    position = len(failure.steps) - 1
    while position >= 0:
        steps = failure.steps[:position] + failure.steps[position + 1 :]
        try:
            await replay(stage, failure.begins, steps)
        except Failure as again:
            if str(again.why)[:18] == str(failure.why)[:18]:
                failure = Failure(failure.begins, again.steps, again.why, failure.seed)
                position = min(position, len(failure.steps))
        position -= 1
    return failure


def _choose(scene: Scene, random: Random, verbs: list[str], number: str) -> Step | None:
    if not scene.world.requests:
        return Step(f"request{number}", "request", VERBS["request"].choose(scene.world, random) or {})
    weights = [VERBS[name].weight for name in verbs]
    for _ in range(20):
        name = random.choices(verbs, weights)[0]
        args = VERBS[name].choose(scene.world, random)
        if args is not None:
            return Step(f"{name}{number}", name, args)
    return None


async def _do(stage: Stage, scene: Scene, step: Step, *, wholly: bool) -> None:
    if not _can_be_done(scene, step):
        return
    scene.answer = ""
    await VERBS[step.verb].do(scene, step.label, **step.args)
    told = f"{step.verb} {scene.answer}"
    stage.played[told] = stage.played.get(told, 0) + 1
    await look(scene, stage.engine, wholly=wholly)


def _can_be_done(scene: Scene, step: Step) -> bool:
    known = {*scene.made, *scene.person_ids}
    named = [value for name, value in step.args.items() if name in REFERS]
    persons = step.args.get("persons") if step.verb == "book" else None
    return known.issuperset([*named, *(persons or ())])


async def _at_the_end(stage: Stage, scene: Scene) -> None:
    await passing.pass_on(scene, scene.world.now, sweep=True)
    await look(scene, stage.engine, wholly=True)
    if broken := await scene.night.app.invariants.broken(scene.world.now):
        raise Wrong(f"invariants: {broken}")
