"""A Monday morning in a small region, with something of everybody's; and a second network beside it in the same record.

Somebody of each role has something of each kind, and there is always another one that is somebody else's.
"""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, cast

from sqlalchemy.ext.asyncio import AsyncEngine

from crisispool.adapters.clock import TrainingClock
from crisispool.adapters.crypto import Keys
from crisispool.adapters.sql_engine import at_sqlite, make_engine
from crisispool.adapters.sql_store import SqlStore
from crisispool.app import App, assemble
from crisispool.domain.booking import Booking
from crisispool.domain.care import CareCall, CareState, CareStep
from crisispool.domain.daytime import QuestionKind, QuestionOutcome
from crisispool.domain.duty import Duty, DutyShift
from crisispool.domain.messenger import Invitation
from crisispool.domain.organisation import (
    Colleague,
    Membership,
    Network,
    Organisation,
    OrganisationKind,
    PolicyVersion,
    Role,
    RoleGrant,
)
from crisispool.domain.request import Request, RequestKind
from crisispool.domain.secret import Secret
from crisispool.domain.unit import Unit, UnitAccess, UnitKind, UnitNetwork, UnitSource
from crisispool.domain.weekend import LineReason, WeekendLine
from crisispool.ports import OneOf
from crisispool.services.answers import BookingAnswer, RequestAnswer
from crisispool.services.asks import ClosingDayAsk, IdentityAsk, MergeAsk, PersonAsk
from crisispool.services.daytime import QuestionAsk
from crisispool.services.messenger.incoming import Incoming
from crisispool.services.messenger.invitations import InviteAsk
from crisispool.settings import Settings
from tests.support.clock import SteppingClock
from tests.support.live_pool import no_live_pool
from tests.support.night import JAN, Night, local
from tests.support.region import INGELMUNSTER, IZEGEM, LOADED_AT, WIELSBEKE, load_region
from tests.web.calls import Line

NOW = local("2026-11-30 10:00")
FRIDAY_EVENING = local("2026-11-27 21:00")

WHO = {
    "r": "referrer",
    "c": "calltaker",
    "m": "owner_izegem",
    "s": "worker_ingelmunster",
    "k": "coordinator",
    "n": "council",
    "a": "admin",
    "o": "calltaker_off",
}
"""A colleague for each letter; ``o`` takes calls, but not now."""

FAR = {
    "r": ("far_referrer", Role.REFERRER, "far_police"),
    "c": ("far_calltaker", Role.CALLTAKER, "far_caw"),
    "m": ("far_owner", Role.UNIT_MANAGER, "far_ocmw"),
    "s": ("far_worker", Role.SUPPORT_WORKER, "far_ocmw"),
    "k": ("far_coordinator", Role.COORDINATOR, None),
}
"""Their colleagues in the other network."""

ABSENT = "01JNOTTHERE0000000000000XX"

Ids = dict[str, str]


@dataclass(frozen=True)
class Things:
    """Ids by kind: of each letter's own, of somebody else in the network, and in the other network."""

    own: dict[str, Ids]
    other: Ids
    far: Ids
    version: int

    def of(self, letter: str, whose: str, kind: str) -> str:
        """An id of this kind. `whose`: own, other, far or absent."""
        if whose == "absent":
            return ABSENT
        if whose == "own":
            return self.own[letter].get(kind) or self.own["*"][kind]
        return (self.other if whose == "other" else self.far)[kind]


def ids_of(line: Line, letter: str, things: Things, whose: str = "own", only: str = "") -> dict[str, str]:
    """The ids of a call by place: all of them `whose`, or `only` the one in this place and the rest the own."""
    found = {
        place: things.of(letter, whose if only in ("", place) else "own", kind)
        for place, kind in line.kinds()
    }
    return {
        place: ABSENT + str(n) if each == ABSENT else each for n, (place, each) in enumerate(found.items())
    }


