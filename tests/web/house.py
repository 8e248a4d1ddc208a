"""One booking in a real record, and the real services behind the pages."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

from crisispool.adapters.crypto import Keys
from crisispool.adapters.holidays_be import LegalHolidays
from crisispool.adapters.random_ids import RandomIds
from crisispool.adapters.sql_store import SqlStore
from crisispool.domain.booking import Booking, BookingPerson, BookingState
from crisispool.domain.handover import Case, Handover, HandoverRecipient, HandoverState
from crisispool.domain.household import Person
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
from crisispool.domain.record import AuditEntry
from crisispool.domain.request import Request, RequestKind, RequestNote, RequestState
from crisispool.domain.secret import Secret
from crisispool.domain.unit import Unit, UnitAccess, UnitKind, UnitNetwork, UnitSource
from crisispool.ports import LivePool
from crisispool.services.accounts import Accounts
from crisispool.services.facts import Facts
from crisispool.services.identities import Identities
from crisispool.services.live_view import LiveView
from crisispool.services.messenger.counted import Counted
from crisispool.services.messenger.figures import DeliveryFigures
from crisispool.services.networks import Networks
from crisispool.services.operations import Operations
from crisispool.services.pages import Pages
from crisispool.services.parts import Parts
from crisispool.services.persons import Persons
from crisispool.services.sign_in.ceremony import site_of
from tests.support.clock import SteppingClock

NOW = datetime(2026, 11, 28, 1, 4, tzinfo=UTC)
FRIDAY = date(2026, 11, 27)
ADDRESS = "Sterrenlaan 7, 8870 Izegem"
KEY = "Sleutelkluis links, code 4711"
BACKUP = "+32 470 00 00 01"


@dataclass
class House:
    """The record and what serves the pages."""

    store: SqlStore
    clock: SteppingClock
    pages: Pages
    app: SimpleNamespace

    async def actor(self, colleague_id: str) -> Actor:
        """A colleague as an asker."""
        found: Actor | None = await self.app.accounts.actor_of(colleague_id)
        assert found is not None
        return found

    async def path(self, colleague_id: str, purpose: str, subject_id: str, operation_id: str = "op-1") -> str:
        """The path of a fresh page of this colleague."""
        link = await self.pages.link(await self.actor(colleague_id), operation_id, purpose, subject_id)
        return link.url.removeprefix("http://localhost:8080")

    async def audited(self, action: str) -> list[AuditEntry]:
        """The entries of the audit chain with this action."""
        async with self.store.reading() as tx:
            return await tx.find(AuditEntry, action=action)

    async def notes(self) -> list[RequestNote]:
        """What was written about the request."""
        async with self.store.reading() as tx:
            return await tx.find(RequestNote)

    async def change(self, **fields: object) -> None:
        """Something else happened to the booking."""
        async with self.store.transaction() as tx:
            booking = await tx.get(Booking, "b-1")
            assert booking is not None
            await tx.save(replace(booking, version=booking.version + 1, **fields))  # type: ignore[arg-type]


async def house(
    store: SqlStore, keys: Keys, pool: LivePool, *, kind: RequestKind = RequestKind.CONFLICT
) -> House:
    """A household in a unit in Izegem since Friday, its case handed to the CAW on Monday."""
    async with store.transaction() as tx:
        for records in _records(kind):
            await tx.add(*records)
    clock, ids = SteppingClock(NOW), RandomIds()
    facts = Facts(LegalHolidays())
    accounts = Accounts(store, clock, ids)
    view = LiveView(pool, store, facts)
    parts = Parts(store, clock, ids, keys, facts, view, Operations(store, keys))
    settings = SimpleNamespace(public_url="http://localhost:8080")
    pages = Pages(parts, Identities(parts, Persons(ids, keys)), settings.public_url)
    app = SimpleNamespace(
        accounts=accounts,
        pages=pages,
        clock=clock,
        settings=settings,
        passkeys=SimpleNamespace(site=site_of(settings.public_url)),
        training=None,
        store=store,
        pool=pool,
        regions=Networks(parts),
        counted=Counted(),
        delivery_figures=DeliveryFigures(parts),
    )
    return House(store, clock, pages, app)


def _records(kind: RequestKind) -> list[list[object]]:
    unit = Unit("u-1", "ocmw", "36008", "Studio 4", UnitKind.CRISIS_DWELLING, UnitSource.POOL, 4)
    booking = Booking(
        "b-1", "net", "c-1", "r-1", "u-1", "IZ-7F3K", FRIDAY, FRIDAY + timedelta(days=3),
        BookingState.BOOKED, 1, "calltaker", NOW,
    )  # fmt: skip
    request = Request(
        id="r-1",
        network_id="net",
        reference="R-4KTM",
        kind=kind,
        adults=1,
        children=1,
        ages=(6,),
        origin="36008",
        whereabouts="36008",
        needs=(),
        avoid=(),
        referrer_kind="police",
        referrer_organisation_id="police",
        created_by="referrer",
        created_at=NOW,
        night=FRIDAY,
        state=RequestState.BOOKED,
        contact_consent=True,
        language="nl",
    )
    due = datetime(2026, 11, 30, 7, tzinfo=UTC)
    handover = Handover("h-1", "net", "c-1", HandoverState.DELIVERED, due, due, "caw")
    access = UnitAccess(
        "u-1", Secret(ADDRESS), Secret(KEY), Secret(BACKUP), Secret("+32 470 00 00 02"), Secret("")
    )
    return [
        [Municipality("36008", "Izegem", 28322, 50.9, 3.2)],
        [Network("net", "Crisisnetwerk", "IZ", "+32 51 00 00 00", "caw", 1, training=True)],
        [PolicyVersion("pv-1", "net", 1, {}, "stuurgroep", None, NOW)],
        [
            Organisation("police", "net", OrganisationKind.POLICE, "Politie", None),
            Organisation("ocmw", "net", OrganisationKind.OCMW, "OCMW Izegem", "36008"),
            Organisation("caw", "net", OrganisationKind.CAW, "CAW", None),
        ],
        [Membership("m-1", "net", "36008", "ocmw")],
        [each for name, role, home in PEOPLE for each in _person(name, role, home)],
        [unit],
        [access, UnitNetwork("un-1", "u-1", "net")],
        [request],
        [Person("p-1", "net", "r-1", "p-1", True, 0), Person("p-2", "net", "r-1", "p-2", False, 1, 6)],
        [Case("c-1", "net", "r-1", "IZ-7F3K", FRIDAY, due, True, NOW)],
        [booking],
        [BookingPerson("b-1", "p-1"), BookingPerson("b-1", "p-2")],
        [handover],
        [HandoverRecipient("hr-1", "h-1", "caw", True, date(2026, 11, 30), due, due)],
    ]


PEOPLE = (
    ("referrer", Role.REFERRER, "police"),
    ("calltaker", Role.CALLTAKER, "caw"),
    ("calltaker_2", Role.CALLTAKER, "caw"),
    ("unit_manager", Role.UNIT_MANAGER, "ocmw"),
    ("support_worker", Role.SUPPORT_WORKER, "caw"),
    ("coordinator", Role.COORDINATOR, None),
)


def _person(name: str, role: Role, home: str | None) -> tuple[object, object]:
    colleague = Colleague(name, "net", home, name, Secret("X"), Secret(""), created_at=NOW)
    return colleague, RoleGrant(f"{name}:{role}", name, role)
