"""The composition root: the only file that picks adapters and puts the services together."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import structlog

from crisispool.adapters import data_folder
from crisispool.adapters.clock import TRAINING_CLOCK, SystemClock, TrainingClock
from crisispool.adapters.crypto import Keys, load_or_create
from crisispool.adapters.embedded import embedded_redis
from crisispool.adapters.faults import POINTS, Fault, FaultyStore, faulty_pool
from crisispool.adapters.holidays_be import LegalHolidays
from crisispool.adapters.random_ids import RandomIds
from crisispool.adapters.redis_pool import RedisPool, connect
from crisispool.adapters.smtp import Smtp
from crisispool.adapters.sql_engine import at_sqlite, make_engine, migrate
from crisispool.adapters.sql_store import SqlStore
from crisispool.domain.errors import Conflict, Outage
from crisispool.domain.record import SetUp
from crisispool.ports import Clock, Ids, LivePool, Mailer, Store, Vault
from crisispool.services.accounts import Accounts
from crisispool.services.availability import Availability
from crisispool.services.bookings import Bookings
from crisispool.services.care import Care
from crisispool.services.chat import Chat
from crisispool.services.checkup import CheckUp
from crisispool.services.closing_days import ClosingDays
from crisispool.services.duty import DutyDesk
from crisispool.services.errands import Errands
from crisispool.services.errands_by_day import errands_by_day
from crisispool.services.facts import Facts
from crisispool.services.handover_rows import HandoverRows
from crisispool.services.handovers import Handovers
from crisispool.services.holds import Holds
from crisispool.services.identities import Identities
from crisispool.services.intake import Intake
from crisispool.services.invariants import Invariants
from crisispool.services.live_view import LiveView
from crisispool.services.mail.acting import ServicePages
from crisispool.services.mail.bounces import Bounces
from crisispool.services.mail.sending import MailRounds
from crisispool.services.merges import Merges
from crisispool.services.messages import Messages
from crisispool.services.messenger.counted import Counted
from crisispool.services.messenger.inbox import Inbox
from crisispool.services.messenger.invitations import Invitations
from crisispool.services.messenger.links import MessengerLinks
from crisispool.services.messenger.reception import Reception
from crisispool.services.messenger.replies import Replies
from crisispool.services.moves import Moves
from crisispool.services.networks import Networks
from crisispool.services.operations import Operations
from crisispool.services.pages import Pages
from crisispool.services.parts import Parts
from crisispool.services.persons import Persons
from crisispool.services.readmission import Readmissions
from crisispool.services.regions import RegionFiles
from crisispool.services.stay_talk import StayTalk
from crisispool.services.stays import Stays
from crisispool.services.stays_as import StaysAs
from crisispool.services.sweep import Sweep
from crisispool.services.tonight import Tonight
from crisispool.services.training import Training
from crisispool.services.units import Units
from crisispool.services.watch import Watch
from crisispool.services.weekend import Weekend
from crisispool.services.without_jobs import WithoutJobs
from crisispool.settings import Settings, SettingsError
from crisispool.texts.render import render

DATABASE: Final = "crisispool.db"
MODE: Final = "mode"
ADDRESS: Final = "public_url"
SET_UP: Final = "set_up"
TRAINING, PRODUCTION = "training", "production"
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})

log = structlog.get_logger(__name__)


class WrongSetUp(SettingsError):
    """This set-up is not for that: `code` is stable, the message is its Dutch sentence with what to do."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(render(f"set_up.{code}", facts))
        self.code = code


@dataclass(frozen=True)
class App:
    """Everything that front ends and jobs work with. `training` is None in production, `mailer` and `mail` where
    no mail server is set."""

    settings: Settings
    store: Store
    pool: LivePool
    clock: Clock
    ids: Ids
    vault: Vault
    legal_holidays: LegalHolidays
    facts: Facts
    view: LiveView
    accounts: Accounts
    intake: Intake
    checkup: CheckUp
    availability: Availability
    holds: Holds
    bookings: Bookings
    stays: Stays
    moves: Moves
    stays_as: StaysAs
    readmissions: Readmissions
    merges: Merges
    closing_days: ClosingDays
    care: Care
    weekend: Weekend
    identities: Identities
    units: Units
    duty: DutyDesk
    handovers: Handovers
    pages: Pages
    service_pages: ServicePages
    mailer: Mailer | None
    mail: MailRounds | None
    bounces: Bounces
    messages: Messages
    stay_talk: StayTalk
    chat: Chat
    invitations: Invitations
    messenger_links: MessengerLinks
    reception: Reception
    inbox: Inbox
    counted: Counted
    regions: Networks
    region_files: RegionFiles
    sweep: Sweep
    invariants: Invariants
    watch: Watch
    tonight: Tonight
    training: Training | None
    training_clock: TrainingClock | None


