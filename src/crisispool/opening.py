"""Opens a set-up: the only file that picks adapters, from the settings."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from crisispool.adapters import data_folder
from crisispool.adapters.clock import TRAINING_CLOCK, SystemClock, TrainingClock
from crisispool.adapters.crypto import Keys, load_or_create
from crisispool.adapters.embedded import embedded_redis
from crisispool.adapters.faults import Fault, FaultyMailer, FaultyStore, faulty_pool
from crisispool.adapters.oidc import OidcProviders
from crisispool.adapters.oidc_file import OidcFileWrong, read_providers
from crisispool.adapters.random_ids import RandomIds
from crisispool.adapters.redis_bell import RedisBell
from crisispool.adapters.redis_pool import RedisPool, connect
from crisispool.adapters.smtp import Smtp
from crisispool.adapters.sql_engine import at_sqlite, make_engine, migrate
from crisispool.adapters.sql_store import SqlStore
from crisispool.app import App, assemble
from crisispool.domain.errors import Outage
from crisispool.domain.record import SetUp
from crisispool.ports import LivePool, Mailer, Store
from crisispool.set_up import (
    DATABASE,
    LOOPBACK,
    WrongSetUp,
    check_mark,
    fault_of,
    mode_of,
    prepare_folder,
    refuse_outside,
    said_once,
    with_address,
)
from crisispool.settings import Settings

SET_UP: Final = "set_up"
"""Under this key the record keeps the name of this set-up in a Redis that several share."""


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
        refuse_outside(settings, training)
        fault_of(settings, training)
        if training is not None:
            _providers(settings, training)
        new = not data_folder.is_used(settings.data_dir)
        prepare_folder(settings, training, create or bool(training))
        stack.enter_context(data_folder.in_use(settings.data_dir))
        keys = Keys.of(settings.secret_keys) if settings.secret_keys else load_or_create(settings.data_dir)
        engine = make_engine(settings.database_url or at_sqlite(settings.data_dir / DATABASE))
        record = SqlStore(engine, keys)
        stack.push_async_callback(record.close)
        await migrate(engine)
        try:
            in_training = await mode_of(record, settings, training, create)
        except WrongSetUp:
            if new:
                data_folder.unmark(settings.data_dir)
            raise
        check_mark(settings, in_training, may_mark=new or bool(training))
        refuse_outside(settings, in_training)
        providers = _providers(settings, in_training)
        fault = fault_of(settings, in_training)
        await record.check_keys()
        store = FaultyStore(record, fault) if fault else record
        settings = await with_address(store, settings, serving)
        pool, bell = await _redis(stack, store, settings)
        record.ring = bell.ring
        pool = faulty_pool(pool, fault) if fault else pool
        clock = await _training_clock(stack, store, begin) if in_training else None
        yield assemble(
            settings,
            store,
            pool,
            clock or SystemClock(),
            keys,
            training_clock=clock,
            jobs=jobs,
            mailer=_mailer(settings, fault),
            bell=bell,
            providers=providers,
        )


def _providers(settings: Settings, in_training: bool) -> OidcProviders:
    """Where organisations let their people sign in. A training asks nobody outside this machine."""
    if settings.oidc_file is None:
        return OidcProviders()
    try:
        clients = read_providers(settings.oidc_file, here_too=in_training)
    except OidcFileWrong as wrong:
        raise WrongSetUp(f"oidc_{wrong.code}", **wrong.facts) from None
    if in_training and not all(urlsplit(each.issuer).hostname in LOOPBACK for each in clients):
        raise WrongSetUp("real_oidc")
    return OidcProviders(clients, here_too=in_training)


def _mailer(settings: Settings, fault: Fault | None) -> Mailer | None:
    """The mail server, where one is set."""
    if settings.smtp_url is None:
        return None
    if settings.mail_from is None:
        raise WrongSetUp("mail_from_missing")
    mailer = Smtp(settings.smtp_url, settings.mail_from, settings.mail_bounces)
    return FaultyMailer(mailer, fault) if fault else mailer


async def _redis(stack: AsyncExitStack, store: Store, settings: Settings) -> tuple[LivePool, RedisBell]:
    """The live view and the bell. Their server may be away: the record answers, slower, until it comes."""
    if settings.redis_url is not None:
        client = connect(settings.redis_url)
    else:
        client = connect(await stack.enter_async_context(embedded_redis(settings.data_dir)))
    set_up = (await said_once(store, SetUp(SET_UP, RandomIds().new()))).value
    pool, bell = RedisPool(client, set_up), RedisBell(client, set_up)
    stack.push_async_callback(pool.close)
    stack.push_async_callback(bell.close)
    return pool, bell


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
