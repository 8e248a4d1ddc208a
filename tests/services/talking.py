"""A small network in a real record, and its talks with the real services behind them."""

from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from typing import Any

from crisispool.adapters.crypto import Keys
from crisispool.adapters.holidays_be import LegalHolidays
from crisispool.adapters.random_ids import RandomIds
from crisispool.adapters.sql_store import SqlStore
from crisispool.conversations.engine import EVERYWHERE
from crisispool.conversations.intents import Intent
from crisispool.domain.duty import FallbackPlace
from crisispool.domain.organisation import (
    Actor,
    Colleague,
    Membership,
    Municipality,
    Network,
    Organisation,
    OrganisationKind,
    PolicyVersion,
    Role,
    RoleGrant,
)
from crisispool.domain.record import ChatSession
from crisispool.domain.secret import Secret
from crisispool.domain.unit import Unit, UnitAccess, UnitKind, UnitNetwork, UnitSource
from crisispool.ports import LivePool
from crisispool.services.accounts import Accounts
from crisispool.services.answers import ScreenAnswer
from crisispool.services.availability import Availability
from crisispool.services.bookings import Bookings
from crisispool.services.care import Care
from crisispool.services.chat import Chat
from crisispool.services.checkup import CheckUp
from crisispool.services.duty import DutyDesk
from crisispool.services.errands import Errands
from crisispool.services.errands_by_day import errands_by_day
from crisispool.services.errands_of_duty import ErrandsOfDuty
from crisispool.services.facts import Facts
from crisispool.services.handover_rows import HandoverRows
from crisispool.services.handovers import Handovers
from crisispool.services.holds import Holds
from crisispool.services.identities import Identities
from crisispool.services.intake import Intake
from crisispool.services.languages import Languages
from crisispool.services.live_view import LiveView
from crisispool.services.messages import Messages
from crisispool.services.messenger.invitations import Invitations
from crisispool.services.moves import Moves
from crisispool.services.operations import Operations
from crisispool.services.pages import Pages
from crisispool.services.parts import Parts
from crisispool.services.persons import Persons
from crisispool.services.referring import Referring
from crisispool.services.roster_gaps import RosterGaps
from crisispool.services.rosters import Rosters
from crisispool.services.shifts import Shifts
from crisispool.services.sign_in.ceremony import site_of
from crisispool.services.stay_talk import StayTalk
from crisispool.services.stays import Stays
from crisispool.services.stays_as import StaysAs
from crisispool.services.sweep import Sweep
from crisispool.services.units import Units
from crisispool.services.weekend import Weekend
from tests.support.clock import SteppingClock

NOW = datetime(2026, 11, 28, 1, 4, tzinfo=UTC)
AFTERNOON = datetime(2026, 11, 27, 15, 10, tzinfo=UTC)
TOWNS = (("36008", "Izegem"), ("36007", "Ingelmunster"), ("37017", "Wielsbeke"))


class Killed(BaseException):
    """The program was stopped here."""


@dataclass(frozen=True)
class Breakable(Errands):
    """The same errands, with a plan of what goes wrong: before or after the nth of them."""

    plan: dict[tuple[str, int], BaseException]
    done: list[str]

    async def carry_out(self, actor: Actor, operation_id: str, intent: Intent) -> Any:
        """Fail as planned, once."""
        number = len(self.done)
        self.done.append(type(intent).__name__)
        if trouble := self.plan.pop(("before", number), None):
            raise trouble
        answer = await super().carry_out(actor, operation_id, intent)
        if trouble := self.plan.pop(("after", number), None):
            raise trouble
        return answer


@dataclass
class Desk:
    """The network, its clock, and everybody's chat."""

    store: SqlStore
    clock: SteppingClock
    accounts: Accounts
    errands: Breakable
    chat: Chat
    sweep: Sweep
    intake: Intake

    async def actor(self, name: str) -> Actor:
        """A colleague as an asker."""
        found = await self.accounts.actor_of(name)
        assert found is not None
        return found

    async def say(self, name: str, *lines: str) -> ScreenAnswer:
        """Lines one after the other; the last screen. Who comes for the first time looks first."""
        answers: list[ScreenAnswer] = []
        if not await self.every(ChatSession, id=name):
            await self.chat.say(await self.actor(name), "")
        for line in lines or ("",):
            answers = await self.chat.say(await self.actor(name), line)
        return answers[-1]

    async def choose(self, name: str, choice_id: str) -> ScreenAnswer:
        """A tap; the last screen."""
        return (await self.chat.choose(await self.actor(name), choice_id))[-1]

    async def every(self, kind: type[Any], **where: Any) -> list[Any]:
        """The records of a kind."""
        async with self.store.reading() as tx:
            return await tx.find(kind, **where)


async def desk(store: SqlStore, keys: Keys, pool: LivePool, *, units: int = 3) -> Desk:
    """The network on Saturday 28 November, 02:04, with so many free units."""
    async with store.transaction() as tx:
        for records in _records(units):
            await tx.add(*records)
    return desk_of(store, keys, pool)


