"""What one set-up is: its folder, a training or the real thing, said once in the record; what it refuses to be."""

from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from crisispool.adapters import data_folder
from crisispool.adapters.faults import POINTS, Fault
from crisispool.domain.errors import Conflict
from crisispool.domain.messenger import Channel
from crisispool.domain.record import SetUp
from crisispool.ports import Store
from crisispool.settings import Settings, SettingsError
from crisispool.texts.render import render

DATABASE: Final = "crisispool.db"
MODE: Final = "mode"
ADDRESS: Final = "public_url"
TRAINING, PRODUCTION = "training", "production"
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class WrongSetUp(SettingsError):
    """This set-up is not for that: `code` is stable, the message is its Dutch sentence with what to do."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(render(f"set_up.{code}", facts))
        self.code = code


def refuse_outside(settings: Settings, training: bool | None) -> None:
    """A training tells nobody in the world anything."""
    if not training:
        return
    if settings.telegram_token and urlsplit(settings.telegram_api_url).hostname not in LOOPBACK:
        raise WrongSetUp("real_bot")
    if settings.smtp_url and urlsplit(settings.smtp_url).hostname not in LOOPBACK:
        raise WrongSetUp("real_mail")


def fault_of(settings: Settings, training: bool | None) -> Fault | None:
    """Where this process is to end itself. Nobody may ask that of the real thing."""
    if settings.fault is None:
        return None
    if training is False:
        raise WrongSetUp("fault_in_production")
    try:
        return Fault.of(settings.fault)
    except ValueError:
        raise WrongSetUp("fault_unknown", point=settings.fault, known=", ".join(POINTS)) from None


def prepare_folder(settings: Settings, training: bool | None, make: bool) -> None:
    """The folder is there, private, and of the right kind; a new training is marked before anything is in it."""
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


def check_mark(settings: Settings, in_training: bool, *, may_mark: bool) -> None:
    """The mark decides what may be thrown away, so it must say the same as the record."""
    folder = settings.data_dir
    if in_training and may_mark:
        data_folder.mark(folder)
    if in_training is not data_folder.is_marked(folder):
        code = "mark_missing" if in_training else "mark_wrong"
        raise WrongSetUp(code, folder=folder, mark=data_folder.MARK)


async def mode_of(store: Store, settings: Settings, training: bool | None, create: bool) -> bool:
    """Whether this set-up is a training; said once, at its first use."""
    folder = settings.data_dir
    async with store.reading() as tx:
        row = await tx.get(SetUp, MODE)
    if row is None:
        if not training and not create:
            raise WrongSetUp("none", folder=folder)
        row = await said_once(store, SetUp(MODE, TRAINING if training else PRODUCTION))
    found = row.value == TRAINING
    if training is not None and training is not found:
        raise WrongSetUp("is_a_training" if found else "not_a_training", folder=folder)
    return found


async def with_address(store: Store, settings: Settings, serving: bool) -> Settings:
    """Where people reach the web server: the one that serves says so, commands beside it find it."""
    if not serving:
        async with store.reading() as tx:
            row = await tx.get(SetUp, ADDRESS)
        return replace(settings, public_url=row.value) if row else settings
    said = SetUp(ADDRESS, settings.public_url)
    if await said_once(store, said) != said:
        async with store.transaction() as tx:
            await tx.save(said)
    return settings


async def said_once(store: Store, row: SetUp) -> SetUp:
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


def channels_of(settings: Settings) -> frozenset[Channel]:
    """Over what this set-up tells people anything outside the terminal."""
    has = {Channel.MESSENGER: settings.telegram_token, Channel.MAIL: settings.smtp_url}
    return frozenset(channel for channel, setting in has.items() if setting)