@asynccontextmanager
async def open_app(
    settings: Settings,
    *,
    training: bool | None = None,
    create: bool = False,
    begin: datetime | None = None,
    jobs: bool = True,
    serving: bool = False,
) -> AsyncIterator[App]:
    """The set-up of these settings, for as long as the block runs.

    `training`: which mode it must have, None for whichever it has. `create`: make one for production when it
    is not there yet; a training is made by asking for it. `begin` is where the clock of a new training starts.
    `jobs`: whether this process does what falls due. `serving`: others find the web server at the address of
    these settings. Errors: `WrongSetUp`, `SettingsError`, `Outage`.
    """
    async with AsyncExitStack() as stack:
        _refuse_outside(settings, training)
        _fault(settings, training)
        new = not data_folder.is_used(settings.data_dir)
        _prepare_folder(settings, training, create or bool(training))
        stack.enter_context(data_folder.in_use(settings.data_dir))
        keys = Keys.of(settings.secret_keys) if settings.secret_keys else load_or_create(settings.data_dir)
        engine = make_engine(settings.database_url or at_sqlite(settings.data_dir / DATABASE))
        record = SqlStore(engine, keys)
        stack.push_async_callback(record.close)
        await migrate(engine)
        try:
            in_training = await _mode(record, settings, training, create)
        except WrongSetUp:
            if new:
                data_folder.unmark(settings.data_dir)
            raise
        _check_mark(settings, in_training, may_mark=new or bool(training))
        _refuse_outside(settings, in_training)
        fault = _fault(settings, in_training)
        await record.check_keys()
        store = FaultyStore(record, fault) if fault else record
        settings = await _with_address(store, settings, serving)
        pool = await _pool(stack, store, settings)
        pool = faulty_pool(pool, fault) if fault else pool
        clock = await _training_clock(stack, store, begin) if in_training else None
        yield assemble(settings, store, pool, clock or SystemClock(), keys, training_clock=clock, jobs=jobs)


def _refuse_outside(settings: Settings, training: bool | None) -> None:
    """A training tells nobody in the world anything."""
    if not training:
        return
    if settings.telegram_token and urlsplit(settings.telegram_api_url).hostname not in LOOPBACK:
        raise WrongSetUp("real_bot")
    if settings.smtp_url and urlsplit(settings.smtp_url).hostname not in LOOPBACK:
        raise WrongSetUp("real_mail")


def _mailer(settings: Settings) -> Mailer | None:
    """The mail server, where one is set."""
    if settings.smtp_url is None:
        return None
    if settings.mail_from is None:
        raise WrongSetUp("mail_from_missing")
    return Smtp(settings.smtp_url, settings.mail_from, settings.mail_bounces)


def _fault(settings: Settings, training: bool | None) -> Fault | None:
    """Where this process is to end itself. Nobody may ask that of the real thing."""
    if settings.fault is None:
        return None
    if training is False:
        raise WrongSetUp("fault_in_production")
    try:
        return Fault.of(settings.fault)
    except ValueError:
        raise WrongSetUp("fault_unknown", point=settings.fault, known=", ".join(POINTS)) from None


def _prepare_folder(settings: Settings, training: bool | None, make: bool) -> None:
    folder = settings.data_dir
    # In this order: a mark that another process sets meanwhile is seen.
    used = data_folder.is_used(folder)
    marked = data_folder.is_marked(folder)
    if training and used and not marked:
        raise WrongSetUp("not_a_training", folder=folder)
    if training is False and marked:
        raise WrongSetUp("is_a_training", folder=folder)
    if not make and settings.database_url is None and not (folder / DATABASE).exists():
        raise WrongSetUp("none", folder=folder)
    data_folder.make_private(folder)
    if training and (settings.database_url is None or not used):
        # First of all: whoever finds a half-made training must see that it is one.
        data_folder.mark(folder)


def _check_mark(settings: Settings, in_training: bool, *, may_mark: bool) -> None:
    """The mark decides what may be thrown away, so it must say the same as the record."""
    folder = settings.data_dir
    if in_training and may_mark:
        data_folder.mark(folder)
    if in_training is not data_folder.is_marked(folder):
        code = "mark_missing" if in_training else "mark_wrong"
        raise WrongSetUp(code, folder=folder, mark=data_folder.MARK)


async def _mode(store: Store, settings: Settings, training: bool | None, create: bool) -> bool:
    """Whether this set-up is a training; said once, at its first use."""
    folder = settings.data_dir
    async with store.reading() as tx:
        row = await tx.get(SetUp, MODE)
    if row is None:
        if not training and not create:
            raise WrongSetUp("none", folder=folder)
        row = await _said_once(store, SetUp(MODE, TRAINING if training else PRODUCTION))
    found = row.value == TRAINING
    if training is not None and training is not found:
        raise WrongSetUp("is_a_training" if found else "not_a_training", folder=folder)
    return found


async def _with_address(store: Store, settings: Settings, serving: bool) -> Settings:
    """Where people reach the web server: the one that serves says so, commands beside it find it."""
    if not serving:
        async with store.reading() as tx:
            row = await tx.get(SetUp, ADDRESS)
        return replace(settings, public_url=row.value) if row else settings
    said = SetUp(ADDRESS, settings.public_url)
    if await _said_once(store, said) != said:
        async with store.transaction() as tx:
            await tx.save(said)
    return settings