def desk_of(store: SqlStore, keys: Keys, pool: LivePool) -> Desk:
    """The talks of a network that is in the record already; it is 02:04."""
    clock, ids = SteppingClock(NOW), RandomIds()
    facts = Facts(LegalHolidays())
    view = LiveView(pool, store, facts)
    parts = Parts(store, clock, ids, keys, facts, view, Operations(store, keys))
    persons = Persons(ids, keys)
    accounts, duty = Accounts(store, clock, ids), DutyDesk(store, clock, facts)
    availability, rows, messages = Availability(parts), HandoverRows(parts), Messages(parts)
    intake = Intake(parts, persons, duty)
    pages = Pages(parts, Identities(parts, persons), "http://localhost:8080")
    stays, bookings = Stays(parts), Bookings(parts, duty)
    handovers, weekend = Handovers(parts, rows), Weekend(parts, availability)
    care = Care(parts, stays)
    by_day = errands_by_day(
        parts, Units(parts), stays, StaysAs(parts), bookings, handovers, availability, weekend, care
    )
    errands = Breakable(
        parts=parts,
        intake=intake,
        checkup=CheckUp(parts),
        availability=availability,
        holds=Holds(parts, duty),
        bookings=bookings,
        stays=stays,
        moves=Moves(parts, availability),
        pages=pages,
        stay_talk=StayTalk(parts, duty),
        by_day=by_day,
        invitations=Invitations(parts, site_of("http://localhost:8080")),
        languages=Languages(parts),
        referring=Referring(parts),
        of_duty=ErrandsOfDuty(Shifts(parts), Rosters(parts), RosterGaps(parts)),
        plan={},
        done=[],
    )
    assert {each.name for each in fields(Errands)} <= set(vars(errands))
    chat = Chat(parts, errands, duty, messages)
    return Desk(store, clock, accounts, errands, chat, Sweep(parts, rows, duty), intake)


def _records(units: int) -> list[list[object]]:
    towns = [Municipality(nis, name, 10_000, 50.9 + n / 100, 3.2) for n, (nis, name) in enumerate(TOWNS)]
    ocmws = [
        Organisation(f"ocmw-{nis}", "net", OrganisationKind.OCMW, f"OCMW {name}", nis) for nis, name in TOWNS
    ]
    made = [
        Unit(
            f"u-{n}", "ocmw-36008", "36008", f"Woning {n}", UnitKind.CRISIS_DWELLING, UnitSource.POOL, 4,
            confirmed_at=AFTERNOON,
        )
        for n in range(1, units + 1)
    ]  # fmt: skip
    return [
        [*towns],
        [Network("net", "Crisisnetwerk", "IZ", "+32 51 00 00 00", "caw", 1, training=True)],
        [PolicyVersion("pv-1", "net", 1, {}, "stuurgroep", None, NOW)],
        [
            Organisation("police", "net", OrganisationKind.POLICE, "Politiezone A", None),
            Organisation("caw", "net", OrganisationKind.CAW, "CAW", None),
            *ocmws,
        ],
        [Membership(f"m-{nis}", "net", nis, f"ocmw-{nis}") for nis, _ in TOWNS],
        [FallbackPlace("f-1", "net", "night_shelter", "Nachtopvang", "+32 51 00 00 09", None, 1)],
        [each for name, role, home in PEOPLE for each in _person(name, role, home)],
        [*made],
        [UnitNetwork(f"un-{unit.id}", unit.id, "net") for unit in made],
        [
            UnitAccess(unit.id, Secret("Sterrenlaan 7"), Secret("4711"), Secret(""), Secret(""), Secret(""))
            for unit in made
        ],
    ]


PEOPLE = (
    ("referrer", Role.REFERRER, "police"),
    ("calltaker", Role.CALLTAKER, "caw"),
    ("calltaker_2", Role.CALLTAKER, "caw"),
    ("unit_manager", Role.UNIT_MANAGER, "ocmw-36008"),
    ("support_worker", Role.SUPPORT_WORKER, "ocmw-36007"),
    ("coordinator", Role.COORDINATOR, "caw"),
    ("council", Role.COUNCIL, None),
    ("admin", Role.ADMIN, None),
)

FIRE = (
    "Nieuwe vraag", "Politie", "Nee", "Ouder + 2 kinderen", "Ingelmunster", "Brand, water of woning afgesloten",
    "Nee", "Niets hiervan", "In dezelfde gemeente", "Nee", "Bed en contact", "Niets bijzonders", "1", "Boek",
)  # fmt: skip
"""The fire case, from the menu to the booking."""


def own_choices(screen: ScreenAnswer) -> list[str]:
    """The labels of a screen, without what is at every screen."""
    return [
        c["label"] for c in screen.choices if not c["id"].endswith(tuple(f".{word}" for word in EVERYWHERE))
    ]


def _person(name: str, role: Role, home: str | None) -> tuple[object, object]:
    created = NOW - timedelta(days=30)
    colleague = Colleague(name, "net", home, name, Secret("X"), Secret("+32 51 00 00 08"), created_at=created)
    return colleague, RoleGrant(f"{name}:{role}", name, role)


FRIDAY = date(2026, 11, 27)