@dataclass
class World:
    """A record to try things in, put back to the Monday morning as often as wanted."""

    template: Path
    path: Path
    things: Things
    tokens: dict[str, str]
    app: App
    store: SqlStore
    clock: SteppingClock

    def put_back(self) -> None:
        """Everything is again as it was on Monday morning."""
        with closing(sqlite3.connect(self.template)) as source, closing(sqlite3.connect(self.path)) as target:
            target.execute("PRAGMA synchronous = OFF")
            source.backup(target)
        self.clock.set(NOW)


def opened(template: Path, path: Path, things: Things, tokens: dict[str, str], keys: Keys) -> World:
    """The world in a file of its own."""
    engine = make_engine(at_sqlite(path))
    store, clock = SqlStore(engine, keys), SteppingClock(NOW)
    app = assemble(
        Settings.from_env({}),
        store,
        no_live_pool(),
        clock,
        keys,
        training_clock=cast(TrainingClock, Movable(clock)),
    )
    world = World(template, path, things, tokens, app, store, clock)
    world.put_back()
    return world


class Movable:
    """The test clock as the training moves it."""

    def __init__(self, clock: SteppingClock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        """The moment of the test clock."""
        return self._clock.now()

    async def move(self, to: datetime) -> None:
        """Go forward."""
        self._clock.set(to)


async def hide(world: World) -> None:
    """All people of the world hide."""
    async with world.store.transaction() as tx:
        for request in await tx.find(Request):
            await tx.save(replace(request, kind=RequestKind.VIOLENCE))


def make_template(migrated: Path, path: Path, keys: Keys) -> tuple[Things, dict[str, str]]:
    """Live through the weekend in this file; what there is then, and the token of everybody by name."""
    path.write_bytes(migrated.read_bytes())
    engine = make_engine(at_sqlite(path))

    async def live() -> tuple[Things, dict[str, str]]:
        made = await weekend(engine, keys)
        await engine.dispose()
        return made

    return asyncio.run(live())


async def weekend(engine: AsyncEngine, keys: Keys) -> tuple[Things, dict[str, str]]:
    """From Friday evening to Monday 10:00, in both networks."""
    night = Night([engine], keys, no_live_pool(), SteppingClock(FRIDAY_EVENING))
    await load_region(night.store)
    async with night.store.transaction() as tx:
        for records in more_records():
            await tx.add(*records)
        network = await tx.get(Network, "net")
        assert network is not None
        await tx.save(replace(network, training=False))
    stays, known = Stays(night), (PersonAsk(identity=JAN),)
    own_weekend = await stays.booked("nurse", "calltaker_2", "iz-house", origin=INGELMUNSTER, persons=known)
    taken_up = await stays.booked("nurse", "calltaker_2", "iz-studio", origin=INGELMUNSTER)
    other_weekend = await stays.booked(
        "nurse",
        "calltaker_2",
        "in-house",
        origin=IZEGEM,
        persons=(PersonAsk(identity=replace(JAN, given_name="An")),),
    )
    far_weekend = await stays.booked("far_referrer", "far_calltaker", "far-1", origin=WIELSBEKE)
    await night.until("2026-11-30 08:10")
    for booking, who in (
        (taken_up, "worker_ingelmunster"),
        (other_weekend, "worker_izegem"),
        (far_weekend, "far_worker"),
    ):
        [handover] = [each for each in await night.handovers(who) if each.case_id == booking.case_id]
        await night.accept(handover, who)
        stays.handovers[booking.id] = handover.id
    [fresh] = [
        each for each in await night.handovers("worker_ingelmunster") if each.case_id == own_weekend.case_id
    ]
    night.at("2026-11-30 09:58")
    asked = {letter: await night.request(WHO[letter]) for letter in "rcmsk"}
    other_asked, far_asked = await night.request("nurse"), await night.request("far_referrer")
    tonight = await stays.booked("referrer", "calltaker", "in-studio")
    other_tonight = await stays.booked("nurse", "calltaker_2", "wi-flat")
    far_tonight = await stays.booked("far_referrer", "far_calltaker", "far-2")
    held = await night.hold(await night.request(), "more-1")
    other_held = await night.hold(await night.request("calltaker_2"), "more-2", "calltaker_2")
    far_held = await night.hold(await night.request("far_calltaker"), "far-3", "far_calltaker")
    lines = await stays.as_if_closed(own_weekend, other_weekend, far_weekend)
    days = {who: await stays.closed(who, home) for who, home in CLOSERS}
    alike, far_alike = await stays.alike("calltaker"), await stays.alike("far_calltaker")
    accounts, knocking = await come_in(night)
    offers = await given_away(night)
    asked_by_day = {
        who: await by_day(night, who)
        for who in (*(WHO[letter] for letter in "csk"), "worker_izegem", "far_worker")
    }
    night.clock.set(NOW)
    unit = await night.unit("iz-room")
    own = {
        "*": {
            "booking": tonight.id, "person": tonight.persons[0], "weekend": own_weekend.id, "hold": held.id,
            "over": own_weekend.id, "line": lines[own_weekend.id],
            "unit": "iz-room", "any_unit": "more-3", "handover": fresh.id, "police": "backup_caw",
            "accepted": stays.handovers[taken_up.id], "worker": "worker_ingelmunster", "service": "ocmw_izegem",
            "closing_day": days["owner_izegem"], "alike": alike[0], "alike_too": alike[1], "merge": alike[2],
            "workplace": "ocmw_izegem", "invited": "calltaker", "account": accounts[0], "invitation": knocking[0],
            "shift": "shift-calltaker", "any_shift": "later-2", "offer": offers[0], "at_desk": "calltaker_off",
            "my_offer": offers[3], "setting": "landing",
        },
        "a": {},
        **{letter: {"request": each.id, "sleeper": each.persons[0], "question": asked_by_day.get(WHO[letter], "")}
           for letter, each in asked.items()},
    }  # fmt: skip
    mornings = {"booking": own_weekend.id, "person": own_weekend.persons[0]}
    own["m"] |= mornings
    own["k"] |= {"shift": "shift-coordinator", "my_offer": offers[4]}
    own["s"] |= mornings | {"closing_day": days["worker_ingelmunster"], "service": "ocmw_ingelmunster"}
    other = {
        "request": other_asked.id, "sleeper": other_asked.persons[0], "booking": other_tonight.id,
        "person": other_tonight.persons[0], "weekend": other_weekend.id, "hold": other_held.id, "unit": "wi-house",
        "over": other_weekend.id, "line": lines[other_weekend.id],
        "any_unit": "more-4", "handover": stays.handovers[other_weekend.id], "police": "backup_izegem",
        "accepted": stays.handovers[other_weekend.id], "worker": "worker_izegem", "service": "caw",
        "closing_day": days["worker_caw"], "alike": alike[1], "alike_too": alike[0], "merge": alike[2],
        "workplace": "caw", "invited": "nurse", "account": accounts[1], "invitation": knocking[1],
        "shift": "shift-calltaker_2", "any_shift": "later-1", "offer": offers[1], "at_desk": "calltaker_2",
        "my_offer": offers[0], "question": asked_by_day["worker_izegem"], "setting": "landing",
    }  # fmt: skip
    far = {
        "request": far_asked.id, "sleeper": far_asked.persons[0], "booking": far_tonight.id,
        "person": far_tonight.persons[0], "weekend": far_weekend.id, "hold": far_held.id, "unit": "far-1",
        "over": far_weekend.id, "line": lines[far_weekend.id],
        "any_unit": "far-4", "handover": stays.handovers[far_weekend.id], "police": "far_police",
        "accepted": stays.handovers[far_weekend.id], "worker": "far_worker", "service": "far_caw",
        "closing_day": days["far_coordinator"], "alike": far_alike[0], "alike_too": far_alike[1],
        "merge": far_alike[2],
        "workplace": "far_caw", "invited": "far_worker", "account": accounts[2], "invitation": knocking[2],
        "shift": "far-shift", "any_shift": "far-shift", "offer": offers[2], "at_desk": "far_calltaker",
        "my_offer": offers[2], "question": asked_by_day["far_worker"], "setting": "nothing",
    }  # fmt: skip
    names = [*WHO.values(), *(name for name, _, _ in FAR.values())]
    tokens = {name: (await night.app.accounts.token_for(name)).token for name in names}
    return Things(own, other, far, unit.version), tokens


async def given_away(night: Night) -> list[str]:
    """Shifts on offer: one that every calltaker may take, one for another colleague, one in the other network, and
    one of the calltaker and of the coordinator themselves."""
    begins = [datetime(2029, month, 1, 17, tzinfo=UTC) for month in (2, 1, 3, 4, 6)]
    later = (
        ("later-1", "calltaker"),
        ("later-2", "calltaker_2"),
        ("later-3", "calltaker_2"),
        ("later-4", "calltaker"),
        ("later-5", "coordinator"),
    )
    await night.add(
        *(
            DutyShift(
                shift,
                "net",
                Duty.COORDINATOR if who == "coordinator" else Duty.BACKUP,
                who,
                start,
                start + timedelta(hours=12),
            )
            for (shift, who), start in zip(later, begins, strict=True)
        )
    )
    made = []
    for who, shift, to in (
        ("calltaker_2", "later-2", None),
        ("calltaker_2", "later-3", "calltaker_off"),
        ("far_calltaker", "far-shift", None),
        ("calltaker", "later-4", "calltaker_off"),
        ("coordinator", "later-5", None),
    ):
        offer = await night.app.rosters.offer(await night.actor(who), night.op(), shift, to)
        made.append(offer.id)
    return made


async def by_day(night: Night, who: str) -> str:
    """A question that somebody noted by day."""
    ask = QuestionAsk(QuestionKind.BED_SOON, QuestionOutcome.ANSWERED)
    return (await night.app.daytime.note(await night.actor(who), night.op(), ask)).id


async def come_in(night: Night) -> tuple[list[str], list[str]]:
    """Accounts that are linked, and invitations that somebody opened: two of the own network, one of the other."""
    links, knocking, numbers = [], [], count(1)
    for coordinator in ("coordinator", "coordinator", "far_coordinator"):
        actor, invitations = await night.actor(coordinator), night.app.invitations
        for approve in (True, False):
            made = await invitations.invite(actor, night.op(), InviteAsk(Role.COUNCIL))
            number = next(numbers)
            opens = Incoming(number, number, number, 1, "nl", command="start", argument=Secret(made.token))
            await night.app.reception.receive(opens, lambda link, data: None)
            if approve:
                await invitations.approve(actor, night.op(), made.id)
                [linked] = await night.rows(Invitation, id=made.id)
                links.append(str(linked.link_id))
            else:
                knocking.append(made.id)
    return links, knocking


CLOSERS = (
    ("owner_izegem", "ocmw_izegem"),
    ("worker_ingelmunster", "ocmw_ingelmunster"),
    ("worker_caw", "caw"),
    ("far_coordinator", "far_caw"),
)


class Stays:
    """What happens to people at the weekend, in short."""

    def __init__(self, night: Night) -> None:
        self._night = night
        self.handovers: Ids = {}

    async def booked(self, asker: str, desk: str, unit_id: str, **fields: Any) -> BookingAnswer:
        """Somebody asks, the desk books."""
        return await self._night.book(await self._night.request(asker, **fields), unit_id, desk)

    async def closed(self, who: str, home: str) -> str:
        """A service closes for a day."""
        app, op = self._night.app, self._night.op()
        ask = ClosingDayAsk(day=date(2026, 12, 24), name="Brugdag", organisation_id=home)
        return (await app.closing_days.enter(await self._night.actor(who), op, ask)).closing_day.id

    async def as_if_closed(self, *bookings: BookingAnswer) -> Ids:
        """The calls and the lines that there would be if this Monday were a closed day; the lines by booking."""
        now, monday, lines = self._night.clock.now(), date(2026, 11, 30), {}
        for each in await self._night.rows(Booking, id=OneOf(tuple(booking.id for booking in bookings))):
            call = CareCall(
                f"call-{each.id}", each.network_id, each.id, monday, CareState.OPEN, now,
                next_step=CareStep.OVERDUE, next_action_at=local("2026-11-30 18:00"),
            )  # fmt: skip
            lines[each.id] = f"line-{each.id}"
            line = WeekendLine(
                lines[each.id],
                each.network_id,
                each.case_id,
                each.id,
                monday,
                LineReason.ENDS_TODAY,
                monday,
                now,
            )
            await self._night.add(call, line)
        return lines

    async def alike(self, desk: str) -> tuple[str, str, str]:
        """Two references that may be one person, and a merge of two others."""
        four = [await self._known(desk, birth_year=1970 + n // 2) for n in range(4)]
        actor = await self._night.actor("coordinator" if desk == "calltaker" else "far_coordinator")
        ask = MergeAsk(four[2].persons[0], four[3].persons[0])
        merged = await self._night.app.merges.merge(actor, self._night.op(), ask)
        return four[0].persons[0], four[1].persons[0], merged.id

    async def _known(self, desk: str, birth_year: int) -> RequestAnswer:
        known = PersonAsk(identity=IdentityAsk("An", "Canary-Maes", None, birth_year))
        return await self._night.request(desk, kind=RequestKind.CONFLICT, persons=(known,))


def more_records() -> list[list[object]]:
    """More units, a calltaker who is off, and a second network."""
    nothing, first, last = Secret(""), datetime(2026, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)
    colleagues: list[tuple[str, Role, str | None, str]] = [("calltaker_off", Role.CALLTAKER, "caw", "net")]
    colleagues += [(*each, "far") for each in FAR.values()]
    units = [
        *(("net", f"more-{n}", "ocmw_wielsbeke", WIELSBEKE) for n in range(1, 13)),
        *(("far", f"far-{n}", "far_ocmw", WIELSBEKE) for n in range(1, 5)),
    ]
    return [
        [Network("far", "Ander netwerk", "AN", "056 00 00 00", "far_caw", 1)],
        [PolicyVersion("far-1", "far", 1, {}, "", None, LOADED_AT)],
        [
            Organisation("far_police", "far", OrganisationKind.POLICE, "Politie elders", None),
            Organisation("far_caw", "far", OrganisationKind.CAW, "CAW elders", None),
            Organisation("far_ocmw", "far", OrganisationKind.OCMW, "OCMW elders", WIELSBEKE),
        ],
        [Membership("far-m", "far", WIELSBEKE, "far_ocmw"), Membership("far-m2", "far", INGELMUNSTER, None)],
        [Colleague(name, net, home, name, Secret("X"), nothing) for name, _, home, net in colleagues],
        [RoleGrant(f"{name}:{role}", name, role) for name, role, _, _ in colleagues],
        [DutyShift("far-shift", "far", Duty.CALLTAKER, "far_calltaker", first, last)],
        [
            Unit(
                each,
                owner,
                nis,
                each,
                UnitKind.EMERGENCY_DWELLING,
                UnitSource.POOL,
                4,
                confirmed_at=LOADED_AT,
            )
            for _, each, owner, nis in units
        ],
        [UnitNetwork(f"{net}:{each}", each, net) for net, each, _, _ in units],
        [
            UnitAccess(each, Secret("canary-far"), nothing, nothing, nothing, nothing)
            for _, each, _, _ in units
        ],
    ]