async def _pool(stack: AsyncExitStack, store: Store, settings: Settings) -> LivePool:
    """The live view. Its server may be away: the record answers, slower, until it comes."""
    if settings.redis_url is not None:
        client = connect(settings.redis_url)
    else:
        client = connect(await stack.enter_async_context(embedded_redis(settings.data_dir)))
    pool = RedisPool(client, (await _said_once(store, SetUp(SET_UP, RandomIds().new()))).value)
    stack.push_async_callback(pool.close)
    return pool


async def _said_once(store: Store, row: SetUp) -> SetUp:
    """What the record says under this key: the first to say something is right."""
    async with store.reading() as tx:
        known = await tx.get(SetUp, row.key)
    if known is not None:
        return known
    try:
        async with store.transaction() as tx:
            await tx.add(row)
    except Conflict:
        async with store.reading() as tx:
            return await tx.get(SetUp, row.key) or row
    return row


async def _training_clock(stack: AsyncExitStack, store: Store, begin: datetime | None) -> TrainingClock:
    async with store.reading() as tx:
        known = await tx.get(SetUp, TRAINING_CLOCK)
    if begin is None and known is None:
        raise WrongSetUp("region_missing")
    clock = TrainingClock(store)
    await clock.start(begin or SystemClock().now())

    async def note_the_end() -> None:
        with suppress(Outage):
            await clock.seen()

    stack.push_async_callback(note_the_end)
    return clock


def assemble(
    settings: Settings,
    store: Store,
    pool: LivePool,
    clock: Clock,
    keys: Keys,
    *,
    training_clock: TrainingClock | None = None,
    jobs: bool = True,
) -> App:
    """The services over these adapters; tests bring a clock of their own."""
    ids, holidays = RandomIds(), LegalHolidays()
    facts = Facts(holidays)
    view = LiveView(pool, store, facts)
    operations = Operations(store, keys)
    parts = Parts(store, clock, ids, keys, facts, view, operations)
    persons = Persons(ids, keys)
    accounts, duty = Accounts(store, clock, ids), DutyDesk(store, clock, facts)
    intake, checkup = Intake(parts, persons, duty), CheckUp(parts)
    availability = Availability(parts)
    holds, bookings = Holds(parts, duty), Bookings(parts, duty)
    stays, moves = Stays(parts), Moves(parts, availability)
    identities, units, messages = Identities(parts, persons), Units(parts), Messages(parts)
    rows = HandoverRows(parts)
    handovers, sweep = Handovers(parts, rows), Sweep(parts, rows, duty)
    pages = Pages(parts, identities, settings.public_url)
    talk = StayTalk(parts, duty)
    stays_as = StaysAs(parts)
    weekend = Weekend(parts, availability)
    care = Care(parts, stays)
    by_day = errands_by_day(parts, units, stays, stays_as, bookings, handovers, availability, weekend, care)
    invitations = Invitations(parts)
    errands = Errands(
        parts, intake, checkup, availability, holds, bookings, stays, moves, pages, talk, by_day,
        invitations,
    )  # fmt: skip
    chat = Chat(parts, errands, duty, messages)
    inbox = Inbox(parts, Replies(parts, chat))
    invariants = Invariants(store, keys, view, facts)
    mailer = _mailer(settings)
    training = None
    if training_clock is not None:
        training = Training(training_clock, sweep if jobs else WithoutJobs(view), operations)
    return App(
        settings=settings,
        store=store,
        pool=pool,
        clock=clock,
        ids=ids,
        vault=keys,
        legal_holidays=holidays,
        facts=facts,
        view=view,
        accounts=accounts,
        intake=intake,
        checkup=checkup,
        availability=availability,
        holds=holds,
        bookings=bookings,
        stays=stays,
        moves=moves,
        stays_as=stays_as,
        readmissions=Readmissions(parts),
        merges=Merges(parts),
        closing_days=ClosingDays(parts),
        care=care,
        weekend=weekend,
        identities=identities,
        units=units,
        duty=duty,
        handovers=handovers,
        pages=pages,
        service_pages=ServicePages(parts, errands, messages, units),
        mailer=mailer,
        mail=MailRounds(parts, mailer, settings.public_url) if mailer else None,
        bounces=Bounces(parts),
        messages=messages,
        stay_talk=talk,
        chat=chat,
        invitations=invitations,
        messenger_links=MessengerLinks(parts),
        reception=Reception(parts, inbox),
        inbox=inbox,
        counted=Counted(),
        regions=Networks(parts),
        region_files=RegionFiles(store, clock, facts, ids, training=training is not None),
        sweep=sweep,
        invariants=invariants,
        watch=Watch(invariants),
        tonight=Tonight(store, facts, holidays),
        training=training,
        training_clock=training_clock,
    )
